// Rows out of the chunks in which ReadRows sends them.
#pragma once

#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/error.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::bigtable {

struct MergedCell {
  std::string family;
  std::string qualifier;
  std::int64_t timestamp_micros = 0;
  std::vector<std::string> labels;
  std::string value;
};

/// Cells in the order in which they came.
struct MergedRow {
  std::string key;
  std::vector<MergedCell> cells;
  std::size_t bytes = 0;  ///< Of keys and values, about.
};

/// Pure: told messages, it gives the rows that they complete. After an error it gives nothing more.
class ChunkMerger {
 public:
  using Response = bt::ReadRowsResponse;

  explicit ChunkMerger(bool reversed = false) : reversed_(reversed) {}

  /// Appends complete rows to `rows`. Errc::protocol_error when the chunks make no sense; what came before stays.
  Result<void> take(const Response& message, std::vector<MergedRow>& rows);
  /// The stream has ended well: an error when a row is not complete.
  Result<void> finish() const;
  /// The last row that is complete, or that the server has passed over; nothing before the first.
  const std::optional<std::string>& last_key() const noexcept { return last_key_; }

 private:
  enum class State : std::uint8_t { new_row, new_cell, value };

  Result<void> take(const Response::CellChunk& chunk, std::vector<MergedRow>& rows);
  Result<void> begin_row(const Response::CellChunk& chunk);
  Result<void> begin_cell(const Response::CellChunk& chunk);
  Result<void> go_on_with_value(const Response::CellChunk& chunk);
  Result<void> reset(const Response::CellChunk& chunk);
  bool is_behind_last(const std::string& key) const noexcept;

  const bool reversed_;
  State state_ = State::new_row;
  std::optional<std::string> last_key_;
  MergedRow row_;
  MergedCell cell_;             // its family and qualifier are those of the cell before, until a chunk says others
  bool has_family_ = false, has_qualifier_ = false;
};

}  // namespace hbmux::bigtable
