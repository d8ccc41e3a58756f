// Bodies of hbmux::RegionLocator.
#include <hbmux/region_locator.h>

#include "client/blocking.h"
#include "client/locator_backend.h"

namespace hbmux {
namespace {

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

using detail::Completion;

RegionLocator::RegionLocator(std::shared_ptr<const client::LocatorBackend> backend) : backend_(std::move(backend)) {}

const TableName& RegionLocator::name() const noexcept { return backend_->name(); }

void RegionLocator::start_location(const std::string& row, bool reload, Completion<Result<RegionLocation>> done) const {
  backend_->start_location(row, reload, std::move(done));
}
void RegionLocator::start_replica(const std::string& row, int replica_id, bool reload, Completion<Result<RegionLocation>> done) const {
  backend_->start_replica(row, replica_id, reload, std::move(done));
}
void RegionLocator::start_locations(const std::string& row, bool reload, Completion<Result<std::vector<RegionLocation>>> done) const {
  backend_->start_locations(row, reload, std::move(done));
}
void RegionLocator::start_all(Completion<Result<std::vector<RegionLocation>>> done) const { backend_->start_all(std::move(done)); }

Result<RegionLocation> RegionLocator::region_location(std::string_view row, bool reload) const {
  return client::block<Result<RegionLocation>>([&](auto done) { start_location(std::string(row), reload, std::move(done)); });
}
Result<RegionLocation> RegionLocator::region_location(std::string_view row, int replica_id, bool reload) const {
  return client::block<Result<RegionLocation>>(
      [&](auto done) { start_replica(std::string(row), replica_id, reload, std::move(done)); });
}
Result<std::vector<RegionLocation>> RegionLocator::region_locations(std::string_view row, bool reload) const {
  return client::block<Result<std::vector<RegionLocation>>>([&](auto done) { start_locations(std::string(row), reload, std::move(done)); });
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

void RegionLocator::clear_region_location_cache() const { backend_->clear_cache(); }

}  // namespace hbmux
