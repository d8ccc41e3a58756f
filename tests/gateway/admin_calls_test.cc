// Table admin, over sockets, in front of an embedded cluster.
#include "tests/gateway/gateway_test.h"

#include <hbmux/bt/longrunning/operations.pb.h>

#include <algorithm>
#include <thread>

namespace hbmux::gateway {
namespace {

using AdminCallsTest = GatewayTest;

std::string names_of(const bt::admin::ListTablesResponse& response) {
  std::string out;
  for (const auto& table : response.tables()) out += table.name().substr(table.name().rfind('/') + 1) + " ";
  return out;
}

TEST_F(AdminCallsTest, MakesTellsAndDropsTables) {
  bt::admin::CreateTableRequest create;
  create.set_parent(kParent);
  create.set_table_id("t");
  (*create.mutable_table()->mutable_column_families())["f"].mutable_gc_rule()->set_max_num_versions(2);
  (*create.mutable_table()->mutable_column_families())["all"];
  bt::admin::Table table;
  ASSERT_EQ(text_of(client_->call(path::kCreateTable, create, table)), "ok");
  EXPECT_EQ(client_->call(path::kCreateTable, create, table).error_code(), grpc::StatusCode::ALREADY_EXISTS);
  bt::admin::GetTableRequest get;
  get.set_name(table_name());
  ASSERT_EQ(text_of(client_->call(path::kGetTable, get, table)), "ok");
  EXPECT_EQ(table.granularity(), bt::admin::Table::MILLIS);
  EXPECT_EQ(table.column_families_size(), 2);
  EXPECT_EQ(table.column_families().at("f").gc_rule().max_num_versions(), 2);
  EXPECT_FALSE(table.column_families().at("all").has_gc_rule());
  for (int i = 1; i <= 4; ++i) put("r", "q", i * 1000, std::to_string(i));
  EXPECT_EQ(row("r"), "r f:q@4000=4 f:q@3000=3\n");
  bt::admin::DeleteTableRequest drop;
  drop.set_name(table_name());
  google::protobuf::Empty nothing;
  ASSERT_EQ(text_of(client_->call(path::kDeleteTable, drop, nothing)), "ok");
  EXPECT_EQ(client_->call(path::kDeleteTable, drop, nothing).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(client_->call(path::kGetTable, get, table).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(AdminCallsTest, ListsTablesByPages) {
  for (const char* id : {"c", "a", "b"}) make_table(id);
  bt::admin::ListTablesRequest request;
  request.set_parent(kParent);
  bt::admin::ListTablesResponse response;
  ASSERT_EQ(text_of(client_->call(path::kListTables, request, response)), "ok");
  EXPECT_EQ(names_of(response), "a b c ");
  EXPECT_EQ(response.tables(0).column_families_size(), 0) << "names only";
  request.set_page_size(2);
  request.set_view(bt::admin::Table::SCHEMA_VIEW);
  ASSERT_EQ(text_of(client_->call(path::kListTables, request, response)), "ok");
  EXPECT_EQ(names_of(response), "a b ");
  EXPECT_EQ(response.tables(0).column_families_size(), 2);
  request.set_page_token(response.next_page_token());
  ASSERT_EQ(text_of(client_->call(path::kListTables, request, response)), "ok");
  EXPECT_EQ(names_of(response), "c ");
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(AdminCallsTest, DropsRows) {
  make_table("t", {"m"});
  const auto fill = [&] {
    bt::MutateRowsRequest request;
    request.set_table_name(table_name());
    for (int i = 0; i < 1500; ++i) {
      auto& entry = *request.add_entries();
      entry.set_row_key((i % 3 == 0 ? "x" : "k") + std::to_string(10000 + i));
      for (const char* family : {"f", "g"}) {
        auto& cell = *entry.add_mutations()->mutable_set_cell();
        cell.set_family_name(family);
        cell.set_timestamp_micros(4000);
      }
    }
    std::vector<bt::MutateRowsResponse> messages;
    ASSERT_TRUE(client_->read_all(path::kMutateRows, request, messages).ok());
  };
  const auto count = [&] {
    const std::string all = rows(read_request());
    return std::count(all.begin(), all.end(), '\n');
  };
  fill();
  bt::admin::DropRowRangeRequest request;
  request.set_name(table_name());
  request.set_row_key_prefix("k1");
  google::protobuf::Empty nothing;
  ASSERT_EQ(text_of(client_->call(path::kDropRowRange, request, nothing)), "ok");
  EXPECT_EQ(count(), 500);
  fill();
  EXPECT_EQ(count(), 1500) << "what is written again is there";
  request.set_delete_all_data_from_table(true);
  ASSERT_EQ(text_of(client_->call(path::kDropRowRange, request, nothing)), "ok");
  EXPECT_EQ(count(), 0);
  EXPECT_EQ(cluster_->regions("t").size(), 2u);
  fill();
  EXPECT_EQ(count(), 1500);
  request.clear_target();
  EXPECT_EQ(client_->call(path::kDropRowRange, request, nothing).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AdminCallsTest, ConsistencyTokensAreThoseOfTheTable) {
  make_table();
  bt::admin::GenerateConsistencyTokenRequest generate;
  generate.set_name(table_name());
  bt::admin::GenerateConsistencyTokenResponse token;
  ASSERT_EQ(text_of(client_->call(path::kGenerateConsistencyToken, generate, token)), "ok");
  bt::admin::CheckConsistencyRequest check;
  check.set_name(table_name());
  check.set_consistency_token(token.consistency_token());
  bt::admin::CheckConsistencyResponse response;
  ASSERT_EQ(text_of(client_->call(path::kCheckConsistency, check, response)), "ok");
  EXPECT_TRUE(response.consistent());
  check.set_consistency_token("other");
  EXPECT_EQ(client_->call(path::kCheckConsistency, check, response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  generate.set_name(table_name("none"));
  EXPECT_EQ(client_->call(path::kGenerateConsistencyToken, generate, token).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(AdminCallsTest, FamiliesChange) {
  make_table();
  put("r", "q", 1000, "v");
  bt::admin::ModifyColumnFamiliesRequest modify;
  modify.set_name(table_name());
  auto add = [&](const std::string& id) -> auto& {
    auto& modification = *modify.add_modifications();
    modification.set_id(id);
    return modification;
  };
  add("h").mutable_create()->mutable_gc_rule()->set_max_num_versions(1);
  add("g").set_drop(true);
  add("f").mutable_update()->mutable_gc_rule()->set_max_num_versions(2);
  bt::admin::Table table;
  ASSERT_EQ(text_of(client_->call(path::kModifyColumnFamilies, modify, table)), "ok");
  EXPECT_EQ(table.column_families_size(), 2);
  EXPECT_EQ(table.column_families().at("f").gc_rule().max_num_versions(), 2);
  bt::admin::GetTableRequest get;
  get.set_name(table_name());
  bt::admin::Table told;
  ASSERT_EQ(text_of(client_->call(path::kGetTable, get, told)), "ok");
  EXPECT_EQ(told.column_families_size(), 2);
  auto change = mutation("r");
  add_cell(change, "h", "q", 1000, "new");
  add_cell(change, "f", "q", 2000, "w");
  add_cell(change, "f", "q", 3000, "x");
  EXPECT_EQ(text_of(mutate(change)), "ok");
  EXPECT_EQ(row("r"), "r f:q@3000=x f:q@2000=w h:q@1000=new\n");

  modify.clear_modifications();
  add("f").set_drop(true);
  add("f").mutable_create();
  ASSERT_EQ(text_of(client_->call(path::kModifyColumnFamilies, modify, table)), "ok");
  EXPECT_EQ(row("r"), "r h:q@1000=new\n") << "a family that is made anew is empty";
  modify.clear_modifications();
  add("none").set_drop(true);
  EXPECT_EQ(client_->call(path::kModifyColumnFamilies, modify, table).error_code(), grpc::StatusCode::NOT_FOUND);
  modify.set_name(table_name("none"));
  EXPECT_EQ(client_->call(path::kModifyColumnFamilies, modify, table).error_code(), grpc::StatusCode::NOT_FOUND);
  modify.clear_modifications();
  EXPECT_EQ(client_->call(path::kModifyColumnFamilies, modify, table).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

// A change is made of a descriptor that was read: none is lost among many.
TEST_F(AdminCallsTest, ManyChangesOfFamiliesAtOnce) {
  make_table();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      bt::admin::ModifyColumnFamiliesRequest modify;
      modify.set_name(table_name());
      modify.add_modifications()->set_id("n" + std::to_string(i));
      modify.mutable_modifications(0)->mutable_create();
      bt::admin::Table table;
      EXPECT_EQ(text_of(client_->call(path::kModifyColumnFamilies, modify, table)), "ok");
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(connection_->admin().describe_table(TableName::parse("t").value()).value().families.size(), 10u);
}

TEST_F(AdminCallsTest, ProtectedTablesStay) {
  make_table();
  bt::admin::UpdateTableRequest update;
  update.mutable_table()->set_name(table_name());
  update.mutable_table()->set_deletion_protection(true);
  update.mutable_update_mask()->add_paths("deletion_protection");
  bt::longrunning::Operation operation;
  ASSERT_EQ(text_of(client_->call(path::kUpdateTable, update, operation)), "ok");
  EXPECT_TRUE(operation.done());
  EXPECT_EQ(operation.response().type_url(), "type.googleapis.com/google.bigtable.admin.v2.Table");
  bt::admin::Table told;
  ASSERT_TRUE(told.ParseFromString(operation.response().value()));
  EXPECT_TRUE(told.deletion_protection());
  EXPECT_EQ(told.column_families_size(), 2);
  bt::admin::DeleteTableRequest drop;
  drop.set_name(table_name());
  google::protobuf::Empty nothing;
  EXPECT_EQ(client_->call(path::kDeleteTable, drop, nothing).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  bt::admin::GetTableRequest get;
  get.set_name(table_name());
  ASSERT_EQ(text_of(client_->call(path::kGetTable, get, told)), "ok");
  EXPECT_TRUE(told.deletion_protection());
  update.mutable_table()->set_deletion_protection(false);
  ASSERT_EQ(text_of(client_->call(path::kUpdateTable, update, operation)), "ok");
  ASSERT_EQ(text_of(client_->call(path::kDeleteTable, drop, nothing)), "ok");
  EXPECT_EQ(client_->call(path::kUpdateTable, update, operation).error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace hbmux::gateway
