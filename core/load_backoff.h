// How long writes hold back from a region whose server tells of its load.
#pragma once

#include <chrono>
#include <cstdint>

namespace hbmux::core {

/// What a server says about itself and one region, in percent (RegionLoadStats).
struct RegionLoad {
  std::int32_t memstore = 0;    ///< How full the region's memstore is.
  std::int32_t heap = 0;        ///< How full the server's heap is.
  std::int32_t compaction = 0;  ///< How far compactions are behind.
};

/// ExponentialClientBackoffPolicy.java: the highest of the three, to the fourth power; the heap counts from its low mark on.
struct LoadBackoff {
  std::chrono::milliseconds max{300'000};  ///< At full load; hbase.client.exponential-backoff.max
  double heap_low = 0.95;                  ///< Counts as 0.1; hbase.heap.occupancy.low_water_mark
  double heap_high = 0.98;                 ///< Counts as 1; hbase.heap.occupancy.high_water_mark

  /// From 0 to `max`, whatever the load says.
  std::chrono::milliseconds pause(const RegionLoad& load) const noexcept;
};

}  // namespace hbmux::core
