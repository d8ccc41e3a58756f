// Rows cut into chunks, and put together again as the API's definition says.
#include "gateway/row_chunker.h"
#include "tests/gateway/cells.h"

#include <gtest/gtest.h>

namespace hbmux::gateway {
namespace {

/// What a client makes of chunks; rows are committed into `out`.
class Merger {
 public:
  void take(const bt::ReadRowsResponse& message) {
    for (const auto& chunk : message.chunks()) {
      if (!in_cell_) {
        if (!chunk.row_key().empty()) key_ = chunk.row_key();
        if (chunk.has_family_name()) family_ = chunk.family_name().value();
        if (chunk.has_qualifier()) qualifier_ = chunk.qualifier().value();
        row_ += " " + family_ + ":" + qualifier_ + "@" + std::to_string(chunk.timestamp_micros());
        for (const auto& label : chunk.labels()) row_ += "[" + label + "]";
        value_.clear();
      }
      value_ += chunk.value();
      in_cell_ = chunk.value_size() != 0;
      if (in_cell_) {
        expected_ = static_cast<std::size_t>(chunk.value_size());
        continue;
      }
      EXPECT_TRUE(expected_ == 0 || value_.size() == expected_);
      expected_ = 0;
      row_ += "=" + value_;
      if (chunk.commit_row()) {
        out += key_ + row_ + "\n";
        row_.clear();
      }
    }
  }
  std::string out;

 private:
  std::string key_, family_, qualifier_, row_, value_;
  std::size_t expected_ = 0;
  bool in_cell_ = false;
};

std::string cut_and_merged(std::size_t message_bytes, const std::vector<RowCells>& rows, int* messages = nullptr) {
  RowChunker chunker(message_bytes);
  Merger merger;
  bt::ReadRowsResponse message;
  int count = 0;
  const auto flush = [&] {
    merger.take(message);
    message.Clear();
    chunker.begin_message();
    ++count;
  };
  for (const RowCells& cells : rows) {
    chunker.begin(Row(), "key", cells);
    while (!chunker.is_done()) {
      chunker.fill(message);
      if (chunker.is_full()) flush();
    }
  }
  flush();
  if (messages != nullptr) *messages = count;
  return merger.out;
}

const RowCells kRow = {{"f", "a", 3, "one", {}}, {"f", "a", 2, "", {}}, {"f", "b", 3, "two", "l"}, {"g", "b", 1, "three", {}}};
constexpr const char* kRowText = "key f:a@3=one f:a@2= f:b@3[l]=two g:b@1=three\n";

TEST(RowChunkerTest, SaysWhatChangesAndCommitsAtTheEnd) {
  RowChunker chunker;
  bt::ReadRowsResponse message;
  chunker.begin(Row(), "key", kRow);
  chunker.fill(message);
  ASSERT_EQ(message.chunks_size(), 4);
  EXPECT_TRUE(chunker.is_done());
  EXPECT_EQ(message.chunks(0).row_key(), "key");
  EXPECT_FALSE(message.chunks(1).has_family_name() || message.chunks(1).has_qualifier());
  EXPECT_TRUE(message.chunks(2).has_qualifier() && !message.chunks(2).has_family_name());
  EXPECT_TRUE(message.chunks(3).has_qualifier()) << "with a new family the qualifier is said again";
  EXPECT_TRUE(message.chunks(3).commit_row() && !message.chunks(2).commit_row());
}

TEST(RowChunkerTest, AnySizeOfMessagesGivesTheSameRows) {
  for (std::size_t size = 1; size < 200; ++size) EXPECT_EQ(cut_and_merged(size, {kRow, kRow}), std::string(kRowText) + kRowText) << size;
}

TEST(RowChunkerTest, LargeValuesGoInParts) {
  const std::string large(1000, 'x');
  int messages = 0;
  EXPECT_EQ(cut_and_merged(300, {{{"f", "q", 1, large, {}}}}, &messages), "key f:q@1=" + large + "\n");
  EXPECT_GE(messages, 4);
}

}  // namespace
}  // namespace hbmux::gateway
