// Rows out of chunks: our own cases, and the published ones where HBMUX_READ_ROWS_CASES names their file.
#include "bigtable/chunk_merger.h"
#include "tests/support/result_assertions.h"

#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::bigtable {
namespace {

using Response = bt::ReadRowsResponse;
using Chunk = Response::CellChunk;

/// Protobuf's text form, as far as the published cases use it.
class ChunkText {
 public:
  explicit ChunkText(std::string_view text) : rest_(text) {}

  Chunk parse() {
    Chunk chunk;
    for (skip(); !rest_.empty(); skip()) {
      const std::string name = word();
      take(':');
      if (name == "row_key") chunk.set_row_key(quoted());
      else if (name == "family_name") chunk.mutable_family_name()->set_value(wrapped());
      else if (name == "qualifier") chunk.mutable_qualifier()->set_value(wrapped());
      else if (name == "timestamp_micros") chunk.set_timestamp_micros(std::stoll(word()));
      else if (name == "labels") chunk.add_labels(quoted());
      else if (name == "value") chunk.set_value(quoted());
      else if (name == "value_size") chunk.set_value_size(std::stoi(word()));
      else if (name == "commit_row") set_status(chunk, word() == "true", true);
      else if (name == "reset_row") set_status(chunk, word() == "true", false);
      else ADD_FAILURE() << "a field that is not known: " << name;
    }
    return chunk;
  }

 private:
  static void set_status(Chunk& chunk, bool yes, bool commit) {
    if (yes) commit ? chunk.set_commit_row(true) : chunk.set_reset_row(true);
  }
  void skip() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n')) rest_.remove_prefix(1);
  }
  void take(char c) {
    skip();
    ASSERT_FALSE(rest_.empty());
    ASSERT_EQ(rest_[0], c);
    rest_.remove_prefix(1);
  }
  std::string word() {
    skip();
    const auto end = rest_.find_first_of(" \n:>");
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(out.size());
    return out;
  }
  std::string quoted() {
    take('"');
    std::string out;
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] != '\\') {
        out += rest_[0];
        rest_.remove_prefix(1);
      } else if (rest_[1] >= '0' && rest_[1] <= '7') {
        out += static_cast<char>(std::stoi(std::string(rest_.substr(1, 3)), nullptr, 8));
        rest_.remove_prefix(4);
      } else {
        out += rest_[1] == 'n' ? '\n' : rest_[1];
        rest_.remove_prefix(2);
      }
    }
    take('"');
    return out;
  }
  std::string wrapped() {
    take('<');
    std::string out;
    skip();
    if (rest_[0] != '>') {
      EXPECT_EQ(word(), "value");
      take(':');
      out = quoted();
    }
    take('>');
    return out;
  }

  std::string_view rest_;
};

std::string line(const MergedRow& row, const MergedCell& cell) {
  std::string labels;
  for (const auto& label : cell.labels) labels += label;
  return row.key + " " + cell.family + ":" + cell.qualifier + "@" + std::to_string(cell.timestamp_micros) + "=" + cell.value + "/" + labels;
}

/// A line a cell, and "error" at the end when there is one.
std::vector<std::string> merged(const std::vector<Chunk>& chunks) {
  ChunkMerger merger;
  std::vector<MergedRow> rows;
  bool failed = false;
  for (const Chunk& chunk : chunks) {
    Response message;
    *message.add_chunks() = chunk;
    if (!merger.take(message, rows)) {
      failed = true;
      break;
    }
  }
  std::vector<std::string> out;
  for (const MergedRow& row : rows) {
    for (const MergedCell& cell : row.cells) out.push_back(line(row, cell));
  }
  if (failed || !merger.finish()) out.push_back("error");
  return out;
}

Chunk chunk(std::string_view text) { return ChunkText(text).parse(); }

