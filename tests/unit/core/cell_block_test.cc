#include "core/cell_block.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace hbmux::core {
namespace {

std::string one_cell(std::string_view tags = {}) {
  std::string block;
  append_cell(block, "row", "f", "qual", 7, CellType::put, "value", tags);
  return block;
}

Result<Cell> read_one(std::string_view block) { return CellBlockReader(block).next(); }

// The bytes as KeyValueCodec.java writes them, spelled out once.
TEST(CellBlock, WritesTheLayoutOfKeyValueCodec) {
  const std::string expected(
      "\0\0\0\x21"            // size of the KeyValue
      "\0\0\0\x14\0\0\0\x05"  // key length, value length
      "\0\x03row\x01"
      "fqual"                   // row, family, qualifier
      "\0\0\0\0\0\0\0\x07\x04"  // timestamp, type
      "value",
      37);
  EXPECT_EQ(one_cell(), expected);
  EXPECT_EQ(key_value_size(3, 1, 4, 5), expected.size() - 4);
}

TEST(CellBlock, WritesTagsOnlyWhenThereAreSome) {
  const std::string tag("\0\x02\x01x", 4);
  EXPECT_EQ(one_cell(tag).substr(37), std::string("\0\x04", 2) + tag);
  EXPECT_EQ(one_cell().size() + 2 + tag.size(), one_cell(tag).size());
}

TEST(CellBlock, ReadsWhatItWrote) {
  const std::string tag("\0\x02\x01x", 4);
  std::string block;
  append_cell(block, "r1", "f", "", -5, CellType::delete_family, "");
  append_cell(block, std::string(kMaxRowLength, 'r'), std::string(kMaxFamilyLength, 'f'), std::string("\0q", 2),
              kLatestTimestamp, CellType::put, std::string("\0v", 2), tag);
  CellBlockReader reader(block);
  const Cell first = reader.next().value();
  EXPECT_EQ(first.row(), "r1");
  EXPECT_EQ(first.family(), "f");
  EXPECT_EQ(first.qualifier(), "");
  EXPECT_EQ(first.timestamp(), -5);
  EXPECT_EQ(first.type(), CellType::delete_family);
  EXPECT_EQ(first.value(), "");
  EXPECT_EQ(first.tags(), "");
  EXPECT_FALSE(reader.at_end());
  const Cell second = reader.next().value();
  EXPECT_EQ(second.row().size(), kMaxRowLength);
  EXPECT_EQ(second.family().size(), kMaxFamilyLength);
  EXPECT_EQ(second.qualifier(), std::string_view("\0q", 2));
  EXPECT_EQ(second.timestamp(), kLatestTimestamp);
  EXPECT_EQ(second.value(), std::string_view("\0v", 2));
  EXPECT_EQ(second.tags(), tag);
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.next().error().code(), Errc::protocol_error);
}

TEST(CellBlock, ACellIsAViewIntoTheBlock) {
  const std::string block = one_cell();
  const Cell cell = read_one(block).value();
  EXPECT_EQ(cell.value().data(), block.data() + 32);
  EXPECT_EQ(cell.encoded(), std::string_view(block).substr(4));
}

TEST(CellBlock, EmptyTagsAreLegal) {
  std::string key_value = one_cell().substr(4) + std::string(2, '\0');
  Cell cell;
  ASSERT_TRUE(Cell::from_bytes(key_value, cell));
  EXPECT_EQ(cell.tags(), "");
  EXPECT_EQ(cell.value(), "value");
}

TEST(CellBlock, EveryTruncationIsAnError) {
  const std::string block = one_cell(std::string_view("\0\x02\x01x", 4));
  for (std::size_t size = 0; size < block.size(); ++size) {
    // A copy of just that size, so that a sanitizer sees a read behind it.
    const std::vector<char> copy(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size));
    auto result = read_one({copy.data(), copy.size()});
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.error().code(), Errc::protocol_error);
  }
}

