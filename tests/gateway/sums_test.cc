// Aggregate families, over sockets, in front of an embedded cluster.
#include "tests/gateway/gateway_test.h"

#include "gateway/value_type.h"

#include <thread>

namespace hbmux::gateway {
namespace {

class SumsTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    bt::admin::CreateTableRequest request;
    request.set_parent(kParent);
    request.set_table_id("t");
    auto& families = *request.mutable_table()->mutable_column_families();
    families["f"];
    *families["s"].mutable_value_type() = sum_type();
    bt::admin::Table table;
    ASSERT_EQ(text_of(client_->call(path::kCreateTable, request, table)), "ok");
    EXPECT_EQ(table.column_families().at("s").value_type().SerializeAsString(), sum_type().SerializeAsString());
  }
  static void add(bt::Mutation& mutation, const std::string& qualifier, std::int64_t micros, std::int64_t amount) {
    auto& addition = *mutation.mutable_add_to_cell();
    addition.set_family_name("s");
    addition.mutable_column_qualifier()->set_raw_value(qualifier);
    addition.mutable_timestamp()->set_raw_timestamp_micros(micros);
    addition.mutable_input()->set_int_value(amount);
  }
  grpc::Status add(const std::string& row, const std::string& qualifier, std::int64_t micros, std::int64_t amount) {
    auto request = mutation(row);
    add(*request.add_mutations(), qualifier, micros, amount);
    return mutate(request);
  }
  static std::string number(std::uint64_t n) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(n >> shift & 0xff));
    return bytes;
  }
};

TEST_F(SumsTest, CellsOfOneTimeAreAddedUp) {
  for (const std::int64_t amount : {3, 4, -2}) EXPECT_EQ(text_of(add("r", "q", 2000, amount)), "ok");
  EXPECT_EQ(text_of(add("r", "q", 9000, 7)), "ok");
  EXPECT_EQ(text_of(add("r", "", 1000, 1)), "ok");
  EXPECT_EQ(text_of(add("r", "qq", 1000, 1)), "ok");
  EXPECT_EQ(row("r"), "r s:@1000=" + number(1) + " s:q@9000=" + number(7) + " s:q@2000=" + number(5) + " s:qq@1000=" + number(1) + "\n");
  auto newest = read_request();
  newest.mutable_filter()->mutable_chain()->add_filters()->set_column_qualifier_regex_filter("q");
  newest.mutable_filter()->mutable_chain()->add_filters()->set_cells_per_column_limit_filter(1);
  EXPECT_EQ(rows(newest), "r s:q@9000=" + number(7) + "\n");
  auto merged = mutation("r");
  auto& addition = *merged.add_mutations()->mutable_merge_to_cell();
  addition.set_family_name("s");
  addition.mutable_column_qualifier()->set_raw_value("q");
  addition.mutable_timestamp()->set_raw_timestamp_micros(9000);
  addition.mutable_input()->set_raw_value(number(3));
  EXPECT_EQ(text_of(mutate(merged)), "ok");
  EXPECT_EQ(rows(newest), "r s:q@9000=" + number(10) + "\n");
}

TEST_F(SumsTest, TogetherWithOtherChanges) {
  auto request = mutation("r");
  add(*request.add_mutations(), "a", 1000, 1);
  add_cell(request, "f", "q", 1000, "v");
  add(*request.add_mutations(), "b", 1000, 2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(text_of(mutate(request)), "ok");
  EXPECT_EQ(row("r"), "r f:q@1000=v s:a@1000=" + number(3) + " s:b@1000=" + number(6) + "\n");
  bt::MutateRowsRequest bulk;
  bulk.set_table_name(table_name());
  for (int i = 0; i < 20; ++i) {
    auto& entry = *bulk.add_entries();
    entry.set_row_key("r");
    add(*entry.add_mutations(), "a", 1000, 1);
  }
  std::vector<bt::MutateRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kMutateRows, bulk, messages).ok());
  for (const auto& entry : messages.at(0).entries()) EXPECT_EQ(entry.status().code(), 0) << entry.status().message();
  EXPECT_EQ(row("r"), "r f:q@1000=v s:a@1000=" + number(23) + " s:b@1000=" + number(6) + "\n");
}

