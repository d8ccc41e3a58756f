// The master's work on regions: splits, merges, moves, and what follows the death of a server.
#include "core/bytes.h"
#include "core/region_name.h"
#include "mini/disk/journal.h"
#include "mini/server/master.h"

#include <algorithm>

namespace hbmux::mini {

using Lock = std::lock_guard<std::recursive_mutex>;

namespace {

RemoteException unknown_region(std::string_view name) {
  return exceptions::of("org.apache.hadoop.hbase.UnknownRegionException", core::to_string_binary(name), true);
}

}  // namespace

Answer<void> Master::split_region(std::string_view encoded, std::string_view split_row) {
  const Lock lock(mutex_);
  const std::shared_ptr<Region> parent = find_region(encoded);
  if (parent == nullptr) return unknown_region(encoded);
  if (parent->is_meta()) return exceptions::do_not_retry("hbase:meta cannot be split");
  if (parent->is_replica()) {
    return exceptions::io(
        "java.lang.IllegalArgumentException: Can't invoke split on non-default regions directly");
  }
  std::string row(split_row);
  if (row.empty()) {
    const std::shared_lock region_lock(parent->mutex());
    RowMap& rows = parent->store().rows();
    if (rows.size() > 1) row = std::next(rows.begin(), static_cast<std::ptrdiff_t>(rows.size() / 2))->key();
  }
  if (row.empty()) {
    return exceptions::do_not_retry(
        "Region not splittable because bestSplitPoint = null, maybe table is too small for auto split. For force "
        "split, try specifying split row");
  }
  using core::to_string_binary;
  if (row == parent->start_key()) {
    return exceptions::do_not_retry("Split row is equal to startkey: " + to_string_binary(row));
  }
  if (!parent->holds(row)) {
    return exceptions::do_not_retry(
        "Split row is not inside region key range splitKey:" + to_string_binary(row) + " region: {ENCODED => " +
        std::string(parent->encoded_name()) + ", NAME => '" + to_string_binary(parent->name()) + "', STARTKEY => '" +
        to_string_binary(parent->start_key()) + "', ENDKEY => '" + to_string_binary(parent->end_key()) + "'}");
  }
  const int host = host_index(*parent);
  if (host < 0) {
    return exceptions::do_not_retry("Can't split region in state CLOSED: " + std::string(parent->encoded_name()));
  }
  Table& table = *find_table(parent->table());
  const std::uint64_t id = std::max(new_region_id(), parent->id() + 1);
  auto first = std::make_shared<Region>(parent->table(), parent->start_key(), row, id, table.families);
  auto second = std::make_shared<Region>(parent->table(), row, parent->end_key(), id, table.families);
  drop_region(table, parent);
  move_rows(*parent, *first);
  move_rows(*parent, *second);
  keep(data_record::split(*parent, *first, *second));
  catalog_.put_split(*parent, *first, *second, environment_.now());
  for (const auto& daughter : {first, second}) {
    add_region(table, daughter);
    open(daughter, *servers_[static_cast<std::size_t>(host)]);
    open_replicas(table, *daughter);
  }
  // HBase's janitor removes the row of a split parent some minutes later, when the daughters need its files no longer.
  environment_.after(std::chrono::minutes(5), [this, parent] {
    const Lock later(mutex_);
    catalog_.remove(*parent, environment_.now());
  });
  return {};
}

Answer<void> Master::merge_regions(const std::vector<std::string>& encoded_names, bool force) {
  const Lock lock(mutex_);
  std::vector<std::shared_ptr<Region>> parents;
  for (const std::string& encoded : encoded_names) {
    parents.push_back(find_region(encoded));
    if (parents.back() == nullptr) return unknown_region(encoded);
    if (parents.back()->table() != parents.front()->table()) {
      return exceptions::of("org.apache.hadoop.hbase.exceptions.MergeRegionException",
                            "Can't merge regions from two different tables", true);
    }
    if (parents.back()->is_replica()) {
      return exceptions::of("org.apache.hadoop.hbase.exceptions.MergeRegionException",
                            "Can't merge non-default replicas; " + core::to_string_binary(parents.back()->name()),
                            true);
    }
  }
  std::sort(parents.begin(), parents.end(),
            [](const auto& a, const auto& b) { return a->start_key() < b->start_key(); });
  parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
  if (parents.size() < encoded_names.size()) {
    return exceptions::of("org.apache.hadoop.hbase.exceptions.MergeRegionException",
                          "Duplicate regions specified; cannot merge a region to itself. Passed in " +
                              std::to_string(encoded_names.size()) + " but only " + std::to_string(parents.size()) +
                              " unique.",
                          true);
  }
  if (parents.size() < 2) {
    return exceptions::of("org.apache.hadoop.hbase.exceptions.MergeRegionException",
                          "Passed in " + std::to_string(parents.size()) + " region", true);
  }
  for (std::size_t i = 1; i < parents.size() && !force; ++i) {
    if (parents[i - 1]->end_key() != parents[i]->start_key()) {
      return exceptions::of("org.apache.hadoop.hbase.exceptions.MergeRegionException",
                            "Unable to merge non-adjacent or non-overlapping regions '" +
                                std::string(parents[i - 1]->encoded_name()) + "', '" +
                                std::string(parents[i]->encoded_name()) +
                                "' when force=false",
                            true);
    }
  }
  Table& table = *find_table(parents.front()->table());
  std::uint64_t id = new_region_id();
  for (const auto& parent : parents) id = std::max(id, parent->id() + 1);
  auto merged = std::make_shared<Region>(parents.front()->table(), parents.front()->start_key(),
                                         parents.back()->end_key(), id, table.families);
  const int host = host_index(*parents.front());
  for (const auto& parent : parents) {
    drop_region(table, parent);
    move_rows(*parent, *merged);
    catalog_.remove(*parent, environment_.now());
  }
  keep(data_record::merge(parents, *merged));
  add_region(table, merged);
  catalog_.put_merge(*merged, parents, environment_.now());
  if (host >= 0) {
    open(merged, *servers_[static_cast<std::size_t>(host)]);
  } else {
    open_anywhere(merged);
  }
  open_replicas(table, *merged);
  return {};
}

Answer<void> Master::move_region(std::string_view encoded, int server) {
  const Lock lock(mutex_);
  const std::shared_ptr<Region> region = find_region(encoded);
  if (region == nullptr) return unknown_region(encoded);
  const int host = host_index(*region);
  const RegionServer* from = host < 0 ? nullptr : servers_[static_cast<std::size_t>(host)].get();
  RegionServer* to = nullptr;
  if (server < 0) {
    to = place_for(*region, from);
  } else if (static_cast<std::size_t>(server) < servers_.size() &&
             servers_[static_cast<std::size_t>(server)]->is_alive()) {
    to = servers_[static_cast<std::size_t>(server)].get();
  }
  if (to == nullptr || to == from) return {};
  if (Table* table = find_table(region->table()); table != nullptr && table->state == TableState::disabled) {
    return exceptions::table_not_enabled(region->table());
  }
  close(region, to);
  open(region, *to);
  return {};
}

Answer<void> Master::assign_region(std::string_view encoded, std::string_view asked) {
  const Lock lock(mutex_);
  const std::shared_ptr<Region> region = find_region(encoded);
  if (region == nullptr) return unknown_region(asked);
  if (const int host = host_index(*region); host >= 0) {
    return exceptions::of(
        "org.apache.hadoop.hbase.client.DoNotRetryRegionException",
        "Unexpected state for state=OPEN, location=" + servers_[static_cast<std::size_t>(host)]->name().to_string() +
            ", table=" + region->table() + ", region=" + std::string(region->encoded_name()),
        true);
  }
  open_anywhere(region);
  return {};
}

Answer<void> Master::unassign_region(std::string_view encoded, std::string_view asked) {
  const Lock lock(mutex_);
  const std::shared_ptr<Region> region = find_region(encoded);
  if (region == nullptr) return unknown_region(asked);
  close(region);
  catalog_.put_state(*region, "CLOSED", environment_.now());
  return {};
}

int Master::balance() {
  const Lock lock(mutex_);
  int moves = 0;
  for (;;) {
    RegionServer* fullest = nullptr;
    RegionServer* emptiest = nullptr;
    for (const auto& server : servers_) {
      if (!server->is_alive()) continue;
      if (fullest == nullptr || server->region_count() > fullest->region_count()) fullest = server.get();
      if (emptiest == nullptr || server->region_count() < emptiest->region_count()) emptiest = server.get();
    }
    if (fullest == nullptr || fullest->region_count() <= emptiest->region_count() + 1) return moves;
    const auto regions = fullest->regions();
    const auto movable =
        std::find_if(regions.begin(), regions.end(), [&](const auto& region) {
          if (region->is_meta()) return false;
          const auto taken = hosts_of_siblings(*region);
          return std::find(taken.begin(), taken.end(), emptiest) == taken.end();
        });
    if (movable == regions.end()) return moves;
    close(*movable, emptiest);
    open(*movable, *emptiest);
    ++moves;
  }
}

void Master::server_died(int index, std::chrono::milliseconds reassign_after) {
  const Lock lock(mutex_);
  RegionServer& server = *servers_[static_cast<std::size_t>(index)];
  if (!server.is_alive()) return;
  std::vector<std::string> orphans;
  for (const auto& region : server.regions()) orphans.emplace_back(region->encoded_name());
  dead_servers_.push_back(server.name());
  server.kill();
  changed();
  environment_.after(reassign_after, [this, orphans = std::move(orphans)] {
    const Lock later(mutex_);
    for (const std::string& encoded : orphans) {
      // In the meantime it may have been split, dropped with its table, disabled, or opened by hand.
      const std::shared_ptr<Region> region = find_region(encoded);
      if (region == nullptr || host_index(*region) >= 0) continue;
      const Table* table = find_table(region->table());
      if (table != nullptr && table->state == TableState::enabled) homeless_.insert(encoded);
    }
    assign_homeless();
  });
}

void Master::assign_homeless() {
  const auto waiting = homeless_;
  // hbase:meta first, as in HBase: nothing can be found without it.
  if (waiting.contains(core::kMetaEncodedName)) open_anywhere(catalog_.meta());
  for (const std::string& encoded : waiting) {
    if (encoded == core::kMetaEncodedName) continue;
    if (const auto region = find_region(encoded)) open_anywhere(region);
  }
}

void Master::server_started(int index, std::int64_t start_code) {
  const Lock lock(mutex_);
  servers_[static_cast<std::size_t>(index)]->start(start_code);
  changed();
  assign_homeless();
}

}  // namespace hbmux::mini
