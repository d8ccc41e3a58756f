#include "cli/pool_grid.h"

#include <algorithm>
#include <tuple>

namespace hbmux::cli {

void sort_for_reading(std::vector<PoolEntryStatistics>& pools) {
  std::sort(pools.begin(), pools.end(), [](const PoolEntryStatistics& a, const PoolEntryStatistics& b) {
    return std::tie(a.user, a.service, a.address) < std::tie(b.user, b.service, b.address);
  });
}

Grid pool_grid(std::vector<PoolEntryStatistics> pools) {
  sort_for_reading(pools);
  Grid grid({"address", "user", "service", "type", "size", "open", "in_use", "waiting", "calls", "created", "closed"});
  for (const PoolEntryStatistics& pool : pools) {
    grid.add({pool.address, pool.user, pool.service, pool.type, std::uint64_t{pool.size_max}, std::uint64_t{pool.open},
              std::uint64_t{pool.in_use}, std::uint64_t{pool.waiting}, std::uint64_t{pool.calls_in_flight},
              pool.created, pool.closed});
  }
  return grid;
}

}  // namespace hbmux::cli
