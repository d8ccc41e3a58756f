// Decimal numbers as Bytes.toBytes(BigDecimal) writes them.
#pragma once

#include <optional>
#include <string_view>

namespace hbmux::mini {

/// Below, equal (0), above: by value, so that 12.5 and 12.50 are equal. Nothing when one of them is no number, or has a scale beyond reason.
std::optional<int> compare_decimals(std::string_view a, std::string_view b);

}  // namespace hbmux::mini
