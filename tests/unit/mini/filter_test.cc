#include "mini/store/comparator.h"
#include "tests/unit/mini/store_fixture.h"

#include <hbmux/pb/Comparator.pb.h>
#include <hbmux/pb/Filter.pb.h>

#include <gtest/gtest.h>

namespace hbmux::mini {
namespace {

pb::Filter filter(std::string_view name, const google::protobuf::MessageLite& message) {
  pb::Filter out;
  out.set_name(std::string(kFilterPackage).append(name));
  out.set_serialized_filter(message.SerializeAsString());
  return out;
}

pb::Comparator binary(std::string_view value, std::string_view name = "BinaryComparator") {
  pb::BinaryComparator message;
  message.mutable_comparable()->set_value(std::string(value));
  pb::Comparator out;
  out.set_name(std::string(kFilterPackage).append(name));
  out.set_serialized_comparator(message.SerializeAsString());
  return out;
}

pb::Comparator regex(std::string_view pattern) {
  pb::RegexStringComparator message;
  message.set_pattern(std::string(pattern));
  message.set_pattern_flags(32);
  message.set_charset("UTF-8");
  pb::Comparator out;
  out.set_name(std::string(kFilterPackage).append("RegexStringComparator"));
  out.set_serialized_comparator(message.SerializeAsString());
  return out;
}

pb::Filter compare(std::string_view name, pb::CompareType op, const pb::Comparator& comparator) {
  pb::RowFilter message;  // RowFilter, FamilyFilter, QualifierFilter and ValueFilter have the same layout
  message.mutable_compare_filter()->set_compare_op(op);
  *message.mutable_compare_filter()->mutable_comparator() = comparator;
  return filter(name, message);
}

pb::Filter list(pb::FilterList::Operator op, std::initializer_list<pb::Filter> members) {
  pb::FilterList message;
  message.set_operator_(op);
  for (const auto& member : members) *message.add_filters() = member;
  return filter("FilterList", message);
}

pb::Filter single_column(std::string_view qualifier, std::string_view value, bool if_missing, std::string_view name) {
  pb::SingleColumnValueFilter message;
  message.set_column_family("f");
  message.set_column_qualifier(std::string(qualifier));
  message.set_compare_op(pb::EQUAL);
  *message.mutable_comparator() = binary(value);
  message.set_filter_if_missing(if_missing);
  message.set_latest_version_only(true);
  if (name == "SingleColumnValueFilter") return filter(name, message);
  pb::SingleColumnValueExcludeFilter exclude;
  *exclude.mutable_single_column_value_filter() = message;
  return filter(name, exclude);
}

template <class Message>
Message with_prefix(std::string_view prefix) {
  Message message;
  message.set_prefix(std::string(prefix));
  return message;
}

/// Rows r1 to r4, each with f:a, f:b, f:c (values = row and qualifier) and w:x; r3 lacks f:b.
struct FilterTest : ::testing::Test, StoreFixture {
  FilterTest() {
    for (const std::string row : {"r1", "r2", "r3", "r4"}) {
      for (const std::string q : {"a", "b", "c"}) {
        if (row == "r3" && q == "b") continue;
        EXPECT_TRUE(apply(put(row, "f", q, row + q, 5)));
      }
      EXPECT_TRUE(apply(put(row, "w", "x", row + "x", 7)));
    }
  }

  /// "r1(abcx) r2(x)": the rows and qualifiers that pass.
  std::string scan(const pb::Filter& message, bool reversed = false) {
    pb::Scan scan;
    *scan.mutable_filter() = message;
    scan.set_reversed(reversed);
    auto scanner = RegionScanner::open(scan, store, now);
    if (!scanner) return scanner.error().class_name + ": " + scanner.error().message;
    ScanLimits limits;
    limits.results = 100;
    limits.bytes = 1 << 20;
    ScanBatch batch;
    (*scanner)->next(store, limits, batch);
    more_results = batch.more_results;
    more_in_region = batch.more_in_region;
    last = text(batch.cells.cells);
    std::string out;
    std::size_t at = 0;
    for (const std::uint32_t count : batch.cells_per_result) {
      out.append(out.empty() ? "" : " ").append(batch.cells.cells[at]->row()).append("(");
      for (std::uint32_t i = 0; i < count; ++i) out += batch.cells.cells[at++]->qualifier();
      out += ")";
    }
    return out;
  }

