// The filter language over the cells of a row.
#include "gateway/push_down.h"
#include "gateway/row_filter.h"
#include "tests/gateway/cells.h"

#include <gtest/gtest.h>

namespace hbmux::gateway {
namespace {

const RowCells kCells = {{"a", "p", 3000, "x3", {}}, {"a", "p", 2000, "x2", {}}, {"a", "q", 3000, "y", {}},
                         {"b", "p", 1000, "z", {}},  {"b", "r\n", 5000, "", {}}};

std::string filtered(const bt::RowFilter& message, const RowCells& cells = kCells, std::string_view key = "row") {
  auto filter = RowFilter::compile(message, 1);
  if (!filter) return "error " + std::to_string(static_cast<int>(filter.error().code)) + ": " + filter.error().message;
  auto left = filter->apply(key, cells);
  return left ? text_of(*left) : "failed: " + left.error().message;
}
bool is_refused(const bt::RowFilter& message) {
  const auto filter = RowFilter::compile(message, 1);
  return !filter && filter.error().code == Code::invalid_argument;
}

TEST(RowFilterTest, WithoutAnythingAllPasses) {
  EXPECT_EQ(filtered({}), text_of(kCells));
  EXPECT_EQ(filtered(pass_all()), text_of(kCells));
  EXPECT_EQ(filtered(block_all()), "");
}

TEST(RowFilterTest, PatternsMatchTheWholeNameAndDotsNoLineEnds) {
  EXPECT_EQ(filtered(family("a")), "a:p@3000=x3 a:p@2000=x2 a:q@3000=y");
  EXPECT_EQ(filtered(family("a|c")), filtered(family("a")));
  EXPECT_EQ(filtered(qualifier("q.*")), "a:q@3000=y");
  EXPECT_EQ(filtered(qualifier("r.")), "");
  EXPECT_EQ(filtered(qualifier("r\\C")), "b:r\n@5000=");
  EXPECT_EQ(filtered(value("x")), "");
  EXPECT_EQ(filtered(value("x\\d")), "a:p@3000=x3 a:p@2000=x2");
  EXPECT_EQ(filtered(value("")), "b:r\n@5000=");
}

TEST(RowFilterTest, PatternsAreOverBytes) {
  const RowCells cells = {{"f", "\xff\x80", 0, "\xc3\xa9", {}}};
  EXPECT_EQ(filtered(qualifier("\xff."), cells), text_of(cells));
  EXPECT_EQ(filtered(qualifier("\\xff\\x80"), cells), text_of(cells));
  EXPECT_EQ(filtered(value("."), cells), "") << "two bytes are two characters";
  EXPECT_EQ(filtered(value(".."), cells), text_of(cells));
}

TEST(RowFilterTest, RowKeyPatternsTakeTheWholeRow) {
  const auto row_key = [](const std::string& pattern) { return filter([&](auto& f) { f.set_row_key_regex_filter(pattern); }); };
  EXPECT_EQ(filtered(row_key("r.w")), text_of(kCells));
  EXPECT_EQ(filtered(row_key("r")), "");
  EXPECT_TRUE(is_refused(row_key("")));
}

TEST(RowFilterTest, RangesAreOpenOrClosedOrUnbounded) {
  const auto columns = [](auto bound) {
    return filter([&](auto& f) {
      f.mutable_column_range_filter()->set_family_name("a");
      bound(*f.mutable_column_range_filter());
    });
  };
  EXPECT_EQ(filtered(columns([](auto&) {})), filtered(family("a")));
  EXPECT_EQ(filtered(columns([](auto& r) { r.set_start_qualifier_open("p"); })), "a:q@3000=y");
  EXPECT_EQ(filtered(columns([](auto& r) { r.set_end_qualifier_open("q"); })), "a:p@3000=x3 a:p@2000=x2");
  EXPECT_EQ(filtered(columns([](auto& r) { r.set_end_qualifier_closed("q"); })), filtered(family("a")));
  const auto values = [](auto bound) { return filter([&](auto& f) { bound(*f.mutable_value_range_filter()); }); };
  EXPECT_EQ(filtered(values([](auto& r) { r.set_start_value_closed("x3"); })), "a:p@3000=x3 a:q@3000=y b:p@1000=z");
  EXPECT_EQ(filtered(values([](auto& r) { r.set_start_value_open(""); r.set_end_value_open("x3"); })), "a:p@2000=x2");
  EXPECT_EQ(filtered(values([](auto& r) { r.set_end_value_closed(""); })), "b:r\n@5000=");
}

TEST(RowFilterTest, TimesFromTheFirstUpToTheLast) {
  const auto times = [](std::int64_t start, std::int64_t end) {
    return filter([=](auto& f) {
      f.mutable_timestamp_range_filter()->set_start_timestamp_micros(start);
      f.mutable_timestamp_range_filter()->set_end_timestamp_micros(end);
    });
  };
  EXPECT_EQ(filtered(times(2000, 3000)), "a:p@2000=x2");
  EXPECT_EQ(filtered(times(3000, 0)), "a:p@3000=x3 a:q@3000=y b:r\n@5000=");
  EXPECT_EQ(filtered(times(0, 1001)), "b:p@1000=z");
}

TEST(RowFilterTest, LimitsCountCells) {
  EXPECT_EQ(filtered(column_limit(1)), "a:p@3000=x3 a:q@3000=y b:p@1000=z b:r\n@5000=");
  EXPECT_EQ(filtered(row_limit(2)), "a:p@3000=x3 a:p@2000=x2");
  EXPECT_EQ(filtered(row_offset(3)), "b:p@1000=z b:r\n@5000=");
  EXPECT_EQ(filtered(row_offset(9)), "");
  EXPECT_TRUE(is_refused(column_limit(0)));
  EXPECT_TRUE(is_refused(row_limit(-1)));
  EXPECT_TRUE(is_refused(row_offset(-1)));
}

TEST(RowFilterTest, TransformersKeepTheCell) {
  EXPECT_EQ(filtered(filter([](auto& f) { f.set_strip_value_transformer(true); }), {kCells[0]}), "a:p@3000=");
  EXPECT_EQ(filtered(label("l-1"), {kCells[0]}), "a:p@3000=x3[l-1]");
  EXPECT_TRUE(is_refused(label("Upper")));
  EXPECT_TRUE(is_refused(label("sixteen-letters-")));
}

TEST(RowFilterTest, ChainsGoOneAfterTheOther) {
  EXPECT_EQ(filtered(chain({family("a"), column_limit(1), row_offset(1)})), "a:q@3000=y");
  EXPECT_TRUE(is_refused(chain({family("a")})));
  EXPECT_TRUE(is_refused(chain({label("a"), label("b")})));
}

TEST(RowFilterTest, InterleavedFiltersEachSeeAllAndTheirCellsAreSorted) {
  EXPECT_EQ(filtered(interleave({qualifier("q"), chain({qualifier("p"), family("a")}), qualifier("q")})),
            "a:p@3000=x3 a:p@2000=x2 a:q@3000=y a:q@3000=y");
  EXPECT_EQ(filtered(chain({interleave({label("one"), label("two")}), row_limit(2)})), "a:p@3000=x3[one] a:p@3000=x3[two]");
}

TEST(RowFilterTest, AConditionAsksWhetherAnythingComesOut) {
  const auto condition = [](const bt::RowFilter& predicate, bool otherwise = true) {
    return filter([&](auto& f) {
      *f.mutable_condition()->mutable_predicate_filter() = predicate;
      *f.mutable_condition()->mutable_true_filter() = qualifier("q");
      if (otherwise) *f.mutable_condition()->mutable_false_filter() = family("b");
    });
  };
  EXPECT_EQ(filtered(condition(value("z"))), "a:q@3000=y");
  EXPECT_EQ(filtered(condition(value("none"))), "b:p@1000=z b:r\n@5000=");
  EXPECT_EQ(filtered(condition(value("none"), false)), "");
  EXPECT_TRUE(is_refused(condition(chain({pass_all(), sink()})))) << "no sink in a condition";
}

// The example that the definition of the API draws.
TEST(RowFilterTest, ASinkGoesStraightIntoTheAnswer) {
  const RowCells cells = {{"A", "A", 1, "w", {}}, {"A", "B", 2, "x", {}}, {"B", "B", 4, "z", {}}};
  const auto message = chain({family("A"), interleave({pass_all(), chain({label("foo"), sink()})}), qualifier("B")});
  EXPECT_EQ(filtered(message, cells), "A:A@1=w[foo] A:B@2=x A:B@2=x[foo]");
  EXPECT_EQ(filtered(chain({sink(), block_all()}), cells), text_of(cells));
}

TEST(RowFilterTest, WhatCannotBeIsRefused) {
  EXPECT_TRUE(is_refused(family("a:b")));
  EXPECT_TRUE(is_refused(qualifier("(")));
  EXPECT_TRUE(is_refused(value("[")));
  EXPECT_TRUE(is_refused(filter([](auto& f) { f.set_row_sample_filter(1.0); })));
  EXPECT_TRUE(is_refused(filter([](auto& f) { f.set_pass_all_filter(false); })));
  EXPECT_TRUE(is_refused(qualifier(std::string(RowFilter::kBytesMax + 1, 'x'))));
  bt::RowFilter deep = pass_all();
  for (int i = 0; i < RowFilter::kDepthMax; ++i) deep = chain({deep, pass_all()});
  EXPECT_TRUE(is_refused(deep));
}

// Each doubles the cells: 2^20 of one.
TEST(RowFilterTest, AFilterCannotFillTheMemory) {
  std::vector<bt::RowFilter> doubling(24, interleave({pass_all(), pass_all()}));
  EXPECT_TRUE(filtered(chain(std::move(doubling))).starts_with("failed"));
}

// How many versions have to travel, so that the filter has the same answer as from all.
TEST(RowFilterTest, VersionsThatAreNeeded) {
  EXPECT_EQ(versions_needed({}), 0);
  EXPECT_EQ(versions_needed(column_limit(3)), 3);
  EXPECT_EQ(versions_needed(chain({family("a"), qualifier("q"), column_limit(2), value("x")})), 2);
  EXPECT_EQ(versions_needed(chain({family("a"), chain({label("l"), column_limit(2)})})), 2);
  EXPECT_EQ(versions_needed(chain({value("x"), column_limit(1)})), 0) << "an older version may be the first with that value";
  EXPECT_EQ(versions_needed(chain({row_limit(9), column_limit(1)})), 0);
  EXPECT_EQ(versions_needed(interleave({column_limit(1), column_limit(1)})), 0);
}

TEST(RowFilterTest, ASampleTakesWholeRowsByChance) {
  auto compiled = RowFilter::compile(filter([](auto& f) { f.set_row_sample_filter(0.25); }), 7);
  ASSERT_TRUE(compiled);
  int rows = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto left = compiled->apply("row", kCells);
    ASSERT_TRUE(left && (left->empty() || left->size() == kCells.size()));
    rows += left->empty() ? 0 : 1;
  }
  EXPECT_NEAR(rows, 1000, 150);
}

}  // namespace
}  // namespace hbmux::gateway
