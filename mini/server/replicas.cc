// The master's work on replicas of regions: making, placing and opening them, and how far they are behind.
#include "core/region_name.h"
#include "mini/server/master.h"
#include "mini/server/schema_check.h"

#include <algorithm>

namespace hbmux::mini {

using Lock = std::lock_guard<std::recursive_mutex>;

namespace {

bool fits(const Master::LagRule& rule, const Region& region) {
  return region.is_replica() && (rule.table.empty() || rule.table == region.table()) &&
         (rule.row.empty() || region.holds(rule.row)) && (rule.replica == 0 || rule.replica == region.replica());
}

}  // namespace

std::span<const std::shared_ptr<Region>> Master::replicas_of(const Table& table, const Region& primary) const {
  const auto found = table.replicas.find(primary.start_key());
  if (found == table.replicas.end()) return {};
  return found->second;
}

/// The servers that have another copy of the same region.
std::vector<const RegionServer*> Master::hosts_of_siblings(const Region& region) {
  std::vector<const RegionServer*> hosts;
  const Table* table = find_table(region.table());
  if (table == nullptr || table->replicas.empty()) return hosts;
  auto add = [&](const std::shared_ptr<Region>& other) {
    if (other.get() == &region) return;
    if (const int host = host_index(*other); host >= 0) hosts.push_back(servers_[static_cast<std::size_t>(host)].get());
  };
  if (const auto primary = table->regions.find(region.start_key()); primary != table->regions.end()) {
    add(primary->second);
    for (const auto& replica : replicas_of(*table, *primary->second)) add(replica);
  }
  return hosts;
}

/// A server that has no other copy of the region, as long as there is one.
RegionServer* Master::place_for(const Region& region, const RegionServer* except) {
  const auto taken = hosts_of_siblings(region);
  if (taken.empty()) return pick_server(except);
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    RegionServer& server = *servers_[next_server_++ % servers_.size()];
    if (&server == except || std::find(taken.begin(), taken.end(), &server) != taken.end()) continue;
    if (server.is_alive()) return &server;
  }
  return pick_server(except);
}

void Master::drop_replicas(Table& table, Region& primary, std::size_t keep) {
  const auto found = table.replicas.find(primary.start_key());
  if (found == table.replicas.end()) return;
  for (Replicas& replicas = found->second; replicas.size() > keep; replicas.pop_back()) {
    const std::shared_ptr<Region>& last = replicas.back();
    close(last);
    catalog_.remove_replica(*last, environment_.now());
    regions_.erase(last->encoded_name());
  }
  {
    const std::unique_lock lock(primary.mutex());
    primary.stop_feeding(static_cast<int>(keep) + 1);
  }
  if (found->second.empty()) table.replicas.erase(found);
}

void Master::fit_replicas(Table& table, Region& primary) {
  const auto wanted = static_cast<std::size_t>(region_replication_of(table.schema)) - 1;
  drop_replicas(table, primary, wanted);
  if (wanted == 0) return;
  Replicas& replicas = table.replicas[primary.start_key()];
  while (replicas.size() < wanted) {
    auto replica = Region::replica_of(primary, static_cast<int>(replicas.size()) + 1);
    replica->feed()->set_lag(lag_of(*replica));
    regions_[replica->encoded_name()] = replica;
    catalog_.put_unplaced(*replica, environment_.now());
    replicas.push_back(std::move(replica));
  }
}

void Master::replicate_meta(int copies) {
  const Lock lock(mutex_);
  Table& meta = *find_table(core::kMetaTable);
  auto& attribute = *meta.schema.add_attributes();
  attribute.set_first("REGION_REPLICATION");
  attribute.set_second(std::to_string(copies));
  fit_replicas(meta, *catalog_.meta());
  open_replicas(meta, *catalog_.meta());
}

/// Those that are not open.
void Master::open_replicas(Table& table, const Region& primary) {
  for (const auto& replica : replicas_of(table, primary)) {
    if (host_index(*replica) < 0) open_anywhere(replica);
  }
}

void Master::close_replicas(Table& table, const Region& primary) {
  for (const auto& replica : replicas_of(table, primary)) {
    close(replica);
    catalog_.put_state(*replica, "CLOSED", environment_.now());
  }
}

void Master::put_place(Region& region) {
  const int host = host_index(region);
  if (host >= 0) {
    catalog_.put_open(region, servers_[static_cast<std::size_t>(host)]->name(), environment_.now());
  } else {
    catalog_.put_state(region, "CLOSED", environment_.now());
  }
}

std::chrono::milliseconds Master::lag_of(const Region& replica) const {
  std::chrono::milliseconds lag = replica_lag_;
  for (const auto& [id, rule] : lag_rules_) {
    if (fits(rule, replica)) lag = rule.lag;
  }
  return lag;
}

void Master::set_lags() {
  for (const auto& [name, region] : regions_) {
    if (region->is_replica()) region->feed()->set_lag(lag_of(*region));
  }
}

void Master::set_replica_lag(std::chrono::milliseconds lag) {
  const Lock lock(mutex_);
  replica_lag_ = lag;
  set_lags();
}

std::uint64_t Master::add_lag_rule(int id, LagRule rule) {
  const Lock lock(mutex_);
  const LagRule& added = lag_rules_[id] = std::move(rule);
  set_lags();
  return static_cast<std::uint64_t>(std::count_if(
      regions_.begin(), regions_.end(), [&](const auto& entry) { return fits(added, *entry.second); }));
}

void Master::remove_lag_rule(int id) {
  const Lock lock(mutex_);
  if (lag_rules_.erase(id) != 0) set_lags();
}

}  // namespace hbmux::mini