  bool more_results = true, more_in_region = true;
  std::string last;
};

TEST_F(FilterTest, ByRow) {
  EXPECT_EQ(scan(compare("RowFilter", pb::GREATER, binary("r2"))), "r3(acx) r4(abcx)");
  EXPECT_EQ(scan(compare("RowFilter", pb::EQUAL, regex("[13]$"))), "r1(abcx) r3(acx)");
  EXPECT_EQ(scan(filter("PrefixFilter", with_prefix<pb::PrefixFilter>("r3"))), "r3(acx)");
  EXPECT_EQ(scan(filter("PrefixFilter", with_prefix<pb::PrefixFilter>("r3")), true), "r3(acx)");
  EXPECT_FALSE(more_in_region) << "behind the prefix nothing can match";
  pb::InclusiveStopFilter stop;
  stop.set_stop_row_key("r2");
  EXPECT_EQ(scan(filter("InclusiveStopFilter", stop)), "r1(abcx) r2(abcx)");
}

TEST_F(FilterTest, ByFamilyQualifierAndValue) {
  EXPECT_EQ(scan(compare("FamilyFilter", pb::EQUAL, binary("w"))), "r1(x) r2(x) r3(x) r4(x)");
  EXPECT_EQ(scan(compare("QualifierFilter", pb::LESS, binary("b"))), "r1(a) r2(a) r3(a) r4(a)");
  EXPECT_EQ(scan(compare("ValueFilter", pb::EQUAL, binary("r2", "BinaryPrefixComparator"))), "r2(abcx)");
  EXPECT_EQ(scan(compare("ValueFilter", pb::NOT_EQUAL, regex("^r[124]"))), "r3(acx)");
}

TEST_F(FilterTest, ByTheValueOfOneColumn) {
  EXPECT_EQ(scan(single_column("b", "r2b", true, "SingleColumnValueFilter")), "r2(abcx)");
  EXPECT_EQ(scan(single_column("b", "r2b", false, "SingleColumnValueFilter")), "r2(abcx) r3(acx)");
  EXPECT_EQ(scan(single_column("b", "r2b", true, "SingleColumnValueExcludeFilter")), "r2(acx)");
  pb::ColumnValueFilter column;
  column.set_family("f");
  column.set_qualifier("b");
  column.set_compare_op(pb::NOT_EQUAL);
  *column.mutable_comparator() = binary("r2b");
  EXPECT_EQ(scan(filter("ColumnValueFilter", column)), "r1(b) r4(b)");
}

TEST_F(FilterTest, ByColumns) {
  EXPECT_EQ(scan(filter("ColumnPrefixFilter", with_prefix<pb::ColumnPrefixFilter>("b"))), "r1(b) r2(b) r4(b)");
  pb::MultipleColumnPrefixFilter prefixes;
  prefixes.add_sorted_prefixes("c");
  prefixes.add_sorted_prefixes("a");
  EXPECT_EQ(scan(filter("MultipleColumnPrefixFilter", prefixes)), "r1(ac) r2(ac) r3(ac) r4(ac)");
  pb::ColumnRangeFilter range;
  range.set_min_column("a");
  range.set_min_column_inclusive(false);
  range.set_max_column("c");
  range.set_max_column_inclusive(true);
  EXPECT_EQ(scan(filter("ColumnRangeFilter", range)), "r1(bc) r2(bc) r3(c) r4(bc)");
  pb::ColumnPaginationFilter page;
  page.set_limit(2);
  page.set_offset(1);
  EXPECT_EQ(scan(filter("ColumnPaginationFilter", page)), "r1(bc) r2(bc) r3(cx) r4(bc)");
  pb::ColumnCountGetFilter count;
  count.set_limit(2);
  EXPECT_EQ(scan(filter("ColumnCountGetFilter", count)).substr(0, 6), "r1(ab)");
}

TEST_F(FilterTest, PagesEndTheScanOfARegion) {
  pb::PageFilter page;
  page.set_page_size(2);
  EXPECT_EQ(scan(filter("PageFilter", page)), "r1(abcx) r2(abcx)");
  EXPECT_FALSE(more_in_region);
  // Rows that another filter empties do not count.
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ALL,
                      {compare("RowFilter", pb::NOT_EQUAL, binary("r1")), filter("PageFilter", page)})),
            "r2(abcx) r3(acx)");
}

