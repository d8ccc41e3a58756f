#include "bigtable/chunk_merger.h"

#include "core/bytes.h"

#include <utility>

namespace hbmux::bigtable {
namespace {

/// Of one row: twice what the service lets a row have.
constexpr std::size_t kRowBytesMax = std::size_t{512} << 20;

Error bad_chunk(const std::string& row, const char* what) {
  return Error(Errc::protocol_error, "ReadRows: " + std::string(what) + " (at row '" + core::to_string_binary(row) + "')");
}

}  // namespace

bool ChunkMerger::is_behind_last(const std::string& key) const noexcept {
  return !last_key_ || (reversed_ ? key < *last_key_ : key > *last_key_);
}

Result<void> ChunkMerger::take(const Response& message, std::vector<MergedRow>& rows) {
  for (const auto& chunk : message.chunks()) {
    if (auto taken = take(chunk, rows); !taken) return taken;
  }
  const std::string& scanned = message.last_scanned_row_key();
  if (scanned.empty()) return {};
  if (state_ != State::new_row) return bad_chunk(row_.key, "last_scanned_row_key within a row");
  if (!is_behind_last(scanned) && scanned != last_key_) return bad_chunk(scanned, "last_scanned_row_key is out of order");
  last_key_ = scanned;
  return {};
}

Result<void> ChunkMerger::take(const Response::CellChunk& chunk, std::vector<MergedRow>& rows) {
  if (chunk.reset_row()) return reset(chunk);
  if (state_ == State::new_row) {
    if (auto begun = begin_row(chunk); !begun) return begun;
  }
  if (auto taken = state_ == State::value ? go_on_with_value(chunk) : begin_cell(chunk); !taken) return taken;
  row_.bytes += chunk.value().size();
  if (row_.bytes > kRowBytesMax) return bad_chunk(row_.key, "the row is larger than rows can be");
  if (chunk.value_size() == 0) {
    row_.bytes += cell_.family.size() + cell_.qualifier.size() + sizeof(MergedCell);
    row_.cells.push_back({cell_.family, cell_.qualifier, cell_.timestamp_micros, std::move(cell_.labels), std::move(cell_.value)});
    cell_.labels.clear();
    cell_.value.clear();
    state_ = State::new_cell;
  }
  if (!chunk.commit_row()) return {};
  if (state_ != State::new_cell) return bad_chunk(row_.key, "commit_row within a value");
  last_key_ = row_.key;
  rows.push_back(std::exchange(row_, MergedRow()));
  state_ = State::new_row;
  return {};
}

Result<void> ChunkMerger::begin_row(const Response::CellChunk& chunk) {
  if (chunk.row_key().empty()) return bad_chunk(last_key_.value_or(""), "a row begins without a row_key");
  if (!is_behind_last(chunk.row_key())) return bad_chunk(chunk.row_key(), "row_key is out of order");
  row_ = MergedRow{chunk.row_key(), {}, chunk.row_key().size()};
  cell_ = MergedCell();
  has_family_ = has_qualifier_ = false;
  state_ = State::new_cell;
  return {};
}

Result<void> ChunkMerger::begin_cell(const Response::CellChunk& chunk) {
  if (!chunk.row_key().empty() && chunk.row_key() != row_.key) return bad_chunk(row_.key, "row_key changes within a row");
  if (chunk.has_family_name()) {
    if (!chunk.has_qualifier()) return bad_chunk(row_.key, "family_name without a qualifier");
    cell_.family = chunk.family_name().value();
    has_family_ = true;
  }
  if (chunk.has_qualifier()) {
    cell_.qualifier = chunk.qualifier().value();
    has_qualifier_ = true;
  }
  if (!has_family_ || !has_qualifier_) return bad_chunk(row_.key, "a cell without a family_name and a qualifier");
  if (chunk.value_size() < 0) return bad_chunk(row_.key, "value_size is negative");
  cell_.timestamp_micros = chunk.timestamp_micros();
  cell_.labels.assign(chunk.labels().begin(), chunk.labels().end());
  cell_.value = chunk.value();
  if (chunk.value_size() != 0) state_ = State::value;  // how much it says is not to be relied upon
  return {};
}

Result<void> ChunkMerger::go_on_with_value(const Response::CellChunk& chunk) {
  if (!chunk.row_key().empty() || chunk.has_family_name() || chunk.has_qualifier() || chunk.timestamp_micros() != 0 ||
      !chunk.labels().empty()) {
    return bad_chunk(row_.key, "a cell begins within the value of another");
  }
  if (chunk.value_size() < 0) return bad_chunk(row_.key, "value_size is negative");
  cell_.value += chunk.value();
  return {};
}

Result<void> ChunkMerger::reset(const Response::CellChunk& chunk) {
  if (state_ == State::new_row) return bad_chunk(last_key_.value_or(""), "reset_row outside of a row");
  if (!chunk.row_key().empty() || chunk.has_family_name() || chunk.has_qualifier() || chunk.timestamp_micros() != 0 ||
      !chunk.labels().empty() || !chunk.value().empty() || chunk.value_size() != 0) {
    return bad_chunk(row_.key, "reset_row in a chunk with data");
  }
  row_ = MergedRow();
  state_ = State::new_row;
  return {};
}

Result<void> ChunkMerger::finish() const {
  if (state_ != State::new_row) return bad_chunk(row_.key, "the answer ends within a row");
  return {};
}

}  // namespace hbmux::bigtable
