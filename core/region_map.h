// The locations of one table's regions: an immutable map, functions that make the next one, and the holder of the
// current one.
#pragma once

#include <hbmux/error.h>

#include "core/region_locations.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::core {

class RegionMap;
using RegionMapPtr = std::shared_ptr<const RegionMap>;

/// What is known of a table's regions, by start key. Immutable, so that any number of threads may search one without a
/// lock. The functions below that "give the next map" copy one vector of pointers, whatever they change; regions are
/// shared. They give null when nothing would change.
class RegionMap {
 public:
  RegionMap() = default;

  std::size_t size() const noexcept { return entries_.size(); }
  /// The region that contains `row`; null when it is not known. The reference lives as long as the map.
  const LocationsPtr& locate(std::string_view row) const noexcept;
  /// The region that holds the rows just before `row`; with an empty `row` the last one of the table. Null when it is
  /// not known.
  const LocationsPtr& locate_before(std::string_view row) const noexcept;
  const LocationsPtr& locate(std::string_view row, LocateType type) const noexcept {
    return type == LocateType::before ? locate_before(row) : locate(row);
  }
  /// Around a row (or what is before it) whose region is not known: the rows that lie between the known regions. All of them are found
  /// out by few lookups, often by one.
  struct Gap {
    std::string low;   ///< Empty: from the table's first row.
    std::string high;  ///< Empty: to the table's end.
    bool contains(std::string_view row, LocateType type) const noexcept;
  };
  Gap gap_around(std::string_view row, LocateType type) const;
  /// The region that starts with `start_key`, if it is known.
  const LocationsPtr& starting_at(std::string_view start_key) const noexcept;
  /// All, in order of their start keys.
  std::vector<LocationsPtr> all() const;

  /// The next map, with more locations. Of the same region, a location replaces one with an equal or lower sequence
  /// number. Another region is believed to be what there is now: known regions that share rows with it are forgotten
  /// (HBASE-27650).
  RegionMapPtr with(std::span<const LocationsPtr> found) const;
  RegionMapPtr with(const LocationsPtr& found) const { return with({&found, 1}); }
  /// The next map after a call to `used` failed with `error`: by react(), the location is kept, dropped, or replaced by
  /// where the region moved. Only the location that was used: one that has changed since is newer knowledge.
  RegionMapPtr after_error(const RegionLocation& used, const Error& error) const;
  /// The next map, without `used`, if that is still what is known.
  RegionMapPtr without(const RegionLocation& used) const;
  /// The next map, without all that was on a server.
  RegionMapPtr without_server(const ServerName& server) const;

 private:
  struct Entry {
    std::string_view start_key;  // of the region in `locations`, which keeps it alive: a search touches no other memory
    LocationsPtr locations;
  };
  using Entries = std::vector<Entry>;

  explicit RegionMap(Entries entries) : entries_(std::move(entries)) {}
  static bool add(Entries& entries, const LocationsPtr& found);
  const RegionLocation* known(const RegionLocation& used) const noexcept;

  Entries entries_;
};

/// The current map of one table. Shared by everything that uses the table; all members may be called from any thread.
class TableRegions {
 public:
  explicit TableRegions(TableName table);

  const TableName& table() const noexcept { return table_; }
  /// Rises with every change of the map: a reader that has a map and the version it had may go on with it while this is
  /// the same.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  /// The current map; never null. Takes the lock for the copy of a pointer: readers keep it (RegionMapReader).
  RegionMapPtr snapshot() const;

  // Each makes one new map at most, and says whether there is one.
  bool add(std::span<const LocationsPtr> found);
  bool update_after_error(const RegionLocation& used, const Error& error);
  bool remove_server(const ServerName& server);
  /// Drops `used`, if that is still what is known.
  bool forget(const RegionLocation& used);
  bool clear();

 private:
  bool replace(RegionMapPtr next);  // with mutex_ held

  const TableName table_;
  mutable std::mutex mutex_;
  RegionMapPtr map_;
  std::atomic<std::uint64_t> version_{0};
};

/// One thread's (or lane's) view of a table's regions: no lock and no reference count where nothing has changed.
class RegionMapReader {
 public:
  explicit RegionMapReader(std::shared_ptr<const TableRegions> regions) : regions_(std::move(regions)) {}

  /// The current map. The reference is good until the next call.
  const RegionMap& current() {
    const std::uint64_t version = regions_->version();
    if (!map_ || version != version_) {
      map_ = regions_->snapshot();
      version_ = version;  // the map may be newer than that: then the next call merely takes it again
    }
    return *map_;
  }

 private:
  std::shared_ptr<const TableRegions> regions_;
  RegionMapPtr map_;
  std::uint64_t version_ = 0;
};

}  // namespace hbmux::core