TEST(CellBlock, LengthsThatContradictEachOtherAreErrors) {
  const std::string good = one_cell();
  auto with = [&](std::size_t at, std::string_view bytes) {
    std::string block = good;
    block.replace(at, bytes.size(), bytes);
    return read_one(block);
  };
  using namespace std::string_view_literals;
  EXPECT_FALSE(with(0, "\xff\xff\xff\xff"sv)) << "size";
  EXPECT_FALSE(with(0, "\x7f\xff\xff\xff"sv)) << "size";
  EXPECT_FALSE(with(0, "\0\0\0\0"sv)) << "size";
  EXPECT_FALSE(with(0, "\0\0\0\x20"sv)) << "a byte less than the lengths need";
  EXPECT_FALSE(with(4, "\xff\xff\xff\xff"sv)) << "key length";
  EXPECT_FALSE(with(4, "\0\0\0\x0b"sv)) << "a key without room for its row";
  EXPECT_FALSE(with(4, "\0\0\0\x15"sv)) << "key and value longer than the cell";
  EXPECT_FALSE(with(8, "\xff\xff\xff\xff"sv)) << "value length";
  EXPECT_FALSE(with(8, "\0\0\0\x04"sv)) << "one byte left, too few for tags";
  EXPECT_FALSE(with(8, "\0\0\0\x03"sv)) << "bytes of the value taken for a tags length";
  EXPECT_FALSE(with(12, "\xff\xff"sv)) << "row length";
  EXPECT_FALSE(with(12, "\0\x0a"sv)) << "row over the timestamp";
  EXPECT_FALSE(with(17, "\xff"sv)) << "family length";
  EXPECT_FALSE(with(17, "\x06"sv)) << "family over the timestamp";
}

// Whatever the bytes are: no crash, no read outside (the sanitizers watch), and an end.
TEST(CellBlock, AlteredBytesDoNoHarm) {
  std::mt19937 random(20261120);
  std::string good;
  for (int i = 0; i < 4; ++i) good += one_cell(i % 2 ? std::string_view("\0\x02\x01x", 4) : std::string_view());
  for (int round = 0; round < 20000; ++round) {
    std::vector<char> block(good.begin(), good.end() - static_cast<std::ptrdiff_t>(random() % 8));
    for (std::uint32_t changes = 1 + random() % 4; changes > 0; --changes) {
      block[random() % block.size()] = static_cast<char>(random());
    }
    CellBlockReader reader({block.data(), block.size()});
    std::size_t bytes = 0;
    while (!reader.at_end()) {
      auto cell = reader.next();
      if (!cell) break;
      bytes += cell->row().size() + cell->family().size() + cell->qualifier().size() + cell->value().size() +
               cell->tags().size();
      for (char c : cell->encoded()) bytes += c == 'x';
    }
    ASSERT_LE(bytes, 2 * block.size());
  }
}

TEST(CellBlock, CellsAreOrderedAsInATable) {
  struct Part {
    std::string row, family, qualifier;
    std::int64_t timestamp;
    CellType type;
  };
  const std::vector<Part> ordered = {
      {"a", "f", "a", 2, CellType::put},    {"a", "f", "a", 1, CellType::delete_family},
      {"a", "f", "a", 1, CellType::put},    {"a", "f", "b", 9, CellType::put},
      {"a", "g", "a", 9, CellType::put},    {std::string("a\0", 2), "f", "a", 9, CellType::put},
      {"\xff", "f", "a", 9, CellType::put},
  };
  std::vector<std::string> blocks;
  for (const Part& part : ordered) {
    append_cell(blocks.emplace_back(), part.row, part.family, part.qualifier, part.timestamp, part.type, "v");
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (std::size_t j = 0; j < blocks.size(); ++j) {
      const int order = compare_cells(read_one(blocks[i]).value(), read_one(blocks[j]).value());
      EXPECT_EQ(order < 0, i < j) << i << " " << j;
      EXPECT_EQ(order == 0, i == j) << i << " " << j;
    }
  }
}

}  // namespace
}  // namespace hbmux::core