TEST_F(FilterTest, KeysOnly) {
  EXPECT_EQ(scan(filter("FirstKeyOnlyFilter", pb::FirstKeyOnlyFilter())), "r1(a) r2(a) r3(a) r4(a)");
  pb::KeyOnlyFilter keys;
  keys.set_len_as_val(false);
  EXPECT_EQ(scan(filter("KeyOnlyFilter", keys)), "r1(abcx) r2(abcx) r3(acx) r4(abcx)");
  EXPECT_TRUE(last.starts_with("f:a@5= f:b@5= "));
  keys.set_len_as_val(true);
  scan(filter("KeyOnlyFilter", keys));
  EXPECT_TRUE(last.starts_with(std::string("f:a@5=\0\0\0\x03 ", 11)));
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ALL,
                      {filter("FirstKeyOnlyFilter", pb::FirstKeyOnlyFilter()), filter("KeyOnlyFilter", keys)})),
            "r1(a) r2(a) r3(a) r4(a)");
}

TEST_F(FilterTest, Lists) {
  const auto a = compare("QualifierFilter", pb::EQUAL, binary("a"));
  const auto x = compare("QualifierFilter", pb::EQUAL, binary("x"));
  const auto r2 = compare("RowFilter", pb::EQUAL, binary("r2"));
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ONE, {a, x})), "r1(ax) r2(ax) r3(ax) r4(ax)");
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ALL, {a, x})), "");
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ALL, {a, r2})), "r2(a)");
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ONE, {a, r2})), "r1(a) r2(abcx) r3(a) r4(a)");
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ONE, {})), "r1(abcx) r2(abcx) r3(acx) r4(abcx)");
  // Members that seek: the nearest hint counts in an OR, the furthest in an AND.
  const auto b = filter("ColumnPrefixFilter", with_prefix<pb::ColumnPrefixFilter>("b"));
  const auto c = filter("ColumnPrefixFilter", with_prefix<pb::ColumnPrefixFilter>("c"));
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ONE, {b, c})), "r1(bc) r2(bc) r3(c) r4(bc)");
  EXPECT_EQ(scan(list(pb::FilterList::MUST_PASS_ALL, {b, c})), "");
}

TEST_F(FilterTest, WhileMatchAndSkip) {
  pb::FilterWrapper wrapper;
  *wrapper.mutable_filter() = compare("RowFilter", pb::NOT_EQUAL, binary("r3"));
  EXPECT_EQ(scan(filter("WhileMatchFilter", wrapper)), "r1(abcx) r2(abcx)");
  *wrapper.mutable_filter() = compare("ValueFilter", pb::NOT_EQUAL, binary("r2b"));
  EXPECT_EQ(scan(filter("SkipFilter", wrapper)), "r1(abcx) r3(acx) r4(abcx)");
}

TEST_F(FilterTest, TimestampsFuzzyRowsAndRanges) {
  pb::TimestampsFilter timestamps;
  timestamps.add_timestamps(7);
  EXPECT_EQ(scan(filter("TimestampsFilter", timestamps)), "r1(x) r2(x) r3(x) r4(x)");
  pb::FuzzyRowFilter fuzzy;
  auto& pattern = *fuzzy.add_fuzzy_keys_data();
  pattern.set_first("?3");
  pattern.set_second(std::string("\x01\x00", 2));
  EXPECT_EQ(scan(filter("FuzzyRowFilter", fuzzy)), "r3(acx)");
  pb::MultiRowRangeFilter ranges;
  auto add = [&ranges](const char* from, const char* to) {
    auto& range = *ranges.add_row_range_list();
    range.set_start_row(from);
    range.set_start_row_inclusive(true);
    range.set_stop_row(to);
    range.set_stop_row_inclusive(false);
  };
  add("r1", "r2");
  add("r3", "r4");
  EXPECT_EQ(scan(filter("MultiRowRangeFilter", ranges)), "r1(abcx) r3(acx)");
  EXPECT_EQ(scan(filter("MultiRowRangeFilter", ranges), true), "r3(acx) r1(abcx)");
}

