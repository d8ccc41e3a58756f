// The parts that a row filter is made of.
#pragma once

#include "gateway/row_filter.h"

#include <optional>

namespace hbmux::gateway {

/// One row on its way through a filter.
struct FilterRun {
  std::string_view row_key;
  std::uint64_t* random = nullptr;  ///< State of a generator.
  std::size_t copies_left = 0;      ///< Cells that may still be copied.
  bool failed = false;              ///< More were wanted.
  RowCells sunk;                    ///< What went straight into the answer.

  bool may_copy(const RowCells& cells) noexcept {
    failed = failed || cells.size() > copies_left;
    if (!failed) copies_left -= cells.size();
    return !failed;
  }
};

class RowFilter::Node {
 public:
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;
  /// Replaces the cells by those that come out.
  virtual void apply(FilterRun& run, RowCells& cells) const = 0;
};

/// Sorts cells that several filters have let through; of those that are equal the order is kept.
void sort_cells(RowCells& cells);

using FilterNode = std::unique_ptr<RowFilter::Node>;

/// Leaves: those that look at rows, at single cells, or at how many cells came before. Null: `filter` is none of them.
Answer<FilterNode> make_leaf(const bt::RowFilter& filter);

}  // namespace hbmux::gateway
