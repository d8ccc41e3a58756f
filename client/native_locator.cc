#include "client/native_locator.h"

#include "client/finish.h"
#include "client/operation.h"
#include "client/region_locator.h"

namespace hbmux::client {
namespace {

using detail::Completion;

rpc::TimePoint deadline_of(const TableContext& table) {
  const auto now = table.connection->now();
  return core::RetryState(retry_policy(table, table.read_timeout), now).deadline();
}

void locate(const std::shared_ptr<const TableContext>& table, const std::string& row, bool reload,
            Completion<Result<core::LocationsPtr>> done) {
  if (auto closed = table->connection->closed_error()) {
    return finish_soon(*table->connection, std::move(done), std::move(*closed));
  }
  auto& locations = *table->locations;
  if (reload) {
    if (const auto& known = RegionLocator::find(locations, row)) locations.regions()->forget(known->primary);
  }
  auto finish = std::make_shared<Completion<Result<core::LocationsPtr>>>(std::move(done));
  auto known = table->connection->locator().locate(
      table->locations, row, core::LocateType::current, deadline_of(*table),
      [table, finish](Result<core::LocationsPtr> found) { finish->finish(std::move(found)); });
  if (known) finish_soon(*table->connection, std::move(*finish), std::move(known));
}

}  // namespace

void NativeLocator::start_location(const std::string& row, bool reload, Completion<Result<RegionLocation>> done) const {
  Completion<Result<core::LocationsPtr>> located;
  located.has_executor = done.has_executor;
  located.finish = [done = std::move(done)](Result<core::LocationsPtr> found) mutable {
    done.finish(found ? Result<RegionLocation>((*found)->primary) : found.error());
  };
  locate(table_, row, reload, std::move(located));
}

void NativeLocator::start_replica(const std::string& row, int replica_id, bool reload, Completion<Result<RegionLocation>> done) const {
  auto shared = std::make_shared<Completion<Result<RegionLocation>>>(std::move(done));
  Completion<Result<core::LocationsPtr>> located;
  located.has_executor = shared->has_executor;
  located.finish = [self = shared_from_this(), row, replica_id, reload, shared](Result<core::LocationsPtr> found) {
    if (!found) return shared->finish(found.error());
    const core::RegionLocations& locations = **found;
    if (const RegionLocation* place = locations.get(replica_id)) return shared->finish(*place);
    if (!reload) return self->start_replica(row, replica_id, true, std::move(*shared));  // it may be new
    shared->finish(locations.has(replica_id) ? replica_is_nowhere(replica_id) : no_such_replica(locations, replica_id));
  };
  locate(table_, row, reload, std::move(located));
}

void NativeLocator::start_locations(const std::string& row, bool reload, Completion<Result<std::vector<RegionLocation>>> done) const {
  Completion<Result<core::LocationsPtr>> located;
  located.has_executor = done.has_executor;
  located.finish = [done = std::move(done)](Result<core::LocationsPtr> found) mutable {
    if (!found) return done.finish(found.error());
    std::vector<RegionLocation> all{(*found)->primary};
    all.insert(all.end(), (*found)->secondaries.begin(), (*found)->secondaries.end());
    done.finish(std::move(all));
  };
  locate(table_, row, reload, std::move(located));
}

void NativeLocator::start_all(Completion<Result<std::vector<RegionLocation>>> done) const {
  if (auto closed = table_->connection->closed_error()) {
    return finish_soon(*table_->connection, std::move(done), std::move(*closed));
  }
  table_->connection->locator().all_regions(
      table_->locations, WhichReplicas::all, deadline_of(*table_),
      [table = table_, done = std::move(done)](Result<std::vector<RegionLocation>> all) mutable { done.finish(std::move(all)); });
}

void NativeLocator::clear_cache() const { table_->locations->regions()->clear(); }

}  // namespace hbmux::client
