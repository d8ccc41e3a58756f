// Cells in HBase's KeyValue layout: writing them, and reading them out of cell blocks that a peer sent.
#pragma once

#include <hbmux/cell.h>
#include <hbmux/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::core {

/// How cells travel after a message. `none` means that they are inside the protobuf messages.
enum class CellCodec : std::uint8_t { none, key_value, key_value_with_tags };

/// The largest row key, family and (for one KeyValue) size that the layout can hold.
inline constexpr std::size_t kMaxRowLength = 32767;
inline constexpr std::size_t kMaxFamilyLength = 127;

/// Bytes of one KeyValue without tags.
inline std::size_t key_value_size(std::size_t row, std::size_t family, std::size_t qualifier, std::size_t value) {
  return 8 + 2 + row + 1 + family + qualifier + 8 + 1 + value;
}

/// Appends `int32 size | KeyValue`: one cell as KeyValueCodec and KeyValueCodecWithTags write it. `tags` are encoded tags
/// without their length; when empty, no tags length is written. The lengths must have been checked.
void append_cell(std::string& block, std::string_view row, std::string_view family, std::string_view qualifier,
                 std::int64_t timestamp, CellType type, std::string_view value, std::string_view tags = {});

/// Reads a cell block cell by cell. Never reads outside the block, whatever it holds.
class CellBlockReader {
 public:
  CellBlockReader() = default;
  explicit CellBlockReader(std::string_view block) : rest_(block) {}

  bool at_end() const noexcept { return rest_.empty(); }
  /// The next cell, as a view into the block. At the end of the block, or at bytes that are no cell, Errc::protocol_error.
  Result<Cell> next();

 private:
  std::string_view rest_;
};

/// HBase's order of cells within a table: row, family, qualifier, timestamp descending, type descending.
int compare_cells(const Cell& a, const Cell& b) noexcept;

}  // namespace hbmux::core
