// hbase:meta made wrong on request, and right again.
#include "mini/server/master.h"

namespace hbmux::mini {

using Lock = std::lock_guard<std::recursive_mutex>;

/// All regions of the table, or the one that holds the row.
std::vector<std::shared_ptr<Region>> Master::regions_at(std::string_view name, std::string_view row) {
  std::vector<std::shared_ptr<Region>> found;
  Table* table = find_table(name);
  if (table == nullptr) return found;
  for (const auto& [start, region] : table->regions) {
    if ((row.empty() || region->holds(row)) && !region->is_meta()) found.push_back(region);
  }
  return found;
}

std::uint64_t Master::misplace_in_meta(std::string_view table, std::string_view row,
                                       const std::optional<ServerName>& said) {
  const Lock lock(mutex_);
  const auto regions = regions_at(table, row);
  for (const auto& region : regions) {
    if (said) {
      catalog_.put_open(*region, *said, environment_.now());
    } else {
      catalog_.remove(*region, environment_.now());
    }
  }
  return regions.size();
}

std::uint64_t Master::exchange_in_meta(std::string_view table, std::string_view row, int server) {
  const Lock lock(mutex_);
  std::uint64_t count = 0;
  for (const auto& region : regions_at(table, row)) {
    const int host = host_index(*region);
    const auto other =
        server >= 0 ? static_cast<std::size_t>(server) : static_cast<std::size_t>(host + 1) % servers_.size();
    if (other >= servers_.size() || static_cast<int>(other) == host) continue;
    catalog_.put_open(*region, servers_[other]->name(), environment_.now());
    ++count;
  }
  return count;
}

void Master::correct_meta(std::string_view table, std::string_view row) {
  const Lock lock(mutex_);
  for (const auto& region : regions_at(table, row)) {
    put_place(*region);
    for (const auto& replica : replicas_of(*find_table(region->table()), *region)) put_place(*replica);
  }
}

}  // namespace hbmux::mini
