#include "bigtable/locator.h"

#include "bigtable/sample_keys.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hbmux::bigtable {
namespace {

ServerName server_at(const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) std::from_chars(endpoint.data() + colon + 1, endpoint.data() + endpoint.size(), port);
  return {{endpoint.substr(0, colon), port}, 0};
}

}  // namespace

std::vector<RegionLocation> regions_between(const BigtableTable& table, const std::vector<std::string>& keys) {
  const auto name = std::make_shared<const TableName>(table.public_name());
  const ServerName server = server_at(table.connection().settings().data_endpoint);
  std::vector<RegionLocation> regions;
  std::string start;
  for (std::size_t i = 0; i <= keys.size(); ++i) {
    const std::string end = i < keys.size() ? keys[i] : std::string();
    regions.push_back({std::make_shared<const RegionInfo>(name, start, end, 0), server, -1});
    start = end;
  }
  return regions;
}

void BigtableLocator::start_all(detail::Completion<Result<std::vector<RegionLocation>>> done) const {
  auto sampled = [table = table_, finish = std::move(done.finish)](Result<std::vector<std::string>> keys) mutable {
    if (!keys) return finish(keys.error());
    finish(regions_between(*table, *keys));
  };
  start_sampling(table_, std::move(done.cancel), std::move(sampled));
}

void BigtableLocator::start_locations(const std::string& row, bool, detail::Completion<Result<std::vector<RegionLocation>>> done) const {
  detail::Completion<Result<std::vector<RegionLocation>>> all;
  all.cancel = std::move(done.cancel);
  all.finish = [row, finish = std::move(done.finish)](Result<std::vector<RegionLocation>> regions) mutable {
    if (!regions) return finish(regions.error());
    const auto found = std::ranges::find_if(*regions, [&](const RegionLocation& region) { return region.region->contains(row); });
    finish(std::vector<RegionLocation>{*found});  // they cover all rows
  };
  start_all(std::move(all));
}

void BigtableLocator::start_replica(const std::string& row, int replica_id, bool reload,
                                    detail::Completion<Result<RegionLocation>> done) const {
  if (replica_id == 0) return start_location(row, reload, std::move(done));
  end_soon(table_->connection(), std::move(done), Error(Errc::unsupported, "replica_id: Bigtable has no region replicas"));
}

void BigtableLocator::start_location(const std::string& row, bool reload, detail::Completion<Result<RegionLocation>> done) const {
  detail::Completion<Result<std::vector<RegionLocation>>> all;
  all.cancel = std::move(done.cancel);
  all.finish = [finish = std::move(done.finish)](Result<std::vector<RegionLocation>> regions) mutable {
    finish(regions ? Result<RegionLocation>(regions->front()) : regions.error());
  };
  start_locations(row, reload, std::move(all));
}

}  // namespace hbmux::bigtable
