// MutateRow and MutateRows: in which order mutations act, and what each entry hears.
#include "tests/gateway/gateway_test.h"

#include <string>
#include <vector>

namespace hbmux::gateway {
namespace {

using MutateRowsTest = GatewayTest;

TEST_F(MutateRowsTest, LaterMutationsOfARequestWin) {
  make_table();
  put("r", "old", 9000, "old");
  auto request = mutation("r");
  add_cell(request, "f", "q", 1000, "gone");
  request.add_mutations()->mutable_delete_from_row();
  add_cell(request, "f", "q", 1000, "kept");
  add_cell(request, "f", "now", -1, "kept");
  EXPECT_EQ(text_of(mutate(request)), "ok");
  const std::string left = row("r");
  EXPECT_NE(left.find("f:q@1000=kept"), std::string::npos) << left;
  EXPECT_NE(left.find("f:now"), std::string::npos) << left;
  EXPECT_EQ(left.find("old"), std::string::npos) << left;
  EXPECT_EQ(left.find("gone"), std::string::npos) << left;
}

TEST_F(MutateRowsTest, WhatIsWrittenAfterADeleteIsThere) {
  make_table();
  for (int round = 0; round < 3; ++round) {
    put("r", "q", 5000, "first");
    for (int kind = 0; kind < 3; ++kind) {
      auto deletes = mutation("r");
      if (kind == 0) deletes.add_mutations()->mutable_delete_from_row();
      if (kind == 1) deletes.add_mutations()->mutable_delete_from_family()->set_family_name("f");
      if (kind == 2) {
        deletes.add_mutations()->mutable_delete_from_column()->set_family_name("f");
        deletes.mutable_mutations(0)->mutable_delete_from_column()->set_column_qualifier("q");
      }
      ASSERT_EQ(text_of(mutate(deletes)), "ok");
      EXPECT_EQ(row("r"), "");
      put("r", "q", 5000, "again");
      put("r", "q", 3000, "older");
      EXPECT_EQ(row("r"), "r f:q@5000=again f:q@3000=older\n");
      put("r", "q", -1, "now");
      EXPECT_TRUE(row("r").ends_with("=now f:q@5000=again f:q@3000=older\n")) << row("r");
    }
  }
}

TEST_F(MutateRowsTest, DeletesOfTimeRanges) {
  make_table();
  for (int i = 1; i <= 6; ++i) put("r", "q", i * 1000, std::to_string(i));
  auto deletes = mutation("r");
  auto& column = *deletes.add_mutations()->mutable_delete_from_column();
  column.set_family_name("f");
  column.set_column_qualifier("q");
  column.mutable_time_range()->set_start_timestamp_micros(2000);
  column.mutable_time_range()->set_end_timestamp_micros(4000);
  EXPECT_EQ(text_of(mutate(deletes)), "ok");
  EXPECT_EQ(row("r"), "r f:q@6000=6 f:q@5000=5 f:q@4000=4 f:q@1000=1\n");
  column.mutable_time_range()->set_start_timestamp_micros(5000);
  column.mutable_time_range()->set_end_timestamp_micros(0);
  EXPECT_EQ(text_of(mutate(deletes)), "ok");
  EXPECT_EQ(row("r"), "r f:q@4000=4 f:q@1000=1\n");
  column.mutable_time_range()->set_start_timestamp_micros(0);
  column.mutable_time_range()->set_end_timestamp_micros(2000);
  EXPECT_EQ(text_of(mutate(deletes)), "ok");
  EXPECT_EQ(row("r"), "r f:q@4000=4\n");
}

// A table that somebody else made, without ordered deletes.
TEST_F(MutateRowsTest, DeletesInATableOfHBasesOwnKind) {
  HBMUX_ASSERT_OK(connection_->admin().create_table(TableDescriptor(TableName::parse("t").value()).family(ColumnFamilyDescriptor("f"))));
  put("r", "q", 1000, "one");
  put("r", "q", 3000, "three");
  EXPECT_EQ(row("r"), "r f:q@3000=three\n") << "it keeps one version";
  auto deletes = mutation("r");
  deletes.add_mutations()->mutable_delete_from_row();
  EXPECT_EQ(text_of(mutate(deletes)), "ok");
  EXPECT_EQ(row("r"), "") << "the older version must not come back";
  put("r", "q", 2000, "between");
  put("r", "now", -1, "v");
  EXPECT_TRUE(row("r").starts_with("r f:now@")) << row("r");
  EXPECT_TRUE(row("r").ends_with("f:q@2000=between\n")) << row("r");
}

TEST_F(MutateRowsTest, EachEntryHasItsStatus) {
  make_table();
  put("c", "q", 3000, "old");
  bt::MutateRowsRequest request;
  request.set_table_name(table_name());
  const auto add = [&](const std::string& row, const std::string& family) -> bt::Mutation& {
    auto& entry = *request.add_entries();
    entry.set_row_key(row);
    auto& cell = *entry.add_mutations()->mutable_set_cell();
    cell.set_family_name(family);
    cell.set_column_qualifier("q");
    cell.set_value(row);
    return *entry.add_mutations();
  };
  add("a", "f").mutable_delete_from_family()->set_family_name("g");
  add("b", "unknown").mutable_delete_from_row();
  auto& third = *request.add_entries();
  third.set_row_key("c");
  third.add_mutations()->mutable_delete_from_row();
  auto& cell = *third.add_mutations()->mutable_set_cell();
  cell.set_family_name("f");
  cell.set_column_qualifier("p");
  cell.set_value("new");
  request.add_entries()->set_row_key("d");
  std::vector<bt::MutateRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kMutateRows, request, messages).ok());
  std::map<std::int64_t, int> codes;
  for (const auto& message : messages) {
    for (const auto& entry : message.entries()) codes[entry.index()] = entry.status().code();
  }
  EXPECT_EQ(codes, (std::map<std::int64_t, int>{{0, 0}, {1, 5}, {2, 0}, {3, 3}}));
  EXPECT_EQ(rows(read_request()), "a f:q@0=a\nc f:p@0=new\n");
}

}  // namespace
}  // namespace hbmux::gateway
