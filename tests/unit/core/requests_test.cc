// What is wrong with a request is known before it is sent.
#include <hbmux/hbmux.h>

#include <gtest/gtest.h>

namespace hbmux {
namespace {

TEST(Requests, AQuerySaysWhatIsWrongWithIt) {
  EXPECT_EQ(Get("r").max_results_per_column_family(-2).problem(), "max results per column family of -2; -1 means all");
  EXPECT_EQ(Get("r").row_offset_per_column_family(-1).problem(), "negative row offset per column family -1");
  EXPECT_EQ(Get("r").family_time_range("f", 5, 4).problem(), "time range [5, 4) is negative or ends before it begins");
  EXPECT_EQ(Get("r").replica_id(-1).problem(), "negative replica id -1");
  EXPECT_EQ(Get("r").filter(ColumnCountGetFilter(-1)).problem(), "a limit of -1 is negative");
  EXPECT_EQ(Scan().filter(SkipFilter(ValueFilter(CompareOperator::less, SubstringComparator("x")))).problem(),
            "a regular expression or a substring is either found or not: only 'equal' and 'not_equal' make sense");
  EXPECT_EQ(Scan().filter(FuzzyRowFilter({{"abc", std::string("\0\1", 2)}})).problem(), "a fuzzy row and its mask differ in length");
  EXPECT_EQ(Scan().filter(MultiRowRangeFilter({{"b", true, "a", false}})).problem(), "a row range that ends before it begins");
  EXPECT_EQ(Scan().filter(ValueFilter(CompareOperator::equal, BigDecimalComparator("1.2.3"))).problem(),
            "'1.2.3' is not a decimal number");
  EXPECT_EQ(Get("r").filter(PageFilter(1)).attribute("a", "b").problem(), "");
}

TEST(Requests, ACopyDoesNotShareOptions) {
  Get first = Get("r").attribute("a", "1");
  Get second = first;
  second.attribute("a", "2");
  EXPECT_EQ(first.options().attributes.at("a"), "1");
  EXPECT_EQ(second.options().attributes.at("a"), "2");
  second.attribute("a", "");
  EXPECT_TRUE(second.options().attributes.empty());
  EXPECT_FALSE(Get("r").has_options());
}

TEST(Requests, RowMutationsAreOfOneRow) {
  EXPECT_EQ(RowMutations("a").add(Put("a").add("f", "q", "v")).problem(), "");
  EXPECT_EQ(RowMutations("a").add(Put("b").add("f", "q", "v")).problem(), "a mutation of row 'b' among those of row 'a'");
  EXPECT_EQ(RowMutations("").problem(), "the row key is empty");
}

TEST(Requests, ACheckAndMutateHasOneConditionAndOneConsequence) {
  const auto put = Put("r").add("f", "q", "v");
  EXPECT_EQ(CheckAndMutate("r").if_equals("f", "q", "v").then(put).problem(), "");
  EXPECT_EQ(CheckAndMutate("r").then(put).problem(), "a CheckAndMutate without a condition");
  EXPECT_EQ(CheckAndMutate("r").if_not_exists("f", "q").problem(), "a CheckAndMutate without a mutation");
  EXPECT_EQ(CheckAndMutate("r").if_not_exists("f", "q").if_matches(PrefixFilter("r")).then(put).problem(),
            "a CheckAndMutate has one condition; use a filter for several");
  EXPECT_EQ(CheckAndMutate("s").if_not_exists("f", "q").then(put).problem(), "the mutation is of row 'r', the condition of row 's'");
  EXPECT_EQ(CheckAndMutate("r").if_not_exists("", "q").then(put).problem(), "the family name is empty");
  EXPECT_EQ(CheckAndMutate("r").if_not_exists("f", "q").time_range(-1, 4).then(put).problem(),
            "time range [-1, 4) is negative or ends before it begins");
}

// As in Java: what was said of the family before does not count any more.
TEST(Requests, DeletingAFamilyReplacesItsColumns) {
  const auto del = Delete("r").add_column("f", "q", 12).add_columns("g", "q", 5).add_columns("f", "p", 3).add_family("f", 11);
  EXPECT_EQ(del.cell_count(), 2u);
  EXPECT_EQ(del.cell_block(), Delete("r").add_columns("g", "q", 5).add_family("f", 11).cell_block());
  EXPECT_EQ(Delete("r").add_family("f", 1).add_column("f", "q", 2).cell_count(), 2u);
}

TEST(Requests, MutationsCarryTimesToLiveAndTags) {
  EXPECT_EQ(Put("r").ttl(std::chrono::milliseconds(0)).problem(), "a TTL must be positive, not 0 ms");
  const auto put = Put("r").ttl(std::chrono::milliseconds(258)).add("f", "q", 1, "v", {{65, "tag"}});
  EXPECT_EQ(put.options().attributes.at("_ttl"), std::string("\0\0\0\0\0\0\1\2", 8));
  EXPECT_TRUE(put.has_tags());
  EXPECT_FALSE(Put("r").add("f", "q", "v").has_tags());
  EXPECT_EQ(Put("r").add("f", "q", 1, "v", {{65, std::string(40000, 't')}}).problem(), "tags of 40003 bytes; HBase allows 32767");
}

}  // namespace
}  // namespace hbmux
