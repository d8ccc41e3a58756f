#include "cli/pool_grid.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

namespace hbmux::cli {

void sort_for_reading(std::vector<PoolEntryStatistics>& pools) {
  std::sort(pools.begin(), pools.end(), [](const PoolEntryStatistics& a, const PoolEntryStatistics& b) {
    return std::tie(a.user, a.service, a.address) < std::tie(b.user, b.service, b.address);
  });
}

// "idle 3, dead 1"; "-" for none.
static std::string reasons_text(const std::array<std::uint64_t, kCloseReasons>& closed_by) {
  std::string text;
  for (std::size_t i = 0; i < closed_by.size(); ++i) {
    if (closed_by[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(to_string(static_cast<CloseReason>(i))) + " " + std::to_string(closed_by[i]);
  }
  return text.empty() ? "-" : text;
}

Grid pool_grid(std::vector<PoolEntryStatistics> pools) {
  sort_for_reading(pools);
  Grid grid({"address", "user", "service", "type", "size", "open", "in_use", "idle", "waiting", "calls", "created", "closed",
             "closed_by", "wait_p50_us", "wait_p99_us"});
  for (const PoolEntryStatistics& pool : pools) {
    grid.add({pool.address, pool.user, pool.service, pool.type, std::uint64_t{pool.size_max}, std::uint64_t{pool.open},
              std::uint64_t{pool.in_use}, std::uint64_t{pool.idle}, std::uint64_t{pool.waiting},
              std::uint64_t{pool.calls_in_flight}, pool.created, pool.closed, reasons_text(pool.closed_by),
              static_cast<std::uint64_t>(pool.waits.quantile(0.5).count()),
              static_cast<std::uint64_t>(pool.waits.quantile(0.99).count())});
  }
  return grid;
}

}  // namespace hbmux::cli
