#include "gateway/row_cell.h"

#include "gateway/sum_cell.h"

#include <algorithm>
#include <tuple>

namespace hbmux::gateway {
namespace {

/// A sum's time stands behind its qualifier, so that qualifiers of different lengths come in another order than Bigtable's.
void sort_sums(RowCells::iterator begin, RowCells::iterator end) {
  std::stable_sort(begin, end, [](const RowCell& a, const RowCell& b) {
    return std::tie(a.qualifier, b.timestamp_micros) < std::tie(b.qualifier, a.timestamp_micros);
  });
}

}  // namespace

RowCells cells_of(const Row& row) {
  RowCells cells;
  cells.reserve(row.cells().size());
  for (auto at = row.cells().begin(); at != row.cells().end();) {
    const std::string_view stored_family = at->family();
    const std::size_t begin = cells.size();
    for (; at != row.cells().end() && at->family() == stored_family; ++at) {
      const CellPlace place = place_of(*at);
      cells.push_back({place.family, place.qualifier, micros_of(place.millis), at->value(), {}});
    }
    if (is_sum_family(stored_family)) sort_sums(cells.begin() + static_cast<std::ptrdiff_t>(begin), cells.end());
  }
  return cells;
}

}  // namespace hbmux::gateway
