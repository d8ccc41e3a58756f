#include "core/load_backoff.h"

#include <algorithm>

namespace hbmux::core {

std::chrono::milliseconds LoadBackoff::pause(const RegionLoad& load) const noexcept {
  const auto part = [](std::int32_t percent) { return std::clamp(percent, 0, 100) / 100.0; };
  double highest = std::max(part(load.memstore), part(load.compaction));
  if (const double heap = part(load.heap); heap >= heap_high) {
    highest = 1;
  } else if (heap >= heap_low) {
    highest = std::max(highest, 0.1 + 0.9 * (heap - heap_low) / (heap_high - heap_low));
  }
  const double squared = highest * highest;
  return std::chrono::milliseconds(static_cast<std::int64_t>(squared * squared * static_cast<double>(max.count())));
}

}  // namespace hbmux::core
