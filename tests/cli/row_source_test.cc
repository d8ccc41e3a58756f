// Rows out of files, and what is said of lines that make no sense.
#include "cli/row_source.h"

#include "tests/support/result_assertions.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hbmux::cli {
namespace {

std::string problem(SourceRow row) { return row.put ? "none" : row.put.error().message(); }

class Rows {
 public:
  Rows(std::string text, RowFormat format, const std::vector<std::string>& columns = {})
      : in_(std::move(text)), source_(RowSource::open(in_, format, columns)) {}
  std::string open_problem() const { return source_ ? "none" : source_.error().message(); }
  std::optional<SourceRow> next() { return (*source_)->next(); }
  const std::string& header() { return (*source_)->header(); }

 private:
  std::istringstream in_;
  Result<std::unique_ptr<RowSource>> source_;
};

TEST(RowSource, CsvWithAHeader) {
  Rows rows("row,f:a,f:b\r\nr1,1,2\n\nr2,,\"x, \"\"y\"\"\nz\"\nr3\nr4,,\n", RowFormat::csv);
  EXPECT_EQ(rows.header(), "row,f:a,f:b\r\n");
  auto row = rows.next();
  ASSERT_TRUE(row && row->put);
  EXPECT_EQ(row->line, 2u);
  EXPECT_EQ(row->put->cell_block(), Put("r1").add("f", "a", "1").add("f", "b", "2").cell_block());
  row = rows.next();
  ASSERT_TRUE(row && row->put);
  EXPECT_EQ(row->line, 4u);
  EXPECT_EQ(row->text, "r2,,\"x, \"\"y\"\"\nz\"\n");
  EXPECT_EQ(row->put->cell_block(), Put("r2").add("f", "b", "x, \"y\"\nz").cell_block());
  row = rows.next();
  EXPECT_EQ(row->line, 6u);
  EXPECT_EQ(problem(*row), "it has 1 fields, and should have 3");
  EXPECT_EQ(problem(*rows.next()), "it has no values");
  EXPECT_FALSE(rows.next());
}

TEST(RowSource, TsvWithColumnsGiven) {
  Rows rows("r\\x00\t\"1\n", RowFormat::tsv, {"row", "f:a"});
  EXPECT_EQ(rows.header(), "");
  EXPECT_EQ(rows.next()->put->cell_block(), Put(std::string("r\0", 2)).add("f", "a", "\"1").cell_block());
}

TEST(RowSource, WhatScanWrites) {
  Rows csv("row,column,timestamp,value\nr,f:q,5,v\nr,f:q,x,v\nr,f,5,v\n", RowFormat::csv);
  EXPECT_EQ(csv.next()->put->cell_block(), Put("r").add("f", "q", 5, "v").cell_block());
  EXPECT_EQ(problem(*csv.next()), "\"x\" is not a timestamp");
  EXPECT_EQ(problem(*csv.next()), "column \"f\" has no qualifier: family:qualifier");
  Rows json(R"({"row":"r","cells":[{"family":"f","qualifier":"q","timestamp":5,"value":"v\\x01"}]})", RowFormat::jsonl);
  EXPECT_EQ(json.next()->put->cell_block(), Put("r").add("f", "q", 5, "v\1").cell_block());
}

TEST(RowSource, ObjectsALine) {
  Rows rows("{\"row\": \"r\", \"f:a\": \"x\", \"f:n\": 12, \"f:b\": true}\n[1]\n{\"f:a\": \"x\"}\n{\"row\": \"r\"}\n{\"row\": \"r\", \"f:a\": {}}\n{",
            RowFormat::jsonl);
  EXPECT_EQ(rows.next()->put->cell_block(), Put("r").add("f", "a", "x").add("f", "n", "12").add("f", "b", "true").cell_block());
  EXPECT_EQ(problem(*rows.next()), "it is not an object");
  EXPECT_EQ(problem(*rows.next()), "it has no \"row\"");
  EXPECT_EQ(problem(*rows.next()), "it has no values");
  EXPECT_EQ(problem(*rows.next()), "a value is neither text nor a number");
  EXPECT_TRUE(problem(*rows.next()).starts_with("it is not JSON: "));
  EXPECT_FALSE(rows.next());
}

TEST(RowSource, HeadersThatMakeNoSense) {
  EXPECT_EQ(Rows("", RowFormat::csv).open_problem(), "the file is empty: it should begin with a header such as row,family:qualifier");
  EXPECT_EQ(Rows("a,f:b\n", RowFormat::csv).open_problem(), "the first column should be \"row\", not \"a\"");
  EXPECT_EQ(Rows("row\n", RowFormat::csv).open_problem(), "there are no columns beside \"row\"");
  EXPECT_EQ(Rows("row,b\n", RowFormat::csv).open_problem(), "column \"b\" has no qualifier: family:qualifier");
  EXPECT_EQ(Rows("", RowFormat::jsonl, {"row"}).open_problem(), "--columns is for csv and tsv");
  EXPECT_EQ(Rows("row,\"b\n", RowFormat::csv).open_problem(), "a quoted field does not end");
}

TEST(RowSource, FormatsByName) {
  EXPECT_EQ(row_format_of("a/b.csv"), RowFormat::csv);
  EXPECT_EQ(row_format_of("b.tsv"), RowFormat::tsv);
  EXPECT_EQ(row_format_of("b.ndjson"), RowFormat::jsonl);
  EXPECT_FALSE(row_format_of("b.txt"));
  EXPECT_FALSE(row_format_of("-"));
}

}  // namespace
}  // namespace hbmux::cli
