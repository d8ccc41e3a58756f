#include "mini/server/master.h"

#include "core/bytes.h"
#include "core/region_name.h"
#include "mini/disk/journal.h"
#include "mini/server/schema_check.h"

#include <algorithm>

namespace hbmux::mini {

using Lock = std::lock_guard<std::recursive_mutex>;

Master::Master(ServerName name, std::string cluster_id, std::vector<std::shared_ptr<RegionServer>> servers,
               std::chrono::milliseconds procedure_time, MasterEnvironment environment)
    : name_(std::move(name)),
      cluster_id_(std::move(cluster_id)),
      servers_(std::move(servers)),
      procedure_time_(procedure_time),
      environment_(std::move(environment)),
      catalog_(std::make_shared<Region>(std::string(core::kMetaTable), "", "", 1,
                                        std::make_shared<const Families>(families_of(Catalog::schema())),
                                        core::compare_meta_rows)) {
  for (const char* name_space : {"default", "hbase"}) namespaces_[name_space].set_name(name_space);
  Table& meta = tables_[std::string(core::kMetaTable)];
  meta.schema = Catalog::schema();
  meta.families = std::make_shared<const Families>(families_of(meta.schema));
  regions_.emplace(core::kMetaEncodedName, catalog_.meta());
  meta.regions.emplace("", catalog_.meta());
  open_anywhere(catalog_.meta());
}

ServerName Master::meta_server() const {
  const Lock lock(mutex_);
  return meta_server_;
}

std::map<int, ServerName> Master::meta_replica_servers() const {
  const Lock lock(mutex_);
  std::map<int, ServerName> places;
  for (const auto& replica : replicas_of(tables_.find(core::kMetaTable)->second, *catalog_.meta())) {
    if (const int host = host_index(*replica); host >= 0) places.emplace(replica->replica(), servers_[static_cast<std::size_t>(host)]->name());
  }
  return places;
}

bool Master::is_meta_open() const {
  const Lock lock(mutex_);
  return host_index(*catalog_.meta()) >= 0;
}

std::vector<std::pair<std::string, TableState>> Master::table_states() const {
  const Lock lock(mutex_);
  std::vector<std::pair<std::string, TableState>> states;
  for (const auto& [name, table] : tables_) {
    if (name != core::kMetaTable) states.emplace_back(name, table.state);
  }
  return states;
}

std::vector<std::string> Master::namespace_names() const {
  const Lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, descriptor] : namespaces_) names.push_back(name);
  return names;
}

Master::Switches Master::switches() const {
  const Lock lock(mutex_);
  return switches_;
}

Master::Table* Master::find_table(std::string_view name) {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->second;
}

Answer<Master::Table*> Master::table(std::string_view name) {
  if (Table* table = find_table(name)) return table;
  return exceptions::table_not_found(name);
}

std::shared_ptr<Region> Master::find_region(std::string_view encoded_name) const {
  const auto found = regions_.find(encoded_name);
  return found == regions_.end() ? nullptr : found->second;
}

int Master::host_index(Region& region) {
  const std::shared_lock lock(region.mutex());
  const RegionServer* host = region.host();
  return host == nullptr ? -1 : host->index();
}

/// Round about the living servers.
RegionServer* Master::pick_server(const RegionServer* except) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    RegionServer& server = *servers_[next_server_++ % servers_.size()];
    if (&server != except && server.is_alive()) return &server;
  }
  return nullptr;
}

void Master::open(const std::shared_ptr<Region>& region, RegionServer& server) {
  server.open(region);
  const ServerName name = server.name();
  if (region->is_meta()) meta_server_ = name;
  if (region->is_of_meta()) changed();
  homeless_.erase(std::string(region->encoded_name()));
  catalog_.put_open(*region, name, environment_.now());
}

void Master::open_anywhere(const std::shared_ptr<Region>& region) {
  if (RegionServer* server = place_for(*region)) return open(region, *server);
  homeless_.emplace(region->encoded_name());
}

