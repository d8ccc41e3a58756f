// A coprocessor endpoint that every HBase has.
#include "tests/integration/cluster.h"

#include <hbmux/coprocessor_protobuf.h>
#include <hbmux/pb/Client.pb.h>

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
