#include "cli/pool_grid.h"

namespace hbmux::cli {

Grid pool_grid(const std::vector<PoolEntryStatistics>& pools) {
  Grid grid({"address", "user", "service", "type", "size", "open", "in_use", "waiting", "calls", "created", "closed"});
  for (const PoolEntryStatistics& pool : pools) {
    grid.add({pool.address, pool.user, pool.service, pool.type, std::uint64_t{pool.size_max}, std::uint64_t{pool.open},
              std::uint64_t{pool.in_use}, std::uint64_t{pool.waiting}, std::uint64_t{pool.calls_in_flight},
              pool.created, pool.closed});
  }
  return grid;
}

}  // namespace hbmux::cli
