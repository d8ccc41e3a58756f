// The text form of filters, and what is said of text that is none.
#include <hbmux/filters.h>

#include <gtest/gtest.h>

namespace hbmux {
namespace {

using enum CompareOperator;

Filter parsed(std::string_view text) {
  auto filter = Filter::parse(text);
  EXPECT_TRUE(filter) << filter.error();
  return filter ? *filter : Filter("none", "");
}

std::string problem(std::string_view text) {
  auto filter = Filter::parse(text);
  if (filter) return "no error";
  EXPECT_EQ(filter.error().code(), Errc::invalid_argument);
  return filter.error().message();
}

FilterList all(std::vector<Filter> filters) { return FilterList(FilterList::Operator::must_pass_all, std::move(filters)); }
FilterList one(std::vector<Filter> filters) { return FilterList(FilterList::Operator::must_pass_one, std::move(filters)); }

TEST(FilterParser, KnowsEveryFilterOfHBasesParser) {
  EXPECT_EQ(parsed("KeyOnlyFilter()"), KeyOnlyFilter());
  EXPECT_EQ(parsed("KeyOnlyFilter(true)"), KeyOnlyFilter(true));
  EXPECT_EQ(parsed("FirstKeyOnlyFilter()"), FirstKeyOnlyFilter());
  EXPECT_EQ(parsed("PrefixFilter('row')"), PrefixFilter("row"));
  EXPECT_EQ(parsed("ColumnPrefixFilter('q')"), ColumnPrefixFilter("q"));
  EXPECT_EQ(parsed("MultipleColumnPrefixFilter('b', 'a')"), MultipleColumnPrefixFilter({"a", "b"}));
  EXPECT_EQ(parsed("ColumnCountGetFilter(4)"), ColumnCountGetFilter(4));
  EXPECT_EQ(parsed("PageFilter(10)"), PageFilter(10));
  EXPECT_EQ(parsed("ColumnPaginationFilter(2, 6)"), ColumnPaginationFilter(2, 6));
  EXPECT_EQ(parsed("InclusiveStopFilter('r')"), InclusiveStopFilter("r"));
  EXPECT_EQ(parsed("TimestampsFilter (3, 1)"), TimestampsFilter({1, 3}));
  EXPECT_EQ(parsed("RowFilter(<=, 'binary:xyz')"), RowFilter(less_or_equal, BinaryComparator("xyz")));
  EXPECT_EQ(parsed("FamilyFilter(=, 'binaryprefix:f')"), FamilyFilter(equal, BinaryPrefixComparator("f")));
  EXPECT_EQ(parsed("QualifierFilter(=, 'substring:Q')"), QualifierFilter(equal, SubstringComparator("q")));
  EXPECT_EQ(parsed("ValueFilter(!=, 'regexstring:a.*b')"), ValueFilter(not_equal, RegexStringComparator("a.*b")));
  EXPECT_EQ(parsed("ValueFilter(=, 'regexstringnocase:ab')"), ValueFilter(equal, RegexStringComparator("ab", 2 | 32)));
  EXPECT_EQ(parsed("ColumnRangeFilter('a', true, '', FALSE)"), ColumnRangeFilter("a", true, "", false));
  EXPECT_EQ(parsed("SingleColumnValueFilter('f','q',>,'binary:1')"), SingleColumnValueFilter("f", "q", greater, "1"));
  EXPECT_EQ(parsed("SingleColumnValueFilter('f','q',>,'binary:1', true, false)"),
            SingleColumnValueFilter("f", "q", greater, "1").filter_if_missing(true).latest_version_only(false));
  EXPECT_EQ(parsed("SingleColumnValueExcludeFilter('f','q',>=,'binary:1', true, true)"),
            SingleColumnValueExcludeFilter("f", "q", greater_or_equal, "1").filter_if_missing(true));
  EXPECT_EQ(parsed("DependentColumnFilter('f', 'q')"), DependentColumnFilter("f", "q"));
  EXPECT_EQ(parsed("DependentColumnFilter('f', 'q', true)"), DependentColumnFilter("f", "q", true));
  EXPECT_EQ(parsed("DependentColumnFilter('f', 'q', true, <, 'binary:v')"),
            DependentColumnFilter("f", "q", true, less, BinaryComparator("v")));
  EXPECT_EQ(parsed("ColumnValueFilter('f', 'q', <, 'binary:v')"), ColumnValueFilter("f", "q", less, BinaryComparator("v")));
}

TEST(FilterParser, BindsSkipAndWhileThenAndThenOr) {
  const PageFilter a(1), b(2), c(3);
  EXPECT_EQ(parsed("PageFilter(1) OR PageFilter(2) AND PageFilter(3)"), one({a, all({b, c})}));
  EXPECT_EQ(parsed("PageFilter(1) AND PageFilter(2) OR PageFilter(3)"), one({all({a, b}), c}));
  EXPECT_EQ(parsed("PageFilter(1) AND PageFilter(2) AND PageFilter(3)"), all({a, b, c}));
  EXPECT_EQ(parsed("SKIP PageFilter(1) AND WHILE PageFilter(2)"), all({SkipFilter(a), WhileMatchFilter(b)}));
  EXPECT_EQ(parsed("SKIP (PageFilter(1) AND PageFilter(2))"), SkipFilter(all({a, b})));
  EXPECT_EQ(parsed("(PageFilter(1) OR PageFilter(2)) AND PageFilter(3)"), all({one({a, b}), c}));
  EXPECT_EQ(parsed("((PageFilter(1)))"), a);
}

TEST(FilterParser, ReadsQuotesThatAreDoubled) {
  EXPECT_EQ(parsed("PrefixFilter('it''s (AND) , ok')"), PrefixFilter("it's (AND) , ok"));
  EXPECT_EQ(parsed("PrefixFilter('')"), PrefixFilter(""));
  EXPECT_EQ(parsed("ValueFilter(=, 'binary:a:b')"), ValueFilter(equal, BinaryComparator("a:b")));
}

TEST(FilterParser, NamesThePositionOfWhatIsWrong) {
  EXPECT_EQ(problem(""), "filter text, position 1: expected a filter (in: )");
  EXPECT_TRUE(problem("NoFilter(1)").starts_with("filter text, position 1: there is no filter 'NoFilter'"));
  EXPECT_TRUE(problem("PageFilter").starts_with("filter text, position 11: expected '(' after PageFilter"));
  EXPECT_TRUE(problem("PageFilter(1").starts_with("filter text, position 13: expected ')' behind the arguments"));
  EXPECT_TRUE(problem("PageFilter(x)").starts_with("filter text, position 12: expected a whole number, not x"));
  EXPECT_TRUE(problem("PageFilter(99999999999999999999)").starts_with("filter text, position 12: expected a whole number"));
  EXPECT_TRUE(problem("PageFilter(-1)").starts_with("filter text, position 1: a page size of -1 is negative"));
  EXPECT_TRUE(problem("PageFilter(1, 2)").starts_with("filter text, position 1: PageFilter takes 1 arguments, not 2"));
  EXPECT_TRUE(problem("PrefixFilter(x)").starts_with("filter text, position 14: expected a text in single quotes, not x"));
  EXPECT_TRUE(problem("PrefixFilter('x)").starts_with("filter text, position 14: the quoted text does not end"));
  EXPECT_TRUE(problem("ValueFilter(==, 'binary:x')").starts_with("filter text, position 13: expected one of < <= = != > >=, not =="));
  EXPECT_TRUE(problem("ValueFilter(=, 'bin:x')").starts_with("filter text, position 16: expected 'binary:'"));
  EXPECT_TRUE(problem("ValueFilter(=, 'binary')").starts_with("filter text, position 16: expected 'binary:'"));
  EXPECT_TRUE(problem("ValueFilter(<, 'substring:x')").starts_with("filter text, position 1: a regular expression or a substring"));
  EXPECT_TRUE(problem("KeyOnlyFilter(yes)").starts_with("filter text, position 15: expected true or false, not yes"));
  EXPECT_TRUE(problem("PageFilter(1) AND").starts_with("filter text, position 18: expected a filter"));
  EXPECT_TRUE(problem("PageFilter(1) PageFilter(2)").starts_with("filter text, position 15: expected AND, OR or the end"));
  EXPECT_TRUE(problem("(PageFilter(1)").starts_with("filter text, position 15: expected ')' for the '(' at position 1"));
  EXPECT_TRUE(problem("PageFilter(1))").starts_with("filter text, position 14: expected AND, OR or the end"));
}

TEST(FilterParser, DoesNotFollowNestingWithoutEnd) {
  EXPECT_NE(problem(std::string(100000, '(')).find("nested deeper than 100"), std::string::npos);
}

}  // namespace
}  // namespace hbmux
