// Bigtable's row filters, evaluated over the cells of one row after the other.
#pragma once

#include "gateway/row_cell.h"
#include "gateway/status.h"

#include <hbmux/bt/data.pb.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace hbmux::gateway {

/// A filter that was found to be right, with its patterns compiled. Used by one read at a time.
class RowFilter {
 public:
  /// Filters are not larger, and not nested deeper, in the API.
  static constexpr std::size_t kBytesMax = 20480;
  static constexpr int kDepthMax = 20;
  /// Interleaved filters copy cells: so many of a row, or so many times its own cells. A filter that wants more is refused.
  static constexpr std::size_t kCopiesMax = 1'000'000;
  static constexpr std::size_t kCopiesPerCellMax = 8;

  class Node;

  /// Passes everything.
  RowFilter();
  RowFilter(RowFilter&&) noexcept;
  RowFilter& operator=(RowFilter&&) noexcept;
  ~RowFilter();

  /// `seed`: of the samples that row_sample_filter takes.
  static Answer<RowFilter> compile(const bt::RowFilter& filter, std::uint64_t seed);

  /// What is left of a row; nothing when the row is not in the answer.
  Answer<RowCells> apply(std::string_view row_key, RowCells cells);

 private:
  explicit RowFilter(std::unique_ptr<Node> root, std::uint64_t seed);

  std::unique_ptr<Node> root_;  // null: everything passes
  std::uint64_t random_ = 0;
};

}  // namespace hbmux::gateway
