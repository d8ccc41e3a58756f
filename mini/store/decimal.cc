#include "mini/store/decimal.h"

#include <hbmux/decimal.h>

namespace hbmux::mini {

std::optional<int> compare_decimals(std::string_view a, std::string_view b) {
  const auto first = Decimal::from_bytes(a), second = Decimal::from_bytes(b);
  if (!first || !second) return std::nullopt;
  const auto order = *first <=> *second;
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace hbmux::mini
