// How the cells of aggregate families are kept: sums of 64-bit numbers.
#pragma once

#include "gateway/timestamps.h"

#include <hbmux/cell.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::gateway {

/// HBase adds to the newest cell of a column and gives it the time of the addition, Bigtable adds to a cell of a given time. So in HBase each
/// time is a column of its own: its name is the qualifier and eight bytes, the time's bits turned around (newest first), big-endian. The
/// family's name ends with what no name of a Bigtable family may have; so the cells tell by themselves what they are.
inline constexpr std::string_view kSumSuffix = "+sum";

/// A cell's coordinates as Bigtable's clients know them. Views of the cell.
struct CellPlace {
  std::string_view family;
  std::string_view qualifier;
  std::int64_t millis = 0;
  bool is_sum = false;
};

CellPlace place_of(const Cell& cell) noexcept;

/// The family's name in Bigtable; the same for families that are not sums.
std::string_view family_id_of(std::string_view stored_family) noexcept;
bool is_sum_family(std::string_view stored_family) noexcept;
std::string sum_family(std::string_view family_id);
std::string sum_qualifier(std::string_view qualifier, std::int64_t millis);

}  // namespace hbmux::gateway
