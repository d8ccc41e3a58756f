// What Put, Delete, Append and Increment have in common.
#pragma once

#include <hbmux/cell.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux {

/// How far a write must have gone before the server answers (HBase's Durability).
enum class Durability : std::uint8_t { use_default = 0, skip_wal = 1, async_wal = 2, sync_wal = 3, fsync_wal = 4 };

/// The row and the cells of a change. The cells are kept as they will travel, so that sending them is one copy.
/// A value type: distinct objects may be used from distinct threads. What is wrong with it (an empty row, a family name that is
/// too long) is told when it is executed, as Errc::invalid_argument.
class Mutation {
 public:
  const std::string& row() const noexcept { return row_; }
  std::uint32_t cell_count() const noexcept { return cell_count_; }
  bool empty() const noexcept { return cell_count_ == 0; }
  /// The cells in KeyValueCodec's form, one after another.
  const std::string& cell_block() const noexcept { return cells_; }
  /// The default for cells added without one of their own; kLatestTimestamp lets the server's clock decide.
  std::int64_t timestamp() const noexcept { return timestamp_; }
  Durability durability() const noexcept { return durability_; }
  /// The first thing that is wrong with it; empty when nothing is.
  const std::string& problem() const noexcept { return problem_; }
  /// Bytes of the largest cell; hbase.client.keyvalue.maxsize is held against it.
  std::size_t largest_cell() const noexcept { return largest_cell_; }

 protected:
  Mutation(std::string_view row, std::int64_t timestamp);
  void add_cell(std::string_view family, std::string_view qualifier, std::int64_t timestamp, CellType type,
                std::string_view value);
  void set_durability(Durability durability) noexcept { durability_ = durability; }

 private:
  std::string row_;
  std::string cells_;
  std::string problem_;
  std::int64_t timestamp_;
  std::size_t largest_cell_ = 0;
  std::uint32_t cell_count_ = 0;
  Durability durability_ = Durability::use_default;
};

}  // namespace hbmux