void Master::close(const std::shared_ptr<Region>& region, const RegionServer* destination) {
  homeless_.erase(std::string(region->encoded_name()));
  if (const int host = host_index(*region); host >= 0)
    servers_[static_cast<std::size_t>(host)]->close(region, destination);
}

void Master::add_region(Table& table, const std::shared_ptr<Region>& region) {
  regions_[region->encoded_name()] = region;
  table.regions[region->start_key()] = region;
  region->set_table_read_only(is_read_only(table.schema));
  fit_replicas(table, *region);
}

void Master::drop_region(Table& table, const std::shared_ptr<Region>& region) {
  drop_replicas(table, *region, 0);
  close(region);
  regions_.erase(region->encoded_name());
  if (const auto found = table.regions.find(region->start_key());
      found != table.regions.end() && found->second == region) {
    table.regions.erase(found);
  }
}

std::uint64_t Master::new_region_id() {
  last_region_id_ = std::max(last_region_id_ + 1, static_cast<std::uint64_t>(environment_.now()));
  return last_region_id_;
}

std::uint64_t Master::begin_procedure(std::optional<RemoteException> failure) {
  const std::int64_t now = environment_.now();
  procedures_[++last_procedure_] = {now, now + procedure_time_.count(), std::move(failure)};
  // HBase keeps results for 15 minutes after the client took them; here it is a number of them.
  if (procedures_.size() > 10'000) procedures_.erase(procedures_.begin());
  return last_procedure_;
}

void Master::make_regions(Table& table, const std::vector<std::string>& split_keys) {
  const std::string name = table_name_of(table.schema.table_name());
  const std::uint64_t id = new_region_id();
  std::vector<std::shared_ptr<Region>> regions;
  for (std::size_t i = 0; i <= split_keys.size(); ++i) {
    regions.push_back(std::make_shared<Region>(name, i == 0 ? std::string() : split_keys[i - 1],
                                               i == split_keys.size() ? std::string() : split_keys[i], id,
                                               table.families));
  }
  // Before anybody can write to them.
  keep(data_record::table(table.schema, table.state));
  keep(data_record::regions(name, regions));
  for (const auto& region : regions) {
    add_region(table, region);
    open_anywhere(region);
    open_replicas(table, *region);
  }
}

void Master::set_state(std::string_view name, Table& table, TableState state) {
  table.state = state;
  changed();
  keep(data_record::table(table.schema, state));
  catalog_.put_table(name, state, environment_.now());
}

Answer<void> Master::create_table(pb::TableSchema schema, std::vector<std::string> split_keys) {
  const Lock lock(mutex_);
  const std::string name = table_name_of(schema.table_name());
  if (!schema.table_name().namespace_().empty() && !namespaces_.contains(schema.table_name().namespace_())) {
    return exceptions::namespace_not_found(schema.table_name().namespace_());
  }
  if (find_table(name) != nullptr) return exceptions::table_exists(name);
  if (auto sane = check_schema(schema); !sane) return sane;
  std::sort(split_keys.begin(), split_keys.end());
  split_keys.erase(std::unique(split_keys.begin(), split_keys.end()), split_keys.end());
  if (!split_keys.empty() && split_keys.front().empty()) split_keys.erase(split_keys.begin());
  Table& table = tables_[name];
  table.families = std::make_shared<const Families>(families_of(schema));
  table.schema = std::move(schema);
  make_regions(table, split_keys);
  set_state(name, table, TableState::enabled);
  return {};
}

Answer<void> Master::delete_table(std::string_view name) {
  const Lock lock(mutex_);
  auto found = table(name);
  if (!found) return found.error();
  if ((*found)->state != TableState::disabled) {
    return exceptions::of("org.apache.hadoop.hbase.TableNotDisabledException",
                          "Not DISABLED; tableName=" + std::string(name) + ", state=ENABLED", true);
  }
  const auto regions = (*found)->regions;
  for (const auto& [start, region] : regions) drop_region(**found, region);
  catalog_.remove_table(name, environment_.now());
  tables_.erase(tables_.find(name));
  changed();
  keep(data_record::drop_table(name));
  return {};
}

Answer<void> Master::truncate_table(std::string_view name, bool preserve_splits) {
  const Lock lock(mutex_);
  auto found = table(name);
  if (!found) return found.error();
  if ((*found)->state != TableState::disabled) return exceptions::table_not_disabled(name);
  std::vector<std::string> split_keys;
  for (const auto& [start, region] : (*found)->regions) {
    if (preserve_splits && !start.empty()) split_keys.emplace_back(start);
  }
  pb::TableSchema schema = (*found)->schema;
  if (auto deleted = delete_table(name); !deleted) return deleted;
  return create_table(std::move(schema), std::move(split_keys));
}

Answer<void> Master::enable_table(std::string_view name) {
  const Lock lock(mutex_);
  auto found = table(name);
  if (!found) return found.error();
  if ((*found)->state != TableState::disabled) {
    return exceptions::of("org.apache.hadoop.hbase.TableNotDisabledException",
                          "tableName=" + std::string(name) + ", state=ENABLED", true);
  }
  for (const auto& [start, region] : (*found)->regions) {
    open_anywhere(region);
    open_replicas(**found, *region);
  }
  set_state(name, **found, TableState::enabled);
  return {};
}

Answer<void> Master::disable_table(std::string_view name) {
  const Lock lock(mutex_);
  auto found = table(name);
  if (!found) return found.error();
  if (name == core::kMetaTable) {
    return exceptions::of("org.apache.hadoop.hbase.constraint.ConstraintException", "Cannot disable hbase:meta", true);
  }
  if ((*found)->state != TableState::enabled) return exceptions::table_not_enabled(name);
  set_state(name, **found, TableState::disabled);
  for (const auto& [start, region] : (*found)->regions) {
    close(region);
    catalog_.put_state(*region, "CLOSED", environment_.now());
    close_replicas(**found, *region);
  }
  return {};
}

Answer<void> Master::modify_table(pb::TableSchema schema) {
  const Lock lock(mutex_);
  const std::string name = table_name_of(schema.table_name());
  auto found = table(name);
  if (!found) return found.error();
  if (auto sane = check_schema(schema); !sane) return sane;
  (*found)->families = std::make_shared<const Families>(families_of(schema));
  (*found)->schema = std::move(schema);
  keep(data_record::table((*found)->schema, (*found)->state));
  auto change = [&](Region& region) {
    const std::unique_lock region_lock(region.mutex());
    region.set_families((*found)->families);
    region.set_table_read_only(is_read_only((*found)->schema));
    region.store().drop_lost_families();  // cells of families that are gone
    if (journal_ != nullptr && !region.is_replica()) journal_->contents(region);
  };
  for (const auto& [start, region] : (*found)->regions) {
    change(*region);
    fit_replicas(**found, *region);
    for (const auto& replica : replicas_of(**found, *region)) change(*replica);
    if ((*found)->state == TableState::enabled) open_replicas(**found, *region);
  }
  return {};
}

Answer<void> Master::flush_table(std::string_view name) {
  const Lock lock(mutex_);
  auto found = table(name);
  if (!found) return found.error();
  if ((*found)->state != TableState::enabled) return exceptions::table_not_enabled(name);
  for (const auto& [start, region] : (*found)->regions) {
    const std::unique_lock region_lock(region->mutex());
    region->store().flush(environment_.now());
    region->keep(journal_, {});
    region->ship(ReplicaStep::Kind::flush, environment_.now());
  }
  return {};
}

std::vector<Master::RegionView> Master::regions(std::string_view name, bool with_replicas) const {
  const Lock lock(mutex_);
  std::vector<RegionView> views;
  const auto found = tables_.find(name);
  if (found == tables_.end()) return views;
  for (const auto& [start, region] : found->second.regions) {
    views.push_back({region, host_index(*region)});
    if (!with_replicas) continue;
    for (const auto& replica : replicas_of(found->second, *region)) views.push_back({replica, host_index(*replica)});
  }
  return views;
}

bool Master::has_table(std::string_view name) const {
  const Lock lock(mutex_);
  return tables_.contains(name);
}

}  // namespace hbmux::mini
