#include "bigtable/rows.h"

#include "core/bytes.h"
#include "core/cell_block.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace hbmux::bigtable {
namespace {

std::int64_t millis_from(std::int64_t micros) noexcept {
  const std::int64_t millis = micros / kMicrosPerMilli;
  return micros % kMicrosPerMilli < 0 ? millis - 1 : millis;
}

bool comes_before(const MergedCell& a, const MergedCell& b) {
  if (const int order = a.family.compare(b.family); order != 0) return order < 0;
  if (const int order = a.qualifier.compare(b.qualifier); order != 0) return order < 0;
  return a.timestamp_micros > b.timestamp_micros;
}

bool is_same(const MergedCell& a, const MergedCell& b) {
  return a.timestamp_micros == b.timestamp_micros && a.qualifier == b.qualifier && a.family == b.family;
}

/// What a Row keeps alive.
struct Kept {
  std::string block;
  std::vector<Cell> cells;
};

}  // namespace

Result<Row> row_of(MergedRow row) {
  if (row.cells.empty()) return Row();
  auto& cells = row.cells;
  if (!std::ranges::is_sorted(cells, comes_before)) std::ranges::stable_sort(cells, comes_before);
  cells.erase(std::unique(cells.begin(), cells.end(), is_same), cells.end());
  std::size_t size = 0;
  for (const MergedCell& cell : cells) {
    if (row.key.size() > core::kMaxRowLength || cell.family.size() > core::kMaxFamilyLength) {
      return Error(Errc::protocol_error, "the row key or a family of row '" + core::to_string_binary(row.key) + "' is too long for HBase");
    }
    size += 4 + core::key_value_size(row.key.size(), cell.family.size(), cell.qualifier.size(), cell.value.size());
  }
  auto kept = std::make_shared<Kept>();
  kept->block.reserve(size);
  for (const MergedCell& cell : cells) {
    core::append_cell(kept->block, row.key, cell.family, cell.qualifier, millis_from(cell.timestamp_micros), CellType::put, cell.value);
  }
  kept->cells.reserve(cells.size());
  for (core::CellBlockReader reader(kept->block); !reader.at_end();) {
    auto cell = reader.next();
    if (!cell) return cell.error();
    kept->cells.push_back(*cell);
  }
  const std::span<const Cell> views(kept->cells);
  return Row(std::move(kept), views, true);
}

MergedRow merged_from(bt::Row message) {
  MergedRow row;
  row.key = std::move(*message.mutable_key());
  for (const auto& family : message.families()) {
    for (const auto& column : family.columns()) {
      for (const auto& cell : column.cells()) {
        row.cells.push_back({family.name(), column.qualifier(), cell.timestamp_micros(), {}, cell.value()});
      }
    }
  }
  return row;
}

}  // namespace hbmux::bigtable
