#include "client/region_loads.h"

namespace hbmux::client {

void RegionLoads::told(const ServerName& server, const ToldLoads& loads) {
  for (const auto& [region, load] : loads) told(server, region, load);
}

void RegionLoads::told(const ServerName& server, const std::string& region, const core::RegionLoad& load) {
  const auto pause = backoff_.pause(load);
  if (pause.count() == 0 && count_.load(std::memory_order_relaxed) == 0) return;
  std::lock_guard lock(mutex_);
  if (pause.count() > 0) {
    held_.insert_or_assign(region, Held{server, pause});
  } else {
    held_.erase(region);
  }
  count_.store(held_.size(), std::memory_order_relaxed);
}

std::chrono::milliseconds RegionLoads::pause(const RegionLocation& place) const {
  if (count_.load(std::memory_order_relaxed) == 0) return {};
  std::lock_guard lock(mutex_);
  const auto at = held_.find(place.region->name());
  return at != held_.end() && at->second.server == place.server ? at->second.pause : std::chrono::milliseconds(0);
}

}  // namespace hbmux::client