// A sum that was deleted begins at nothing.
TEST_F(SumsTest, Deletes) {
  for (const std::int64_t micros : {1000, 2000, 3000}) EXPECT_EQ(text_of(add("r", "q", micros, 5)), "ok");
  auto part = mutation("r");
  auto& column = *part.add_mutations()->mutable_delete_from_column();
  column.set_family_name("s");
  column.set_column_qualifier("q");
  column.mutable_time_range()->set_start_timestamp_micros(2000);
  column.mutable_time_range()->set_end_timestamp_micros(3000);
  EXPECT_EQ(text_of(mutate(part)), "ok");
  EXPECT_EQ(row("r"), "r s:q@3000=" + number(5) + " s:q@1000=" + number(5) + "\n");
  EXPECT_EQ(text_of(add("r", "q", 2000, 1)), "ok");
  EXPECT_EQ(row("r"), "r s:q@3000=" + number(5) + " s:q@2000=" + number(1) + " s:q@1000=" + number(5) + "\n");
  auto family = mutation("r");
  family.add_mutations()->mutable_delete_from_family()->set_family_name("s");
  EXPECT_EQ(text_of(mutate(family)), "ok");
  EXPECT_EQ(row("r"), "");
  EXPECT_EQ(text_of(add("r", "q", 1000, 1)), "ok");
  EXPECT_EQ(row("r"), "r s:q@1000=" + number(1) + "\n");
}

TEST_F(SumsTest, Conditions) {
  bt::CheckAndMutateRowRequest request;
  request.set_table_name(table_name());
  request.set_row_key("r");
  request.mutable_predicate_filter()->set_value_regex_filter("\\C*\\x02");
  add(*request.add_true_mutations(), "twice", 1000, 1);
  add(*request.add_false_mutations(), "q", 1000, 1);
  bt::CheckAndMutateRowResponse response;
  for (const bool matched : {false, false, true, true}) {
    ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok");
    EXPECT_EQ(response.predicate_matched(), matched);
  }
  EXPECT_EQ(row("r"), "r s:q@1000=" + number(2) + " s:twice@1000=" + number(2) + "\n");
}

// No addition is lost, and none counts twice, although answers get lost on the way.
TEST_F(SumsTest, ManyAtOnceWithLostAnswers) {
  const auto faults = cluster_->inject("reset applied=true rate=0.05 seed=3 table=t");
  ASSERT_TRUE(faults) << faults.error();
  constexpr int kThreads = 8, kEach = 40;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) {
        auto request = mutation("r");
        add(*request.add_mutations(), "a", 1000, 1);
        if (n % 2 == 0) add(*request.add_mutations(), "b", 1000, 1);
        if (n % 4 == 0) add_cell(request, "f", "q", 1000, "v");
        EXPECT_EQ(text_of(mutate(request)), "ok");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(row("r"), "r f:q@1000=v s:a@1000=" + number(kThreads * kEach) + " s:b@1000=" + number(kThreads * kEach / 2) + "\n");
}

// A client that heard no answer sends the same again.
TEST_F(SumsTest, TokensTellAttemptsApart) {
  auto request = mutation("r");
  add(*request.add_mutations(), "q", 1000, 1);
  request.mutable_idempotency()->set_token("first");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(text_of(mutate(request)), "ok");
  bt::MutateRowsRequest bulk;
  bulk.set_table_name(table_name());
  for (const char* token : {"first", "second", "second", ""}) {
    auto& entry = *bulk.add_entries();
    entry.set_row_key("r");
    add(*entry.add_mutations(), "q", 1000, 10);
    if (*token != '\0') entry.mutable_idempotency()->set_token(token);
  }
  std::vector<bt::MutateRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kMutateRows, bulk, messages).ok());
  EXPECT_EQ(messages.at(0).entries(0).status().code(), 0);
  EXPECT_EQ(messages.at(0).entries(2).status().code(), 14) << "the same is under way";
  EXPECT_EQ(row("r"), "r s:q@1000=" + number(21) + "\n");
}

TEST_F(SumsTest, WhatSumsDoNotTake) {
  auto request = mutation("r");
  add_cell(request, "s", "q", 1000, "v");
  EXPECT_EQ(mutate(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  bt::ReadModifyWriteRowRequest increment;
  increment.set_table_name(table_name());
  increment.set_row_key("r");
  auto& rule = *increment.add_rules();
  rule.set_family_name("s");
  rule.set_increment_amount(1);
  bt::ReadModifyWriteRowResponse response;
  EXPECT_EQ(client_->call(path::kReadModifyWriteRow, increment, response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace hbmux::gateway
