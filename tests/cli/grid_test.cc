#include "cli/grid.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hbmux::cli {
namespace {

std::string printed(Format format, Grid::Titles titles = Grid::Titles::shown) {
  Grid grid({"server", "heap_mb"});
  grid.add({"a,b", std::uint64_t{7}});
  grid.add({"longer", std::uint64_t{1234567}});
  std::ostringstream out;
  grid.print(out, format, titles);
  return out.str();
}

TEST(Grid, AlignsForPeople) {
  EXPECT_EQ(printed(Format::table),
            "SERVER  HEAP MB\n"
            "a,b           7\n"
            "longer  1234567\n");
}

TEST(Grid, HidesTitlesForPeopleOnly) {
  EXPECT_EQ(printed(Format::table, Grid::Titles::hidden).substr(0, 3), "a,b");
  EXPECT_EQ(printed(Format::csv, Grid::Titles::hidden).substr(0, 6), "server");
}

TEST(Grid, IsAnObjectALineInJson) {
  EXPECT_EQ(printed(Format::json), "{\"server\":\"a,b\",\"heap_mb\":7}\n{\"server\":\"longer\",\"heap_mb\":1234567}\n");
}

TEST(Grid, QuotesInCsv) { EXPECT_EQ(printed(Format::csv), "server,heap_mb\n\"a,b\",7\nlonger,1234567\n"); }

}  // namespace
}  // namespace hbmux::cli