TEST_F(FilterTest, DependentColumn) {
  pb::DependentColumnFilter message;
  message.mutable_compare_filter()->set_compare_op(pb::NO_OP);
  message.set_column_family("f");
  message.set_column_qualifier("b");
  EXPECT_EQ(scan(filter("DependentColumnFilter", message)), "r1(abc) r2(abc) r4(abc)") << "w:x has another timestamp";
  message.set_drop_dependent_column(true);
  EXPECT_EQ(scan(filter("DependentColumnFilter", message)), "r1(ac) r2(ac) r4(ac)");
}

// A filter that HBase does not have on its class path, a message that is none, and nesting without end.
TEST_F(FilterTest, WhatCannotBeBuiltIsHBasesOwnError) {
  pb::Filter unknown;
  unknown.set_name("com.example.OurFilter");
  EXPECT_EQ(scan(unknown),
            "org.apache.hadoop.hbase.DoNotRetryIOException: java.lang.ClassNotFoundException: com.example.OurFilter");
  pb::Filter garbage;
  garbage.set_name(std::string(kFilterPackage) + "PageFilter");
  garbage.set_serialized_filter("\xff\xff\xff");
  EXPECT_TRUE(scan(garbage).starts_with("org.apache.hadoop.hbase.DoNotRetryIOException"));
  pb::Filter deep = filter("FirstKeyOnlyFilter", pb::FirstKeyOnlyFilter());
  for (int i = 0; i < 300; ++i) deep = list(pb::FilterList::MUST_PASS_ALL, {deep});
  EXPECT_EQ(scan(deep), "org.apache.hadoop.hbase.DoNotRetryIOException: Filters are nested more than 100 deep");
  EXPECT_TRUE(
      scan(compare("RowFilter", pb::EQUAL, regex("(("))).starts_with("org.apache.hadoop.hbase.DoNotRetryIOException"));
}

// With filter_if_missing only the filter's family decides, and the others are read for the rows that it keeps.
TEST_F(FilterTest, FamiliesOnDemandDoNotMakeRows) {
  EXPECT_TRUE(apply(put("r5", "w", "x", "r5x", 7)));
  EXPECT_EQ(scan(single_column("b", "r2b", true, "SingleColumnValueFilter")), "r2(abcx)");
  EXPECT_EQ(scan(single_column("b", "r2b", false, "SingleColumnValueFilter")), "r2(abcx) r3(acx) r5(x)");
  EXPECT_EQ(scan(single_column("b", "r2b", true, "SingleColumnValueFilter"), true).substr(0, 45),
            "org.apache.hadoop.hbase.DoNotRetryIOException")
      << "HBase refuses that when a scan goes backwards";
}

// From rb2 the reader is sent to rb3, from rz1 nowhere.
TEST_F(FilterTest, FuzzyRowsByHints) {
  for (const char* row : {"ra3", "rb2", "rb3", "rz1"}) EXPECT_TRUE(apply(put(row, "f", "a", "1", 5)));
  pb::FuzzyRowFilter fuzzy;
  auto& pair = *fuzzy.add_fuzzy_keys_data();
  pair.set_first("r?3");
  pair.set_second(std::string("\0\1\0", 3));
  fuzzy.set_is_mask_v2(true);
  EXPECT_EQ(scan(filter("FuzzyRowFilter", fuzzy)), "r1(abcx) r2(abcx) r3(acx) r4(abcx) ra3(a) rb3(a)")
      << "a row that is shorter than the key matches as far as it goes";
}

}  // namespace
}  // namespace hbmux::mini
