#include "core/region_map.h"

#include "core/exception_class.h"

#include <algorithm>

namespace hbmux::core {
namespace {

const LocationsPtr kNone;

template <class Entries>
auto first_at_or_after(Entries& entries, std::string_view key) {
  return std::lower_bound(entries.begin(), entries.end(), key,
                          [](const auto& entry, std::string_view k) { return entry.start_key < k; });
}
template <class Entries>
auto first_after(Entries& entries, std::string_view key) {
  return std::upper_bound(entries.begin(), entries.end(), key,
                          [](std::string_view k, const auto& entry) { return k < entry.start_key; });
}

bool same_place(const RegionLocation& a, const RegionLocation& b) {
  return a.server == b.server && a.seqnum == b.seqnum;
}

/// Takes `found` over into `known` unless that is newer. True when it changed.
bool merge(RegionLocation& known, const RegionLocation& found) {
  if (!found.is_known() || (known.is_known() && (known.seqnum > found.seqnum || same_place(known, found))))
    return false;
  known = found;
  return true;
}

/// The two are about the same region. `found` comes from hbase:meta and names all replicas that there are.
LocationsPtr merge(const LocationsPtr& known, const LocationsPtr& found) {
  auto merged = std::make_shared<RegionLocations>(*found);
  bool changed = !(*known->region == *found->region) || known->secondaries.size() != found->secondaries.size();
  auto keep_newer = [&changed](RegionLocation& place, const RegionLocation* old) {
    RegionLocation newer = old != nullptr ? *old : RegionLocation();
    changed |= merge(newer, place);
    place = std::move(newer);
  };
  keep_newer(merged->primary, known->get());
  for (RegionLocation& place : merged->secondaries) keep_newer(place, known->get(place.region->replica_id()));
  return changed ? merged : known;
}

LocationsPtr without_if(const LocationsPtr& locations, const auto& gone) {
  auto rest = std::make_shared<RegionLocations>(*locations);
  if (rest->primary.is_known() && gone(rest->primary)) rest->primary = {};
  std::erase_if(rest->secondaries, gone);
  return rest->empty() ? nullptr : rest;
}

}  // namespace

const LocationsPtr& RegionMap::locate(std::string_view row) const noexcept {
  auto at = first_after(entries_, row);
  if (at == entries_.begin()) return kNone;
  --at;
  return at->locations->region->contains(row) ? at->locations : kNone;
}

const LocationsPtr& RegionMap::locate_before(std::string_view row) const noexcept {
  auto at = row.empty() ? entries_.end() : first_at_or_after(entries_, row);
  if (at == entries_.begin()) return kNone;
  --at;
  const std::string_view end = at->locations->region->end_key();
  return end.empty() || (!row.empty() && end >= row) ? at->locations : kNone;
}

bool RegionMap::Gap::contains(std::string_view row, LocateType type) const noexcept {
  if (type == LocateType::current) return row >= low && (high.empty() || row < high);
  if (row.empty()) return high.empty();
  return row > low && (high.empty() || row <= high);
}

RegionMap::Gap RegionMap::gap_around(std::string_view row, LocateType type) const {
  auto above = entries_.end();
  if (type == LocateType::current) {
    above = first_after(entries_, row);
  } else if (!row.empty()) {
    above = first_at_or_after(entries_, row);
  }
  Gap gap;
  if (above != entries_.begin()) gap.low = std::prev(above)->locations->region->end_key();
  if (above != entries_.end()) gap.high = above->start_key;
  return gap;
}

const LocationsPtr& RegionMap::starting_at(std::string_view start_key) const noexcept {
  auto at = first_at_or_after(entries_, start_key);
  return at != entries_.end() && at->start_key == start_key ? at->locations : kNone;
}

std::vector<LocationsPtr> RegionMap::all() const {
  std::vector<LocationsPtr> all;
  all.reserve(entries_.size());
  for (const Entry& entry : entries_) all.push_back(entry.locations);
  return all;
}

bool RegionMap::add(Entries& entries, const LocationsPtr& found) {
  const RegionInfo& region = *found->region;
  // All entries that share a row with it stand together: at most one that starts before it, then those that start
  // within.
  auto first = first_at_or_after(entries, region.start_key());
  if (first != entries.begin() && std::prev(first)->locations->region->overlaps(region)) --first;
  auto last = first;
  while (last != entries.end() && last->locations->region->overlaps(region)) ++last;

  LocationsPtr locations = found;
  if (last - first == 1 && first->locations->region->name() == region.name()) {
    locations = merge(first->locations, found);
    if (locations == first->locations) return false;
  }
  Entry entry{locations->region->start_key(), locations};
  if (first == last) {
    entries.insert(first, std::move(entry));
  } else {
    *first = std::move(entry);
    entries.erase(first + 1, last);
  }
  return true;
}

RegionMapPtr RegionMap::with(std::span<const LocationsPtr> found) const {
  Entries entries;
  entries.reserve(entries_.size() + found.size());
  entries = entries_;
  bool changed = false;
  for (const LocationsPtr& locations : found) {
    if (locations && locations->region && !locations->empty()) changed |= add(entries, locations);
  }
  return changed ? RegionMapPtr(new RegionMap(std::move(entries))) : nullptr;
}

// The guard of HBase: what is known may be replaced after an error only when it is what was used, or something older.
const RegionLocation* RegionMap::known(const RegionLocation& used) const noexcept {
  if (!used.is_known()) return nullptr;
  const LocationsPtr& locations = starting_at(used.region->start_key());
  const RegionLocation* now = locations ? locations->get(used.region->replica_id()) : nullptr;
  return now != nullptr && now->server == used.server && now->seqnum <= used.seqnum ? now : nullptr;
}

RegionMapPtr RegionMap::without(const RegionLocation& used) const {
  const RegionLocation* now = known(used);
  if (now == nullptr) return nullptr;
  Entries entries = entries_;
  auto at = first_at_or_after(entries, used.region->start_key());
  const int id = used.region->replica_id();
  at->locations = without_if(at->locations, [id](const RegionLocation& l) { return l.region->replica_id() == id; });
  if (!at->locations) entries.erase(at);
  return RegionMapPtr(new RegionMap(std::move(entries)));
}

RegionMapPtr RegionMap::after_error(const RegionLocation& used, const Error& error) const {
  const Reaction reaction = react(error);
  if (!reaction.drop_location || known(used) == nullptr) return nullptr;
  const auto to = reaction.moved ? region_moved_to(error) : std::nullopt;
  // A place that is older than the one that was used, or the same, would not be taken over, or lead nowhere: hbase:meta
  // knows more.
  if (!to || to->seqnum < used.seqnum || to->server == used.server) return without(used);
  Entries entries = entries_;
  auto at = first_at_or_after(entries, used.region->start_key());
  auto moved = std::make_shared<RegionLocations>(*at->locations);
  const int id = used.region->replica_id();
  RegionLocation* place = &moved->primary;
  for (RegionLocation& location : moved->secondaries) {
    if (location.region->replica_id() == id) place = &location;
  }
  place->server = to->server;
  place->seqnum = to->seqnum;
  at->locations = std::move(moved);
  at->start_key = at->locations->region->start_key();
  return RegionMapPtr(new RegionMap(std::move(entries)));
}

RegionMapPtr RegionMap::without_server(const ServerName& server) const {
  auto gone = [&server](const RegionLocation& location) { return location.server == server; };
  auto touches = [&gone](const Entry& entry) {
    const RegionLocations& l = *entry.locations;
    return (l.primary.is_known() && gone(l.primary)) || std::ranges::any_of(l.secondaries, gone);
  };
  if (std::ranges::none_of(entries_, touches)) return nullptr;
  Entries entries;
  entries.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    LocationsPtr rest = touches(entry) ? without_if(entry.locations, gone) : entry.locations;
    if (!rest) continue;
    const std::string_view start_key = rest->region->start_key();
    entries.push_back({start_key, std::move(rest)});
  }
  return RegionMapPtr(new RegionMap(std::move(entries)));
}

TableRegions::TableRegions(TableName table) : table_(std::move(table)), map_(std::make_shared<const RegionMap>()) {}

RegionMapPtr TableRegions::snapshot() const {
  std::lock_guard lock(mutex_);
  return map_;
}

bool TableRegions::replace(RegionMapPtr next) {
  if (!next) return false;
  map_.swap(next);
  version_.fetch_add(1, std::memory_order_release);
  return true;
}

bool TableRegions::add(std::span<const LocationsPtr> found) {
  std::lock_guard lock(mutex_);
  return replace(map_->with(found));
}

bool TableRegions::forget(const RegionLocation& used) {
  std::lock_guard lock(mutex_);
  return replace(map_->without(used));
}
bool TableRegions::update_after_error(const RegionLocation& used, const Error& error) {
  std::lock_guard lock(mutex_);
  return replace(map_->after_error(used, error));
}

bool TableRegions::remove_server(const ServerName& server) {
  std::lock_guard lock(mutex_);
  return replace(map_->without_server(server));
}

bool TableRegions::clear() {
  std::lock_guard lock(mutex_);
  return map_->size() == 0 ? false : replace(std::make_shared<const RegionMap>());
}

}  // namespace hbmux::core
