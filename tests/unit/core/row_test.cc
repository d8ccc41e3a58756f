#include <hbmux/row.h>

#include "core/cell_block.h"

#include <gtest/gtest.h>

#include <memory>
#include <sstream>

namespace hbmux {
namespace {

Row row_of(std::initializer_list<std::pair<const char*, CellType>> cells) {
  auto block = std::make_shared<std::string>();
  for (const auto& [qualifier, type] : cells) core::append_cell(*block, "r\x01", "f", qualifier, 17, type, "abc");
  std::vector<Cell> views;
  for (core::CellBlockReader reader(*block); !reader.at_end();) views.push_back(*reader.next());
  return Row(block, std::move(views), true);
}

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(Row, IsPrintedAsInJava) {
  EXPECT_EQ(printed(row_of({{"q", CellType::put}, {"x", CellType::delete_column}})),
            "keyvalues={r\\x01/f:q/17/Put/vlen=3, r\\x01/f:x/17/DeleteColumn/vlen=3}");
  EXPECT_EQ(printed(Row()), "keyvalues=NONE");
}

TEST(Row, GivesTheVersionsOfAColumn) {
  const Row row = row_of({{"a", CellType::put}, {"b", CellType::put}, {"b", CellType::delete_version}, {"c", CellType::put}});
  EXPECT_EQ(row.column("f", "b").data(), &row[1]);
  EXPECT_EQ(row.column("f", "b").size(), 2u);
  EXPECT_EQ(row.column("f", "c").size(), 1u);
  EXPECT_TRUE(row.column("f", "d").empty());
  EXPECT_TRUE(row.column("g", "b").empty());
  EXPECT_TRUE(Row().column("f", "b").empty());
}

TEST(Row, IsARangeOfCells) {
  const Row row = row_of({{"a", CellType::put}, {"b", CellType::put}, {"c", CellType::put}});
  std::string qualifiers;
  for (const Cell& cell : row) qualifiers += cell.qualifier();
  EXPECT_EQ(qualifiers, "abc");
  EXPECT_EQ(row.cells().size(), 3u);
  EXPECT_EQ(row[1].qualifier(), "b");
  EXPECT_EQ(row.value("f", "c"), "abc");
  EXPECT_EQ(row.value("f", "d"), std::nullopt);
}

// A copy, and a part made of a Row's cells, keep the bytes.
TEST(Row, CopiesKeepTheBytes) {
  auto row = std::make_unique<Row>(row_of({{"a", CellType::put}, {"b", CellType::put}}));
  const Row copy = *row;
  const Row part(row->owner(), row->cells().subspan(1), false);
  row.reset();
  EXPECT_EQ(copy[0].value(), "abc");
  ASSERT_EQ(part.size(), 1u);
  EXPECT_EQ(part.row(), "r\x01");
  EXPECT_EQ(part[0].qualifier(), "b");
}

}  // namespace
}  // namespace hbmux
