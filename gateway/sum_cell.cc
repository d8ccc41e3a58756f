#include "gateway/sum_cell.h"

namespace hbmux::gateway {
namespace {

constexpr std::size_t kTimeBytes = 8;

}  // namespace

bool is_sum_family(std::string_view stored_family) noexcept {
  return stored_family.size() > kSumSuffix.size() && stored_family.ends_with(kSumSuffix);
}

std::string_view family_id_of(std::string_view stored_family) noexcept {
  if (is_sum_family(stored_family)) stored_family.remove_suffix(kSumSuffix.size());
  return stored_family;
}

std::string sum_family(std::string_view family_id) { return std::string(family_id).append(kSumSuffix); }

std::string sum_qualifier(std::string_view qualifier, std::int64_t millis) {
  std::string name(qualifier);
  const auto bits = ~static_cast<std::uint64_t>(millis);
  for (int shift = 56; shift >= 0; shift -= 8) name.push_back(static_cast<char>(bits >> shift & 0xff));
  return name;
}

CellPlace place_of(const Cell& cell) noexcept {
  CellPlace place{family_id_of(cell.family()), cell.qualifier(), cell.timestamp(), is_sum_family(cell.family())};
  if (!place.is_sum) return place;
  // Somebody else may have written there: what cannot be such a column is told as it is.
  if (place.qualifier.size() < kTimeBytes) return {place.family, place.qualifier, place.millis, false};
  std::uint64_t bits = 0;
  for (const char byte : place.qualifier.substr(place.qualifier.size() - kTimeBytes)) bits = bits << 8 | static_cast<unsigned char>(byte);
  place.millis = static_cast<std::int64_t>(~bits);
  place.qualifier.remove_suffix(kTimeBytes);
  return place;
}

}  // namespace hbmux::gateway
