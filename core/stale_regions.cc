#include "core/stale_regions.h"

namespace hbmux::core {

void StaleRegions::add(const RegionInfo& region, TimePoint now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  tables_[region.table()].insert_or_assign(std::string(region.start_key()), Stretch{std::string(region.end_key()), now + kMemory});
}

bool StaleRegions::contains(const TableName& table, std::string_view row, LocateType type, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(table);
  if (found == tables_.end()) return false;
  const Stretches& stretches = found->second;
  // The last that starts at the row or before it; for the region that ends with the row, before it. Before "" is before the table's end.
  const bool before = type == LocateType::before;
  auto at = !before ? stretches.upper_bound(row) : row.empty() ? stretches.end() : stretches.lower_bound(row);
  if (at == stretches.begin()) return false;
  const Stretch& stretch = std::prev(at)->second;
  if (stretch.until <= now) return false;
  if (stretch.end.empty()) return true;
  return before ? !row.empty() && row <= stretch.end : row < stretch.end;
}

std::size_t StaleRegions::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t size = 0;
  for (const auto& [table, stretches] : tables_) size += stretches.size();
  return size;
}

// Now and then, so that it holds no more than what failed within two times its memory.
void StaleRegions::drop_expired(TimePoint now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kMemory;
  for (auto table = tables_.begin(); table != tables_.end();) {
    std::erase_if(table->second, [now](const auto& entry) { return entry.second.until <= now; });
    table = table->second.empty() ? tables_.erase(table) : std::next(table);
  }
}

}  // namespace hbmux::core
