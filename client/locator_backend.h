// What a public RegionLocator is behind its pointer.
#pragma once

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/region_info.h>
#include <hbmux/table_name.h>

#include <string>
#include <vector>

namespace hbmux::client {

/// Thread-safe. Each start_ ends `done` once, and never within.
class LocatorBackend {
 public:
  virtual ~LocatorBackend() = default;
  virtual const TableName& name() const noexcept = 0;
  virtual void start_location(const std::string& row, bool reload, detail::Completion<Result<RegionLocation>> done) const = 0;
  virtual void start_replica(const std::string& row, int replica_id, bool reload,
                             detail::Completion<Result<RegionLocation>> done) const = 0;
  virtual void start_locations(const std::string& row, bool reload,
                               detail::Completion<Result<std::vector<RegionLocation>>> done) const = 0;
  virtual void start_all(detail::Completion<Result<std::vector<RegionLocation>>> done) const = 0;
  virtual void clear_cache() const = 0;
};

}  // namespace hbmux::client
