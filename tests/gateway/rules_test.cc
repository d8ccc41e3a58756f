// Names, times, sets of rows, garbage collection.
#include "gateway/gc_rule.h"
#include "gateway/names.h"
#include "gateway/read_modify_write.h"
#include "gateway/row_set.h"
#include "gateway/table_messages.h"
#include "gateway/timestamps.h"

#include <gtest/gtest.h>

namespace hbmux::gateway {
namespace {

// ---------------------------------------------------------------- names

TEST(NameRulesTest, AnInstanceIsTheNamespaceOfItsName) {
  const NameRules rules;
  const auto name = rules.table("projects/p/instances/my-instance/tables/t-1");
  ASSERT_TRUE(name) << name.error().message;
  EXPECT_EQ(name->table.to_string(), "my_instance:t-1");
  EXPECT_EQ(name->to_string(), "projects/p/instances/my-instance/tables/t-1");
  EXPECT_FALSE(rules.instance("projects/p/instances/my_instance")) << "would be the same namespace";
}

TEST(NameRulesTest, RulesNameOthers) {
  const auto rules = NameRules::parse(" a = ns_a, b=default ,*=* ");
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->instance("projects/p/instances/a")->namespace_name, "ns_a");
  EXPECT_EQ(rules->table("projects/p/instances/b/tables/t")->table.to_string(), "t");
  EXPECT_EQ(rules->instance("projects/p/instances/c-d")->namespace_name, "c_d");
  const auto strict = NameRules::parse("a=ns_a");
  EXPECT_EQ(strict->instance("projects/p/instances/b").error().code, Code::not_found);
  const auto all = NameRules::parse("*=default");
  EXPECT_EQ(all->instance("projects/p/instances/any_thing")->namespace_name, "default");
}

TEST(NameRulesTest, WhatIsNoRuleOrNameIsRefused) {
  for (const char* text : {"a", "a=", "=b", "a=b-c", "a_b=*"}) EXPECT_FALSE(NameRules::parse(text)) << text;
  const NameRules rules;
  for (const char* name : {"", "t", "projects/p/instances/i", "projects/p/instances/i/tables/", "projects//instances/i/tables/t",
                           "projects/p/instances/i/tables/a/b", "projects/p/instances/i/tables/a:b", "projects/p/instances/i/tables/-a"}) {
    const auto table = rules.table(name);
    ASSERT_FALSE(table) << name;
    EXPECT_EQ(table.error().code, Code::invalid_argument) << name;
  }
}

// ---------------------------------------------------------------- times

TEST(TimestampTest, CellsHaveWholeMilliseconds) {
  EXPECT_EQ(*millis_of(5000), 5);
  EXPECT_FALSE(millis_of(5001));
  EXPECT_FALSE(millis_of(-1000));
}

TEST(TimestampTest, HBasesTimesReachFurther) {
  EXPECT_EQ(micros_of(5), 5000);
  EXPECT_EQ(micros_of(kLatestTimestamp), kMaxMillis * 1000);
  EXPECT_EQ(micros_of(-5), -5000);
  EXPECT_GT(micros_of(std::numeric_limits<std::int64_t>::min()), std::numeric_limits<std::int64_t>::min());
}

TEST(TimestampTest, RangesHoldJustTheMillisecondsWithin) {
  EXPECT_EQ(millis_within(0, 0), TimeRange());
  EXPECT_EQ(millis_within(1000, 2000), (TimeRange{1, 2}));
  EXPECT_EQ(millis_within(1001, 2001), (TimeRange{2, 3}));
  EXPECT_EQ(millis_within(999, 1), (TimeRange{1, 1}));
}

// ---------------------------------------------------------------- sets of rows

bt::RowRange* add_range(bt::RowSet& rows, const std::string& start, const std::string& end) {
  auto* range = rows.add_row_ranges();
  range->set_start_key_closed(start);
  range->set_end_key_open(end);
  return range;
}
using Ranges = std::vector<KeyRange>;

TEST(RowSetTest, NothingIsEverything) { EXPECT_EQ(*key_ranges_of({}), Ranges{KeyRange()}); }

TEST(RowSetTest, IsSortedAndMerged) {
  bt::RowSet rows;
  add_range(rows, "m", "p");
  add_range(rows, "a", "c");
  add_range(rows, "b", "d");
  rows.add_row_keys("x");
  rows.add_row_keys("b");
  rows.add_row_keys("x");
  const std::string behind_x("x\0", 2);
  EXPECT_EQ(*key_ranges_of(rows), (Ranges{{"a", "d"}, {"m", "p"}, {"x", behind_x}}));
  EXPECT_TRUE(key_ranges_of(rows)->back().is_one_key());
  add_range(rows, "n", "");
  EXPECT_EQ(*key_ranges_of(rows), (Ranges{{"a", "d"}, {"m", ""}}));
}

TEST(RowSetTest, BoundsAreOpenOrClosed) {
  bt::RowSet rows;
  auto* range = rows.add_row_ranges();
  range->set_start_key_open("a");
  range->set_end_key_closed("b");
  EXPECT_EQ(*key_ranges_of(rows), (Ranges{{std::string("a\0", 2), std::string("b\0", 2)}}));
  range->set_end_key_open("a");
  EXPECT_TRUE(key_ranges_of(rows)->empty()) << "no row, and not all of them";
  range->set_end_key_open("A");
  EXPECT_FALSE(key_ranges_of(rows));
}

TEST(RowSetTest, PrefixesEnd) {
  EXPECT_EQ(end_of_prefix("ab"), "ac");
  EXPECT_EQ(end_of_prefix("a\xff"), "b");
  EXPECT_EQ(end_of_prefix("\xff"), "");
}

// ---------------------------------------------------------------- garbage collection

std::string family_text(const bt::admin::GcRule& rule) {
  ColumnFamilyDescriptor family("f");
  const auto applied = apply_gc_rule(rule, family);
  if (!applied) return applied.error().code == Code::unimplemented ? "unimplemented" : applied.error().message;
  EXPECT_EQ(gc_rule_of(family).SerializeAsString(), rule.SerializeAsString());
  return family.values["VERSIONS"] + " " + family.values["MIN_VERSIONS"] + " " + family.values["TTL"];
}
bt::admin::GcRule versions(int count) {
  bt::admin::GcRule rule;
  rule.set_max_num_versions(count);
  return rule;
}
bt::admin::GcRule age(int seconds) {
  bt::admin::GcRule rule;
  rule.mutable_max_age()->set_seconds(seconds);
  return rule;
}
bt::admin::GcRule both(const bt::admin::GcRule& a, const bt::admin::GcRule& b) {
  bt::admin::GcRule rule;
  *rule.mutable_intersection()->add_rules() = a;
  *rule.mutable_intersection()->add_rules() = b;
  return rule;
}
bt::admin::GcRule either(const bt::admin::GcRule& a, const bt::admin::GcRule& b) {
  bt::admin::GcRule rule;
  *rule.mutable_union_()->add_rules() = a;
  *rule.mutable_union_()->add_rules() = b;
  return rule;
}

TEST(GcRuleTest, IsWhatFamiliesCanSayAndBack) {
  EXPECT_EQ(family_text({}), "2147483647 0 2147483647");
  EXPECT_EQ(family_text(versions(3)), "3 0 2147483647");
  EXPECT_EQ(family_text(age(60)), "2147483647 0 60");
  EXPECT_EQ(family_text(either(versions(3), age(60))), "3 0 60");
  EXPECT_EQ(family_text(both(versions(3), age(60))), "2147483647 3 60");
  EXPECT_EQ(family_text(either(versions(9), both(versions(3), age(60)))), "9 3 60");
}

TEST(GcRuleTest, OthersAreRefused) {
  EXPECT_EQ(family_text(both(age(1), age(2))), "unimplemented");
  EXPECT_EQ(family_text(both(either(versions(3), age(60)), age(2))), "unimplemented");
  EXPECT_EQ(family_text(either(versions(2), both(versions(3), age(60)))), "unimplemented");
  EXPECT_EQ(family_text(versions(0)), "max_num_versions must be positive");
  EXPECT_EQ(family_text(age(-1)), "max_age must be positive");
}

// ---------------------------------------------------------------- tables, counters

TEST(TableMessagesTest, ANewTableOrdersItsDeletes) {
  bt::admin::CreateTableRequest request;
  request.set_parent("projects/p/instances/i");
  request.set_table_id("t");
  EXPECT_FALSE(new_table_of({}, request)) << "no family";
  (*request.mutable_table()->mutable_column_families())["f"];
  for (const char* key : {"m", "", "c", "m"}) request.add_initial_splits()->set_key(key);
  const auto table = new_table_of({}, request);
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->name.table.to_string(), "i:t");
  EXPECT_EQ(table->split_keys, (std::vector<std::string>{"c", "m"}));
  EXPECT_TRUE(schema_of(table->descriptor).families.at("f").orders_deletes);
  (*request.mutable_table()->mutable_column_families())["sum"].mutable_value_type()->mutable_int64_type();
  EXPECT_EQ(new_table_of({}, request).error().code, Code::unimplemented);
}

TEST(ReadModifyWriteTest, RulesOfOneColumnAreSummedUp) {
  google::protobuf::RepeatedPtrField<bt::ReadModifyWriteRule> rules;
  const auto add = [&](const char* qualifier) -> bt::ReadModifyWriteRule& {
    auto& rule = *rules.Add();
    rule.set_family_name("f");
    rule.set_column_qualifier(qualifier);
    return rule;
  };
  const TableSchema schema{{{"f", {}}}};
  add("n").set_increment_amount(3);
  add("n").set_increment_amount(-5);
  add("t").set_append_value("a");
  add("t").set_append_value("b");
  const auto change = ReadModifyWrite::of("r", rules, schema);
  ASSERT_TRUE(change && change->increment && change->append);
  EXPECT_EQ(change->increment->cell_block(), Increment("r").add("f", "n", -2).cell_block());
  EXPECT_EQ(change->append->cell_block(), Append("r").add("f", "t", "ab").cell_block());
  add("n").set_append_value("x");
  EXPECT_EQ(ReadModifyWrite::of("r", rules, schema).error().code, Code::unimplemented);
  EXPECT_EQ(ReadModifyWrite::of("r", rules, {}).error().code, Code::not_found);
}

}  // namespace
}  // namespace hbmux::gateway