TEST(ChunkMerger, PublishedCases) {
  const char* path = std::getenv("HBMUX_READ_ROWS_CASES");
  if (path == nullptr) GTEST_SKIP() << "HBMUX_READ_ROWS_CASES does not name the file";
  boost::property_tree::ptree file;
  boost::property_tree::read_json(path, file);
  int count = 0;
  for (const auto& [unused, test] : file.get_child("tests")) {
    SCOPED_TRACE(test.get<std::string>("name"));
    std::vector<Chunk> chunks;
    for (const auto& [index, text] : test.get_child("chunks")) chunks.push_back(chunk(text.data()));
    std::vector<std::string> expected;
    if (const auto results = test.get_child_optional("results")) {
      for (const auto& [index, result] : *results) {
        if (result.get<bool>("error")) {
          expected.push_back("error");
        } else {
          const auto text = [&result = result](const char* name) { return result.get<std::string>(name); };
          expected.push_back(text("rk") + " " + text("fm") + ":" + text("qual") + "@" + text("ts") + "=" + text("value") +
                             "/" + text("label"));
        }
      }
    }
    EXPECT_EQ(merged(chunks), expected);
    ++count;
  }
  EXPECT_EQ(count, 48);
}

TEST(ChunkMerger, AValueInManyParts) {
  const std::vector<Chunk> chunks = {
      chunk("row_key: \"r\" family_name: < value: \"f\" > qualifier: < value: \"q\" > value: \"ab\" value_size: 5"),
      chunk("value: \"cd\" value_size: 5"),
      chunk("value: \"e\" commit_row: true"),
  };
  EXPECT_EQ(merged(chunks), std::vector<std::string>{"r f:q@0=abcde/"});
}

TEST(ChunkMerger, ARowIsThrownAwayAndSentAnew) {
  const std::string first = "row_key: \"r\" family_name: < value: \"f\" > qualifier: < value: \"q\" > value: \"";
  const std::vector<Chunk> chunks = {chunk(first + "old\""), chunk("reset_row: true"), chunk(first + "new\" commit_row: true")};
  EXPECT_EQ(merged(chunks), std::vector<std::string>{"r f:q@0=new/"});
}

TEST(ChunkMerger, TheLastRowPassedOverIsKnown) {
  ChunkMerger merger;
  std::vector<MergedRow> rows;
  Response message;
  message.set_last_scanned_row_key("m");
  HBMUX_ASSERT_OK(merger.take(message, rows));
  EXPECT_EQ(merger.last_key(), "m");
  Response earlier;
  *earlier.add_chunks() = chunk("row_key: \"a\" family_name: < value: \"f\" > qualifier: < value: \"q\" > commit_row: true");
  HBMUX_EXPECT_ERROR(merger.take(earlier, rows), Errc::protocol_error);
}

TEST(ChunkMerger, RowsOfAReversedScanFall) {
  const std::string rest = "family_name: < value: \"f\" > qualifier: < value: \"q\" > commit_row: true";
  for (const bool reversed : {false, true}) {
    ChunkMerger merger(reversed);
    std::vector<MergedRow> rows;
    Response message;
    *message.add_chunks() = chunk("row_key: \"b\" " + rest);
    *message.add_chunks() = chunk("row_key: \"a\" " + rest);
    EXPECT_EQ(static_cast<bool>(merger.take(message, rows)), reversed);
    EXPECT_EQ(rows.size(), reversed ? 2u : 1u);
  }
}

TEST(ChunkMerger, ASizeBelowNothingIsAnError) {
  const std::string first = "row_key: \"r\" family_name: < value: \"f\" > qualifier: < value: \"q\" > value: \"abc\" ";
  EXPECT_EQ(merged({chunk(first + "value_size: -1")}), std::vector<std::string>{"error"});
  EXPECT_EQ(merged({chunk(first + "value_size: 9"), chunk("value_size: -1")}), std::vector<std::string>{"error"});
}

}  // namespace
}  // namespace hbmux::bigtable
