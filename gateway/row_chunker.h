// Cuts rows into the chunks that a ReadRows stream is made of.
#pragma once

#include "gateway/row_cell.h"

#include <hbmux/bt/bigtable.pb.h>

#include <cstddef>
#include <string>

namespace hbmux::gateway {

/// Asked for what fits into one message after the other, so that a row larger than a message is never there twice. Used by one stream.
class RowChunker {
 public:
  /// A message is full when it has so many bytes of values, keys and names.
  static constexpr std::size_t kMessageBytes = std::size_t{1} << 20;

  explicit RowChunker(std::size_t message_bytes = kMessageBytes) : message_bytes_(message_bytes) {}

  /// The next row, when the one before is done. `owner` keeps its cells' bytes alive; there is at least one.
  void begin(Row owner, std::string_view row_key, RowCells cells);
  /// Adds chunks until the message is full or the row is done.
  void fill(bt::ReadRowsResponse& message);
  bool is_done() const noexcept { return at_ == cells_.size(); }
  /// Bytes in the message that is being filled; reset by begin_message().
  std::size_t bytes() const noexcept { return bytes_; }
  bool is_full() const noexcept { return bytes_ >= message_bytes_; }
  void begin_message() noexcept { bytes_ = 0; }

 private:
  void add_part(bt::ReadRowsResponse& message);

  std::size_t message_bytes_;
  std::size_t bytes_ = 0;
  Row owner_;
  std::string_view row_key_;
  RowCells cells_;
  std::size_t at_ = 0;      // the cell that is being cut
  std::size_t offset_ = 0;  // bytes of its value that have gone
};

}  // namespace hbmux::gateway
