// CheckAndMutateRow and ReadModifyWriteRow.
#include "tests/gateway/gateway_test.h"

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

namespace hbmux::gateway {
namespace {

using ConditionalCallsTest = GatewayTest;

TEST_F(ConditionalCallsTest, BothBranchesOfACondition) {
  make_table();
  put("r", "state", 1000, "old");
  put("r", "state", 2000, "open");
  bt::CheckAndMutateRowRequest request;
  request.set_table_name(table_name());
  request.set_row_key("r");
  *request.mutable_predicate_filter() = chain({family("f"), qualifier("state"), column_limit(1), value("open")});
  auto& yes = *request.add_true_mutations()->mutable_set_cell();
  yes.set_family_name("f");
  yes.set_column_qualifier("state");
  yes.set_timestamp_micros(3000);
  yes.set_value("closed");
  request.add_false_mutations()->mutable_delete_from_row();
  bt::CheckAndMutateRowResponse response;
  ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok");
  EXPECT_TRUE(response.predicate_matched());
  EXPECT_EQ(row("r"), "r f:state@3000=closed f:state@2000=open f:state@1000=old\n");
  ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok");
  EXPECT_FALSE(response.predicate_matched());
  EXPECT_EQ(row("r"), "");
  request.clear_false_mutations();
  ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok") << "a branch without mutations";
  EXPECT_FALSE(response.predicate_matched());
}

TEST_F(ConditionalCallsTest, AnOlderVersionOrAnEmptyValueMayBeWhatCounts) {
  make_table();
  put("r", "q", 1000, "");
  put("r", "p", 1000, "old");
  put("r", "p", 2000, "new");
  bt::CheckAndMutateRowRequest request;
  request.set_table_name(table_name());
  request.set_row_key("r");
  auto& yes = *request.add_true_mutations()->mutable_set_cell();
  yes.set_family_name("g");
  yes.set_column_qualifier("seen");
  yes.set_value("1");
  bt::CheckAndMutateRowResponse response;
  for (const auto& predicate : {value("old"), chain({qualifier("q"), value("")})}) {
    *request.mutable_predicate_filter() = predicate;
    ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok");
    EXPECT_TRUE(response.predicate_matched());
  }
}

// Who is told that the row was not there owns it: of many at once just one, also through two gateways.
TEST_F(ConditionalCallsTest, OneOfManyInsertsARow) {
  make_table();
  GatewayOptions options;
  options.listen = "127.0.0.1:0";
  options.names = NameRules::parse("i=default").value();
  auto other = Gateway::start(*connection_, options).value();
  GatewayClient other_client(other.address());
  for (int round = 0; round < 20; ++round) {
    const std::string key = "row" + std::to_string(round);
    std::atomic<int> owners = 0;
    std::string owner;
    std::mutex mutex;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        bt::CheckAndMutateRowResponse response;
        GatewayClient& client = i % 2 == 0 ? *client_ : other_client;
        const auto status = client.call(path::kCheckAndMutateRow, insert_if_absent(table_name(), key, std::to_string(i)), response);
        ASSERT_TRUE(status.ok()) << status.error_message();
        if (response.predicate_matched()) return;
        ++owners;
        const std::lock_guard lock(mutex);
        owner = std::to_string(i);
      });
    }
    threads.clear();
    EXPECT_EQ(owners, 1);
    EXPECT_TRUE(row(key).ends_with("=" + owner + "\n")) << row(key);
  }
}

TEST_F(ConditionalCallsTest, IncrementsAndAppends) {
  make_table();
  bt::ReadModifyWriteRowRequest request;
  request.set_table_name(table_name());
  request.set_row_key("r");
  const auto add = [&](const char* qualifier) -> bt::ReadModifyWriteRule& {
    auto& rule = *request.add_rules();
    rule.set_family_name("f");
    rule.set_column_qualifier(qualifier);
    return rule;
  };
  add("n").set_increment_amount(5);
  add("t").set_append_value("ab");
  add("n").set_increment_amount(2);
  bt::ReadModifyWriteRowResponse response;
  ASSERT_EQ(text_of(client_->call(path::kReadModifyWriteRow, request, response)), "ok");
  ASSERT_EQ(response.row().key(), "r");
  ASSERT_EQ(response.row().families_size(), 1);
  EXPECT_EQ(response.row().families(0).columns(0).cells(0).value(), std::string("\0\0\0\0\0\0\0\7", 8));
  EXPECT_EQ(response.row().families(0).columns(1).cells(0).value(), "ab");
  ASSERT_EQ(text_of(client_->call(path::kReadModifyWriteRow, request, response)), "ok");
  EXPECT_EQ(response.row().families(0).columns(0).cells(0).value().back(), '\x0e');
  EXPECT_EQ(response.row().families(0).columns(1).cells(0).value(), "abab");
  put("r", "n", 4102444800000000, "no number");  // the increments' times may be ahead of now
  request.mutable_rules()->Clear();
  add("n").set_increment_amount(1);
  EXPECT_EQ(client_->call(path::kReadModifyWriteRow, request, response).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace hbmux::gateway
