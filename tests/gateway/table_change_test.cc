// Descriptors of tables as the calls of table admin change them.
#include "gateway/table_change.h"
#include "gateway/table_messages.h"
#include "gateway/value_type.h"

#include <gtest/gtest.h>

namespace hbmux::gateway {
namespace {

class TableChangeTest : public testing::Test {
 protected:
  using Modification = bt::admin::ModifyColumnFamiliesRequest::Modification;

  TableChangeTest() {
    for (const char* id : {"a", "b"}) table_.family(new_family(id, {}).value());
  }
  Modification& modify(const std::string& id) {
    auto& modification = *request_.add_modifications();
    modification.set_id(id);
    return modification;
  }
  void create(const std::string& id) { modify(id).mutable_create(); }
  void drop(const std::string& id) { modify(id).set_drop(true); }
  /// "a b, a": the families of each step; or why not.
  std::string steps() {
    const auto made = changed_families(table_, request_);
    request_.Clear();
    if (!made) return std::to_string(static_cast<int>(made.error().code)) + " " + made.error().message;
    std::string out;
    for (const auto& step : *made) {
      if (!out.empty()) out += ", ";
      for (const auto& family : step.families) out += (&family == &step.families.front() ? "" : " ") + family.name;
    }
    return out;
  }
  static bt::admin::ColumnFamily sum() {
    bt::admin::ColumnFamily family;
    *family.mutable_value_type() = sum_type();
    return family;
  }

  TableDescriptor table_{TableName::parse("t").value()};
  bt::admin::ModifyColumnFamiliesRequest request_;
};

TEST_F(TableChangeTest, AllIsOneStep) {
  create("d");
  drop("b");
  *modify("c").mutable_create() = sum();
  EXPECT_EQ(steps(), "a c+sum d");
}

TEST_F(TableChangeTest, AFamilyThatIsMadeAnewIsAwayInBetween) {
  drop("a");
  create("a");
  create("c");
  EXPECT_EQ(steps(), "b, a b c");
  drop("a");
  drop("b");
  create("a");
  EXPECT_EQ(steps().substr(0, 2), "9 ") << "HBase's tables have at least one family";
}

TEST_F(TableChangeTest, ModificationsFollowEachOther) {
  create("c");
  drop("c");
  EXPECT_EQ(steps(), "") << "nothing changes";
  create("a");
  EXPECT_EQ(steps(), "6 family \"a\" already exists");
  modify("c").mutable_update();
  EXPECT_EQ(steps(), "5 unknown family \"c\"");
  drop("c");
  EXPECT_EQ(steps(), "5 unknown family \"c\"");
  modify("a");
  EXPECT_EQ(steps().substr(0, 2), "3 ");
  modify("a").set_drop(false);
  EXPECT_EQ(steps().substr(0, 2), "3 ");
  create("no:name");
  EXPECT_EQ(steps().substr(0, 2), "3 ");
}

TEST_F(TableChangeTest, RulesChangeAndTheRestStays) {
  table_.families[0].values["BLOOMFILTER"] = "ROWCOL";
  modify("a").mutable_update()->mutable_gc_rule()->set_max_num_versions(3);
  const auto made = changed_families(table_, request_).value();
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].families[0].values.at("VERSIONS"), "3");
  EXPECT_EQ(made[0].families[0].values.at("BLOOMFILTER"), "ROWCOL");
  request_.mutable_modifications(0)->mutable_update_mask()->add_paths("value_type");
  EXPECT_TRUE(changed_families(table_, request_).value().empty()) << "the rule is not in the mask";
  request_.mutable_modifications(0)->mutable_update_mask()->add_paths("nothing");
  EXPECT_EQ(steps().substr(0, 2), "3 ");
  auto& type = modify("a");
  *type.mutable_update() = sum();
  type.mutable_update_mask()->add_paths("value_type");
  EXPECT_EQ(steps(), "3 value_type of a family cannot be changed");
}

TEST_F(TableChangeTest, SumsAreToldAsTheyWereAsked) {
  *modify("s").mutable_create() = sum();
  request_.mutable_modifications(0)->mutable_create()->mutable_gc_rule()->mutable_max_age()->set_seconds(60);
  const auto made = changed_families(table_, request_).value();
  const auto told = table_message({{"p", "i", "default"}, "t", table_.name}, made[0], bt::admin::Table::FULL);
  ASSERT_EQ(told.column_families().count("s"), 1u);
  EXPECT_EQ(told.column_families().at("s").SerializeAsString(), request_.modifications(0).create().SerializeAsString());
  request_.mutable_modifications(0)->mutable_create()->mutable_gc_rule()->set_max_num_versions(2);
  EXPECT_EQ(steps().substr(0, 3), "12 ");
  *modify("s").mutable_create() = sum();
  request_.mutable_modifications(0)->mutable_create()->mutable_value_type()->mutable_aggregate_type()->mutable_max();
  EXPECT_EQ(steps().substr(0, 3), "12 ");
  modify("s").mutable_create()->mutable_value_type()->mutable_string_type();
  EXPECT_EQ(steps().substr(0, 3), "12 ");
}

TEST_F(TableChangeTest, ProtectedTablesKeepTheirFamilies) {
  bt::admin::UpdateTableRequest update;
  EXPECT_EQ(updated_table(table_, update).error().code, Code::invalid_argument) << "no mask";
  update.mutable_table()->set_deletion_protection(true);
  update.mutable_update_mask()->add_paths("deletion_protection");
  const TableDescriptor before = table_;
  table_ = updated_table(table_, update).value();
  EXPECT_TRUE(is_protected(table_));
  drop("a");
  EXPECT_EQ(steps().substr(0, 2), "9 ");
  create("c");
  EXPECT_EQ(steps(), "a b c");
  update.mutable_table()->set_deletion_protection(false);
  EXPECT_EQ(updated_table(table_, update).value(), before);
  update.mutable_update_mask()->set_paths(0, "change_stream_config");
  EXPECT_EQ(updated_table(table_, update).error().code, Code::unimplemented);
  update.mutable_update_mask()->set_paths(0, "name");
  EXPECT_EQ(updated_table(table_, update).error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace hbmux::gateway
