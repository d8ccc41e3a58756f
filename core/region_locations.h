// Where a region and its replicas are, and how one is asked for.
#pragma once

#include <hbmux/region_info.h>

#include "core/companion_slot.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace hbmux::core {

/// Which region is meant by a row: the one that contains it, or (for reversed scans) the one that holds the rows before
/// it; before the empty row is the table's last region. Java's AFTER is `current` for row_after(row).
enum class LocateType : std::uint8_t { current, before };

/// The places of one region. Immutable once shared.
struct RegionLocations {
  std::shared_ptr<const RegionInfo> region;  ///< The primary's.
  RegionLocation primary;                    ///< Not known when it was dropped after an error.
  std::vector<RegionLocation> secondaries;   ///< Read replicas that are known; their ids may have gaps.
  CompanionSlot companion;                   ///< Of the layer that sends calls to the primary.

  /// The location of a replica, or null when it is not known.
  const RegionLocation* get(int replica_id = 0) const noexcept {
    if (replica_id == 0) return primary.is_known() ? &primary : nullptr;
    for (const RegionLocation& location : secondaries) {
      if (location.region->replica_id() == replica_id) return location.is_known() ? &location : nullptr;
    }
    return nullptr;
  }
  /// Whether there is such a replica, be it nowhere now.
  bool has(int replica_id) const noexcept {
    return replica_id == 0 || std::any_of(secondaries.begin(), secondaries.end(),
                                          [replica_id](const RegionLocation& l) { return l.region->replica_id() == replica_id; });
  }
  bool empty() const noexcept { return !primary.is_known() && secondaries.empty(); }
};

using LocationsPtr = std::shared_ptr<const RegionLocations>;

}  // namespace hbmux::core
