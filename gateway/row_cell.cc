#include "gateway/row_cell.h"

#include "gateway/timestamps.h"

namespace hbmux::gateway {

RowCells cells_of(const Row& row) {
  RowCells cells;
  cells.reserve(row.cells().size());
  for (const Cell& cell : row.cells()) {
    cells.push_back({cell.family(), cell.qualifier(), micros_of(cell.timestamp()), cell.value(), {}});
  }
  return cells;
}

}  // namespace hbmux::gateway
