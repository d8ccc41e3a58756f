#include <hbmux/row.h>

#include <algorithm>

namespace hbmux {

std::optional<Cell> Row::latest(std::string_view family, std::string_view qualifier) const noexcept {
  for (const Cell& cell : cells_) {
    if (cell.qualifier() == qualifier && cell.family() == family) return cell;
  }
  return std::nullopt;
}

std::optional<std::string_view> Row::value(std::string_view family, std::string_view qualifier) const noexcept {
  auto cell = latest(family, qualifier);
  if (!cell) return std::nullopt;
  return cell->value();
}

}  // namespace hbmux
