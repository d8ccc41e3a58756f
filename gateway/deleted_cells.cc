#include "gateway/deleted_cells.h"

#include <algorithm>

namespace hbmux::gateway {

void TimeRanges::add(TimeRange range) {
  auto at = ranges_.upper_bound(range.min);
  if (at != ranges_.begin() && std::prev(at)->second >= range.min) --at;
  while (at != ranges_.end() && at->first <= range.max) {
    range.min = std::min(range.min, at->first);
    range.max = std::max(range.max, at->second);
    at = ranges_.erase(at);
  }
  ranges_.emplace(range.min, range.max);
}

bool TimeRanges::contains(std::int64_t millis) const noexcept {
  const auto at = ranges_.upper_bound(millis);
  if (at == ranges_.begin()) return false;
  // An end of the largest number is none: it has that one too, which stands for "now".
  const std::int64_t end = std::prev(at)->second;
  return millis < end || end == TimeRange().max;
}

bool DeletedCells::covers(std::string_view family, std::string_view qualifier, std::int64_t millis) const {
  if (has_family(family)) return true;
  const auto column = columns_.find({family, qualifier});
  return column != columns_.end() && column->second.contains(millis);
}

}  // namespace hbmux::gateway
