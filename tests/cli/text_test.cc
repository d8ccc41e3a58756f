#include "cli/text.h"

#include <gtest/gtest.h>

namespace hbmux::cli {
namespace {

using namespace std::chrono_literals;

TEST(ColumnText, TellsAFamilyFromAnEmptyQualifier) {
  auto family = Column::parse("info").value();
  EXPECT_EQ(family.family, "info");
  EXPECT_FALSE(family.qualifier);
  auto empty = Column::parse("info:").value();
  ASSERT_TRUE(empty.qualifier);
  EXPECT_EQ(*empty.qualifier, "");
}

// The first colon separates; others belong to the qualifier, and any byte can be written.
TEST(ColumnText, TakesAnyByte) {
  auto column = Column::parse(R"(f:a:b\x00\x3A)").value();
  EXPECT_EQ(column.family, "f");
  EXPECT_EQ(*column.qualifier, std::string("a:b\0:", 5));
}

TEST(ColumnText, NeedsAFamily) {
  EXPECT_EQ(Column::parse(":q").error().code(), Errc::invalid_argument);
  EXPECT_EQ(Column::parse("").error().code(), Errc::invalid_argument);
}

TEST(Text, GroupsDigits) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
}

TEST(Text, ChoosesUnitsOfTime) {
  EXPECT_EQ(duration_text(950ns), "0.95 us");
  EXPECT_EQ(duration_text(88us), "88.0 us");
  EXPECT_EQ(duration_text(1234us), "1.23 ms");
  EXPECT_EQ(duration_text(2s), "2.00 s");
}

TEST(Text, ChoosesUnitsOfBytes) {
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.50 KiB");
}

TEST(Text, ShowsTimestampsInUtcWhereTheyAreDates) {
  EXPECT_EQ(timestamp_text(0), "1970-01-01 00:00:00.000");
  EXPECT_EQ(timestamp_text(1730000000123), "2024-10-27 03:33:20.123");
  EXPECT_EQ(timestamp_text(INT64_MAX), "9223372036854775807");
  EXPECT_EQ(timestamp_text(-1), "-1");
}

TEST(Text, QuotesForJson) { EXPECT_EQ(json_quoted("a\"b\\c\n\x01"), R"("a\"b\\c\n\u0001")"); }

TEST(Text, QuotesForCsvOnlyWhereItMust) {
  EXPECT_EQ(csv_quoted("plain"), "plain");
  EXPECT_EQ(csv_quoted("a,\"b\""), R"("a,""b""")");
}

TEST(Text, PadsByColumnsOfTheScreen) {
  EXPECT_EQ(padded("ü", 3), "ü  ");
  EXPECT_EQ(padded("7", 3, true), "  7");
  EXPECT_EQ(padded("long", 2), "long");
}

}  // namespace
}  // namespace hbmux::cli
