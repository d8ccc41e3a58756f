// Each filter and comparator, built here and built by the Java client, is the same class with the same bytes; and so is what either makes of the
// text form. Needs Java and Maven.
#include <hbmux/filters.h>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace hbmux {
namespace {

using enum CompareOperator;

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

template <class T>
std::string text_of(const T& made) {
  return made.class_name() + "\t" + hex(made.serialized());
}

std::map<std::string, std::string> ours() {
  std::map<std::string, std::string> all;
  auto add = [&](const std::string& label, const auto& made) { all[label] = text_of(made); };
  const std::string bits("\1\0\xff", 3);
  add("binary", BinaryComparator("abc"));
  add("binary prefix", BinaryPrefixComparator("abc"));
  add("binary component", BinaryComponentComparator("abc", 7));
  add("bit and", BitComparator(bits, BitComparator::BitwiseOp::bit_and));
  add("bit or", BitComparator(bits, BitComparator::BitwiseOp::bit_or));
  add("bit xor", BitComparator(bits, BitComparator::BitwiseOp::bit_xor));
  add("null", NullComparator());
  add("long", LongComparator(-5));
  for (const char* decimal : {"0", "0.00", "-0.5", "12.50", "127", "128", "-128", "-129", "255", "256", "-256", "-32768", "-32769",
                              "123456789012345678901234567890.123", "-123456789012345678901234567890"}) {
    add(std::string("decimal ") + decimal, BigDecimalComparator(decimal));
  }
  add("regex", RegexStringComparator("a.*b"));
  add("regex flags",
      RegexStringComparator("a.*b", RegexStringComparator::kCaseInsensitive | RegexStringComparator::kMultiline));
  add("regex joni",
      RegexStringComparator("a.*b", RegexStringComparator::kDotAll, RegexStringComparator::Engine::joni));
  add("substring", SubstringComparator("AbC"));

  add("row", RowFilter(greater, BinaryComparator("r")));
  add("prefix", PrefixFilter("p"));
  add("page", PageFilter(300));
  add("inclusive stop", InclusiveStopFilter("s"));
  add("random row", RandomRowFilter(0.25F));
  add("fuzzy", FuzzyRowFilter({{"a?c", std::string("\0\1\0", 3)}, {"xy", std::string("\0\0", 2)}}));
  add("multi row range",
      MultiRowRangeFilter({{"m", true, "p", false}, {"a", true, "c", false}, {"b", false, "d", true}, {"z", false, "", false}}));
  add("multi row range touching", MultiRowRangeFilter({{"a", true, "b", false}, {"b", true, "c", false}, {"c", false, "d", false}}));
  add("multi row range within", MultiRowRangeFilter({{"a", true, "e", false}, {"b", true, "c", true}, {"d", true, "e", true}}));
  add("multi row range prefixes", MultiRowRangeFilter::of_prefixes({"ab", "aa", "c\xff"}));
  add("list all", FilterList({PageFilter(1), PrefixFilter("p")}));
  add("list one", FilterList(FilterList::Operator::must_pass_one, {PageFilter(1), PrefixFilter("p")}));
  add("list empty", FilterList(FilterList::Operator::must_pass_all));
  add("skip", SkipFilter(PageFilter(1)));
  add("while", WhileMatchFilter(PageFilter(1)));

  add("family", FamilyFilter(less, BinaryComparator("f")));
  add("qualifier", QualifierFilter(less_or_equal, NullComparator()));
  add("column prefix", ColumnPrefixFilter("q"));
  add("multiple column prefix", MultipleColumnPrefixFilter({"b", "a"}));
  add("column range", ColumnRangeFilter("a", true, "b", false));
  add("column range open", ColumnRangeFilter("", false, "", true));
  add("column count", ColumnCountGetFilter(3));
  add("column pagination", ColumnPaginationFilter(3, 4));
  add("column pagination from", ColumnPaginationFilter(3, "q"));
  add("first key", FirstKeyOnlyFilter());
  add("first key matching", FirstKeyValueMatchingQualifiersFilter({"p", "q"}));
  add("key only", KeyOnlyFilter());
  add("key only length", KeyOnlyFilter(true));

  add("value", ValueFilter(not_equal, SubstringComparator("x")));
  add("column value", ColumnValueFilter("f", "q", greater_or_equal, BinaryComparator("v")));
  add("single", SingleColumnValueFilter("f", "q", equal, "v"));
  add("single set", SingleColumnValueFilter("f", "q", equal, "v").filter_if_missing(true).latest_version_only(false));
  add("single exclude", SingleColumnValueExcludeFilter("f", "q", equal, "v").filter_if_missing(true));
  add("dependent", DependentColumnFilter("f", "q"));
  add("dependent compare", DependentColumnFilter("f", "q", true, equal, BinaryComparator("v")));
  add("timestamps", TimestampsFilter({5, 1, 5}));
  add("timestamps hint", TimestampsFilter({5, 1}, true));
  return all;
}

const std::vector<std::string>& texts() {
  static const std::vector<std::string> kTexts = {
      "KeyOnlyFilter()", "KeyOnlyFilter(true)", "FirstKeyOnlyFilter()", "PrefixFilter('it''s')", "ColumnPrefixFilter('q')",
      "MultipleColumnPrefixFilter('b', 'a')", "ColumnCountGetFilter(4)", "PageFilter(10)", "ColumnPaginationFilter(2, 6)",
      "InclusiveStopFilter('r')", "TimestampsFilter(3, 1)", "RowFilter(<=, 'binary:xyz')", "FamilyFilter(=, 'binaryprefix:f')",
      "QualifierFilter(=, 'substring:Q')", "ValueFilter(!=, 'regexstring:a.*b')", "ValueFilter(=, 'regexstringnocase:ab')",
      "ColumnRangeFilter('a', true, '', FALSE)", "SingleColumnValueFilter('f','q',=,'binary:x') AND PageFilter(10)",
      "SingleColumnValueFilter('f','q',>,'binary:1', true, false)", "SingleColumnValueExcludeFilter('f','q',>=,'binary:1', true, true)",
      "DependentColumnFilter('f', 'q')", "DependentColumnFilter('f', 'q', true)",
      "DependentColumnFilter('f', 'q', true, <, 'binary:v')", "ColumnValueFilter('f', 'q', <, 'binary:v')",
      "PageFilter(1) OR PageFilter(2) AND PageFilter(3)", "PageFilter(1) AND PageFilter(2) OR PageFilter(3)",
      "PageFilter(1) AND PageFilter(2) AND PageFilter(3)", "SKIP PageFilter(1) AND WHILE PageFilter(2)",
      "(PageFilter(1) OR PageFilter(2)) AND PageFilter(3)", "SKIP (PageFilter(1) AND PageFilter(2))"};
  return kTexts;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// What the Java program prints: label to the rest of the line. Nothing when it cannot run here, with the reason.
std::map<std::string, std::string> java(const std::vector<std::string>& arguments, std::string& reason) {
  const std::string out = testing::TempDir() + "hbmux-filter-bytes-" + std::to_string(getpid());
  std::string command = HBMUX_PEERS_DIR "/java/run hbase-2.6 FilterBytes.java";
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  const int status = std::system((command + " >'" + out + "' 2>'" + out + ".log'").c_str());
  std::stringstream log;
  log << std::ifstream(out + ".log").rdbuf();
  std::map<std::string, std::string> lines;
  std::ifstream in(out);
  for (std::string line; std::getline(in, line);) {
    if (const auto tab = line.find('\t'); tab != std::string::npos) lines[line.substr(0, tab)] = line.substr(tab + 1);
  }
  std::remove(out.c_str());
  std::remove((out + ".log").c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return reason = log.str(), std::map<std::string, std::string>();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << log.str();
  return lines;
}

void expect_same(const std::map<std::string, std::string>& made, const std::map<std::string, std::string>& theirs) {
  for (const auto& [label, line] : theirs) EXPECT_TRUE(made.contains(label)) << "only in Java: " << label;
  for (const auto& [label, line] : made) {
    const auto at = theirs.find(label);
    EXPECT_EQ(line, at == theirs.end() ? "nothing" : at->second) << label;
  }
}

TEST(FilterBytes, AreThoseOfTheJavaClient) {
  std::string reason;
  const auto theirs = java({}, reason);
  if (!reason.empty()) GTEST_SKIP() << reason;
  expect_same(ours(), theirs);
}

TEST(FilterBytes, OfTextAreThoseOfParseFilter) {
  std::string reason;
  const auto theirs = java(texts(), reason);
  if (!reason.empty()) GTEST_SKIP() << reason;
  std::map<std::string, std::string> made;
  for (const std::string& text : texts()) {
    const auto filter = Filter::parse(text);
    ASSERT_TRUE(filter) << filter.error();
    made[text] = text_of(*filter);
  }
  expect_same(made, theirs);
}

}  // namespace
}  // namespace hbmux
