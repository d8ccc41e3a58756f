// A coprocessor endpoint that every HBase has.
#include "client/request_messages.h"
#include "tests/integration/cluster.h"

#include <hbmux/coprocessor_protobuf.h>
#include <hbmux/pb/Client.pb.h>

#include <chrono>
#include <thread>

namespace hbmux::integration {
namespace {

class Endpoint : public ClusterTest {};

// A table with the MultiRowMutationEndpoint: its request without mutations is answered too.
TEST_F(Endpoint, OfATableAnswers) {
  const TableName name = new_name();
  TableDescriptor descriptor(name);
  descriptor.family("f");
  descriptor.values["coprocessor$1"] = "|org.apache.hadoop.hbase.coprocessor.MultiRowMutationEndpoint|536870911|";
  HBMUX_ASSERT_OK(admin().create_table(descriptor));
  auto table = connection().table(name);
  const auto answer = table.coprocessor_service("", {"hbase.pb.MultiRowMutationService", "MutateRows", ""});
  HBMUX_ASSERT_OK(answer);
  EXPECT_EQ(*answer, std::string("\x08\x01", 2));  // processed: true
  const auto unknown = table.coprocessor_service("", {"hbase.pb.MultiRowMutationService", "NoSuchMethod", ""});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().to_string().find("NoSuchMethod"), std::string::npos) << unknown.error();
}

// No server has one by itself: what comes back is that the call was understood.
TEST_F(Endpoint, OfMasterAndServers) {
  const CoprocessorCall call{"hbase.pb.NoSuchService", "Method", ""};
  const auto at_master = admin().coprocessor_service(call);
  ASSERT_FALSE(at_master);
  EXPECT_NE(at_master.error().to_string().find("NoSuchService"), std::string::npos) << at_master.error();
  const auto status = admin().cluster_status();
  HBMUX_ASSERT_OK(status);
  const auto at_server = admin().coprocessor_service(status->live_servers.at(0).name, call);
  ASSERT_FALSE(at_server);
  EXPECT_NE(at_server.error().to_string().find("UnknownProtocolException"), std::string::npos) << at_server.error();
  HBMUX_EXPECT_ERROR(admin().coprocessor_service(CoprocessorCall{"", "Method", ""}), Errc::invalid_argument);
}

// MutateRowsRequest (MultiRowMutation.proto): changes of several rows of a region at once, if all conditions hold.
class ChangesOfRows {
 public:
  template <class M>
  ChangesOfRows& add(const M& mutation) {
    pb::MutationProto message;
    client::fill_any(message, mutation, 0, client::CellPlace::message);
    return append(1, message);
  }
  ChangesOfRows& when(const CheckAndMutate& check) {
    pb::Condition condition;
    client::fill(condition, check);
    return append(5, condition);
  }
  /// Whether it was done.
  Result<bool> run(const Table& table, std::string_view row) const {
    const auto answer = table.coprocessor_service(row, {"hbase.pb.MultiRowMutationService", "MutateRows", bytes_});
    if (!answer) return answer.error();
    EXPECT_TRUE(*answer == std::string("\x08\x01", 2) || *answer == std::string("\x08\x00", 2)) << "processed: true or false";
    return answer->back() == '\1';
  }

 private:
  ChangesOfRows& append(int field, const google::protobuf::MessageLite& message) {
    client::append_field(bytes_, field, message);
    return *this;
  }
  std::string bytes_;
};

TEST_F(Endpoint, ChangesSeveralRowsAtOnce) {
  TableDescriptor descriptor(new_name());
  descriptor.family("f").values["coprocessor$1"] = "|org.apache.hadoop.hbase.coprocessor.MultiRowMutationEndpoint|536870911|";
  HBMUX_ASSERT_OK(admin().create_table(descriptor));
  const auto table = connection().table(descriptor.name);
  const auto put = [](const char* row, const char* value) { return Put(row).add("f", "q", value); };
  const auto left = [&](const char* row) { return text_of(table.get(Get(row)).value()); };
  const std::string one("\0\0\0\0\0\0\0\1", 8), two("\0\0\0\0\0\0\0\2", 8);
  for (const auto& result : table.batch({put("1", "v"), Put("2").add("f", "q", one), put("3", "v")})) HBMUX_ASSERT_OK(result);
  const auto all = ChangesOfRows().add(put("0", "v")).add(Delete("1")).add(Increment("2").add("f", "q", 1)).add(Append("3").add("f", "q", "v")).run(table, "0");
  HBMUX_ASSERT_OK(all);
  EXPECT_TRUE(*all);
  EXPECT_EQ(left("0") + " " + left("1") + " " + left("2") + " " + left("3"), "q=v  q=" + two + " q=vv");

  HBMUX_ASSERT_OK(table.put(Put("c").add("f", "q", "2").add("f", "p", "3")));
  const auto run = [&](const std::vector<CheckAndMutate>& conditions) {
    auto changes = ChangesOfRows().add(put("a", "0")).add(put("b", "1")).add(Delete("c"));
    for (const auto& condition : conditions) changes.when(condition);
    const auto done = changes.run(table, "a");
    EXPECT_TRUE(done) << done.error();
    return done && *done;
  };
  const auto equals = [](const char* row, const char* value) { return CheckAndMutate(row).if_equals("f", "q", value); };
  const auto filter = [](const char* p) {
    return CheckAndMutate("c").if_matches(FilterList({SingleColumnValueFilter("f", "q", CompareOperator::equal, "2"),
                                                      SingleColumnValueFilter("f", "p", CompareOperator::equal, p)}));
  };
  EXPECT_FALSE(run({equals("c", "1")}));
  EXPECT_FALSE(run({CheckAndMutate("b").if_not_exists("f", "q"), equals("c", "1")}));
  EXPECT_FALSE(run({filter("2")}));
  EXPECT_EQ(left("a") + left("b") + left("c"), "p=3 q=2");
  for (const auto& conditions : std::vector<std::vector<CheckAndMutate>>{
           {equals("c", "2")}, {CheckAndMutate("a").if_not_exists("f", "q"), equals("c", "2")}, {filter("3")}}) {
    EXPECT_TRUE(run(conditions));
    EXPECT_EQ(left("a") + left("b") + left("c"), "q=0q=1");
    for (const char* row : {"a", "b"}) HBMUX_ASSERT_OK(table.remove(Delete(row)));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the deletes are of "now"
    HBMUX_ASSERT_OK(table.put(Put("c").add("f", "q", "2").add("f", "p", "3")));
  }
}

TEST_F(Endpoint, MessagesOfProtobuf) {
  pb::TableName name;
  name.set_namespace_("a");
  name.set_qualifier("b");
  const CoprocessorCall call = coprocessor_call("my.Service", "Method", name);
  EXPECT_EQ(call.request, name.SerializeAsString());
  EXPECT_EQ(coprocessor_response<pb::TableName>(Result<std::string>(call.request))->qualifier(), "b");
  HBMUX_EXPECT_ERROR(coprocessor_response<pb::TableName>(Result<std::string>("\xff")), Errc::protocol_error);
}

}  // namespace
}  // namespace hbmux::integration
