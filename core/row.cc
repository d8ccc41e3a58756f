#include <hbmux/row.h>

#include "core/bytes.h"

#include <algorithm>
#include <ostream>
#include <utility>

namespace hbmux {
namespace {

struct OwnedCells {
  std::shared_ptr<const void> bytes;
  std::vector<Cell> cells;
};

}  // namespace

Row::Row(std::shared_ptr<const void> owner, std::vector<Cell> cells, bool exists, bool partial) : exists_(exists), partial_(partial) {
  if (cells.empty()) return;
  auto owned = std::make_shared<OwnedCells>(OwnedCells{std::move(owner), std::move(cells)});
  size_ = static_cast<std::uint32_t>(owned->cells.size());
  const Cell* first = owned->cells.data();
  data_ = std::shared_ptr<const void>(std::move(owned), first);
}

std::optional<Cell> Row::latest(std::string_view family, std::string_view qualifier) const noexcept {
  for (const Cell& cell : cells()) {
    if (cell.qualifier() == qualifier && cell.family() == family) return cell;
  }
  return std::nullopt;
}

std::optional<std::string_view> Row::value(std::string_view family, std::string_view qualifier) const noexcept {
  auto cell = latest(family, qualifier);
  if (!cell) return std::nullopt;
  return cell->value();
}

std::span<const Cell> Row::column(std::string_view family, std::string_view qualifier) const noexcept {
  const auto is_of = [&](const Cell& cell) { return cell.qualifier() == qualifier && cell.family() == family; };
  const auto first = std::find_if(begin(), end(), is_of);
  return {first, std::find_if_not(first, end(), is_of)};
}

std::string_view to_string(CellType type) noexcept {
  switch (type) {
    case CellType::put: return "Put";
    case CellType::delete_version: return "Delete";
    case CellType::delete_family_version: return "DeleteFamilyVersion";
    case CellType::delete_column: return "DeleteColumn";
    case CellType::delete_family: return "DeleteFamily";
  }
  return "Unknown";
}

std::ostream& operator<<(std::ostream& out, const Cell& cell) {
  out << core::to_string_binary(cell.row()) << '/' << core::to_string_binary(cell.family()) << ':' << core::to_string_binary(cell.qualifier())
      << '/';
  if (cell.timestamp() == kLatestTimestamp) {
    out << "LATEST_TIMESTAMP";
  } else {
    out << cell.timestamp();
  }
  return out << '/' << to_string(cell.type()) << "/vlen=" << cell.value().size();
}

std::ostream& operator<<(std::ostream& out, const Row& row) {
  if (row.empty()) return out << "keyvalues=NONE";
  out << "keyvalues={";
  const char* between = "";
  for (const Cell& cell : row) out << std::exchange(between, ", ") << cell;
  return out << '}';
}

}  // namespace hbmux
