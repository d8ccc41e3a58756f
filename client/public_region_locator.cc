// Bodies of hbmux::RegionLocator.
#include <hbmux/region_locator.h>

#include "client/blocking.h"
#include "client/finish.h"
#include "client/operation.h"
#include "client/region_locator.h"
#include "client/table_context.h"

namespace hbmux {
namespace {

using client::TableContext;
using detail::Completion;

rpc::TimePoint deadline_of(const TableContext& table) {
  const auto now = table.connection->now();
  return core::RetryState(client::retry_policy(table, table.read_timeout), now).deadline();
}

void locate(const std::shared_ptr<const TableContext>& table, const std::string& row, bool reload,
            Completion<Result<core::LocationsPtr>> done) {
  if (auto closed = table->connection->closed_error()) {
    return client::finish_soon(*table->connection, std::move(done), std::move(*closed));
  }
  auto& locations = *table->locations;
  if (reload) {
    if (const auto& known = client::RegionLocator::find(locations, row)) locations.regions()->forget(known->primary);
  }
  auto finish = std::make_shared<Completion<Result<core::LocationsPtr>>>(std::move(done));
  auto known = table->connection->locator().locate(
      table->locations, row, core::LocateType::current, deadline_of(*table),
      [table, finish](Result<core::LocationsPtr> found) { finish->finish(std::move(found)); });
  if (known) client::finish_soon(*table->connection, std::move(*finish), std::move(known));
}

/// Of the regions, not of their replicas.
template <class Pick>
auto pick(const Result<std::vector<RegionLocation>>& all, Pick what) -> Result<std::vector<decltype(what(*all->front().region))>> {
  if (!all) return all.error();
  std::vector<decltype(what(*all->front().region))> picked;
  picked.reserve(all->size());
  for (const RegionLocation& location : *all) {
    if (location.region->replica_id() == 0) picked.push_back(what(*location.region));
  }
  return picked;
}

}  // namespace

RegionLocator::RegionLocator(std::shared_ptr<const TableContext> context) : context_(std::move(context)) {}

const TableName& RegionLocator::name() const noexcept { return context_->public_name(); }

void RegionLocator::start_location(const std::string& row, bool reload, Completion<Result<RegionLocation>> done) const {
  Completion<Result<core::LocationsPtr>> located;
  located.has_executor = done.has_executor;
  located.finish = [done = std::move(done)](Result<core::LocationsPtr> found) mutable {
    done.finish(found ? Result<RegionLocation>((*found)->primary) : found.error());
  };
  locate(context_, row, reload, std::move(located));
}

Result<RegionLocation> RegionLocator::region_location(std::string_view row, bool reload) const {
  return client::block<Result<RegionLocation>>([&](auto done) { start_location(std::string(row), reload, std::move(done)); });
}

void RegionLocator::start_replica(const std::string& row, int replica_id, bool reload, Completion<Result<RegionLocation>> done) const {
  auto shared = std::make_shared<Completion<Result<RegionLocation>>>(std::move(done));
  Completion<Result<core::LocationsPtr>> located;
  located.has_executor = shared->has_executor;
  located.finish = [self = *this, row, replica_id, reload, shared](Result<core::LocationsPtr> found) {
    if (!found) return shared->finish(found.error());
    const core::RegionLocations& locations = **found;
    if (const RegionLocation* place = locations.get(replica_id)) return shared->finish(*place);
    if (!reload) return self.start_replica(row, replica_id, true, std::move(*shared));  // it may be new
    shared->finish(locations.has(replica_id) ? client::replica_is_nowhere(replica_id) : client::no_such_replica(locations, replica_id));
  };
  locate(context_, row, reload, std::move(located));
}

Result<RegionLocation> RegionLocator::region_location(std::string_view row, int replica_id, bool reload) const {
  return client::block<Result<RegionLocation>>(
      [&](auto done) { start_replica(std::string(row), replica_id, reload, std::move(done)); });
}

void RegionLocator::start_locations(const std::string& row, bool reload, Completion<Result<std::vector<RegionLocation>>> done) const {
  Completion<Result<core::LocationsPtr>> located;
  located.has_executor = done.has_executor;
  located.finish = [done = std::move(done)](Result<core::LocationsPtr> found) mutable {
    if (!found) return done.finish(found.error());
    std::vector<RegionLocation> all{(*found)->primary};
    all.insert(all.end(), (*found)->secondaries.begin(), (*found)->secondaries.end());
    done.finish(std::move(all));
  };
  locate(context_, row, reload, std::move(located));
}

Result<std::vector<RegionLocation>> RegionLocator::region_locations(std::string_view row, bool reload) const {
  return client::block<Result<std::vector<RegionLocation>>>([&](auto done) { start_locations(std::string(row), reload, std::move(done)); });
}

void RegionLocator::start_all(Completion<Result<std::vector<RegionLocation>>> done) const {
  if (auto closed = context_->connection->closed_error()) {
    return client::finish_soon(*context_->connection, std::move(done), std::move(*closed));
  }
  context_->connection->locator().all_regions(
      context_->locations, client::WhichReplicas::all, deadline_of(*context_),
      [table = context_, done = std::move(done)](Result<std::vector<RegionLocation>> all) mutable { done.finish(std::move(all)); });
}

Result<std::vector<RegionLocation>> RegionLocator::all_region_locations() const {
  return client::block<Result<std::vector<RegionLocation>>>([&](auto done) { start_all(std::move(done)); });
}

Result<std::vector<RegionLocator::KeyRange>> RegionLocator::start_end_keys() const {
  return pick(all_region_locations(),
              [](const RegionInfo& region) { return KeyRange(region.start_key(), region.end_key()); });
}
Result<std::vector<std::string>> RegionLocator::start_keys() const {
  return pick(all_region_locations(), [](const RegionInfo& region) { return std::string(region.start_key()); });
}
Result<std::vector<std::string>> RegionLocator::end_keys() const {
  return pick(all_region_locations(), [](const RegionInfo& region) { return std::string(region.end_key()); });
}

void RegionLocator::clear_region_location_cache() const { context_->locations->regions()->clear(); }

}  // namespace hbmux
