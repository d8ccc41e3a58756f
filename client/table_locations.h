// What a connection knows about one table, and what it is finding out.
#pragma once

#include "core/meta_rows.h"
#include "core/region_map.h"
#include "core/unique_function.h"
#include "rpc/lane.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hbmux::client {

using LocationHandler = core::UniqueFunction<void(Result<core::LocationsPtr>)>;
using TableStateHandler = core::UniqueFunction<void(Result<std::optional<core::TableStateCode>>)>;

/// Made by the RegionLocator at the first use of a table, and shared by everything that uses the table. The map may be read by any
/// thread; the rest belongs to the locator.
class TableLocations {
 public:
  explicit TableLocations(TableName name)
      : regions_(std::make_shared<core::TableRegions>(std::move(name))), is_meta_(this->name() == TableName::meta()) {}

  const TableName& name() const noexcept { return regions_->table(); }
  bool is_meta() const noexcept { return is_meta_; }
  const std::shared_ptr<core::TableRegions>& regions() const noexcept { return regions_; }

  /// An operation that waits for a region.
  struct Waiting {
    std::string row;
    core::LocateType type;
    rpc::TimePoint deadline;
    LocationHandler handler;
  };
  /// A question to hbase:meta (or, about hbase:meta, to the registry) that is under way. Who waits for a region of its gap waits for it.
  struct Lookup {
    std::uint64_t id;
    std::string row;
    core::LocateType type;
    core::RegionMap::Gap gap;
    rpc::TimePoint deadline;
  };

 private:
  friend class RegionLocator;

  const std::shared_ptr<core::TableRegions> regions_;
  const bool is_meta_;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
  std::vector<Lookup> lookups_;
  std::uint64_t next_lookup_ = 0;
  rpc::TimePoint expiry_armed_at_ = rpc::TimePoint::max();
  std::vector<TableStateHandler> state_waiting_;  // one question for all
};

}  // namespace hbmux::client
