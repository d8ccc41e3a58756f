// Regions of a table of Bigtable, for who cuts work by them.
#pragma once

#include "bigtable/table.h"
#include "client/locator_backend.h"

#include <string>
#include <vector>

namespace hbmux::bigtable {

/// The stretches between sample keys, asked for each time: nothing is kept. All of them are at the service's endpoint.
class BigtableLocator final : public client::LocatorBackend {
 public:
  explicit BigtableLocator(TablePtr table) : table_(std::move(table)) {}

  const TableName& name() const noexcept override { return table_->public_name(); }
  void start_location(const std::string& row, bool reload, detail::Completion<Result<RegionLocation>> done) const override;
  void start_replica(const std::string& row, int replica_id, bool reload, detail::Completion<Result<RegionLocation>> done) const override;
  void start_locations(const std::string& row, bool reload, detail::Completion<Result<std::vector<RegionLocation>>> done) const override;
  void start_all(detail::Completion<Result<std::vector<RegionLocation>>> done) const override;
  void clear_cache() const override {}

 private:
  const TablePtr table_;
};

/// The regions that the keys make.
std::vector<RegionLocation> regions_between(const BigtableTable& table, const std::vector<std::string>& keys);

}  // namespace hbmux::bigtable
