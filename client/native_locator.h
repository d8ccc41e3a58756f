// Where the regions of a table of HBase are, for programs.
#pragma once

#include "client/locator_backend.h"
#include "client/table_context.h"

#include <memory>
#include <string>
#include <vector>

namespace hbmux::client {

/// Answers from what the connection knows, and from hbase:meta.
class NativeLocator final : public LocatorBackend, public std::enable_shared_from_this<NativeLocator> {
 public:
  explicit NativeLocator(std::shared_ptr<const TableContext> table) : table_(std::move(table)) {}

  const TableName& name() const noexcept override { return table_->public_name(); }
  void start_location(const std::string& row, bool reload, detail::Completion<Result<RegionLocation>> done) const override;
  void start_replica(const std::string& row, int replica_id, bool reload, detail::Completion<Result<RegionLocation>> done) const override;
  void start_locations(const std::string& row, bool reload, detail::Completion<Result<std::vector<RegionLocation>>> done) const override;
  void start_all(detail::Completion<Result<std::vector<RegionLocation>>> done) const override;
  void clear_cache() const override;

 private:
  const std::shared_ptr<const TableContext> table_;
};

}  // namespace hbmux::client
