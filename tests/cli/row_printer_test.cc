#include "cli/row_printer.h"

#include "tests/cli/rows.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hbmux::cli {
namespace {

std::string printed(Format format) {
  std::ostringstream out;
  RowPrinter printer(out, format);
  printer.print(row_of(Put("r1", 0).add("f", "q", "v\x01")));
  printer.print(row_of(Put("row2", 1).add("f", "long", "a,\"b\"")));
  printer.finish();
  return out.str();
}

TEST(RowPrinter, AlignsForPeople) {
  EXPECT_EQ(printed(Format::table),
            "ROW   COLUMN  TIMESTAMP (UTC)          VALUE\n"
            "r1    f:q     1970-01-01 00:00:00.000  v\\x01\n"
            "row2  f:long  1970-01-01 00:00:00.001  a,\"b\"\n");
}

TEST(RowPrinter, IsAnObjectARowInJson) {
  EXPECT_EQ(printed(Format::json),
            R"({"row":"r1","cells":[{"family":"f","qualifier":"q","timestamp":0,"value":"v\\x01"}]})"
            "\n"
            R"({"row":"row2","cells":[{"family":"f","qualifier":"long","timestamp":1,"value":"a,\"b\""}]})"
            "\n");
}

TEST(RowPrinter, IsALineACellInCsv) {
  EXPECT_EQ(printed(Format::csv), "row,column,timestamp,value\nr1,f:q,0,v\\x01\nrow2,f:long,1,\"a,\"\"b\"\"\"\n");
}

}  // namespace
}  // namespace hbmux::cli
