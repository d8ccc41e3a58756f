// Regions that were not where a copy of hbase:meta said.
#pragma once

#include "core/region_locations.h"

#include <hbmux/region_info.h>
#include <hbmux/table_name.h>

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hbmux::core {

/// Copies of hbase:meta lag behind it. For three seconds after a location failed, lookups of its rows go to the primary copy, which knows
/// (CatalogReplicaLoadBalanceSimpleSelector.java). Thread-safe.
class StaleRegions {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kMemory{3};

  void add(const RegionInfo& region, TimePoint now);
  /// Whether the region of the row failed lately.
  bool contains(const TableName& table, std::string_view row, LocateType type, TimePoint now);
  std::size_t size() const;

 private:
  struct Stretch {
    std::string end;
    TimePoint until;
  };
  using Stretches = std::map<std::string, Stretch, std::less<>>;  // by the start of the region

  void drop_expired(TimePoint now);

  mutable std::mutex mutex_;
  std::unordered_map<TableName, Stretches> tables_;
  TimePoint next_sweep_{};
};

}  // namespace hbmux::core
