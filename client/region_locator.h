// Which server has a row: from what is known, else from hbase:meta.
#pragma once

#include "client/meta_reader.h"
#include "client/table_locations.h"
#include "core/stale_regions.h"
#include "core/unique_function.h"
#include "rpc/lane.h"

#include <hbmux/error.h>
#include <hbmux/region_info.h>
#include <hbmux/table_name.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hbmux::client {

class ConnectionState;

enum class WhichReplicas : std::uint8_t { primary, all };

/// Owned by a ConnectionState, which outlives all that is under way here. All members may be called from any thread. Handlers run on a lane,
/// never within the call that gave them, without a lock held.
class RegionLocator {
 public:
  using TablePtr = std::shared_ptr<TableLocations>;

  explicit RegionLocator(ConnectionState& connection) : connection_(connection) {}

  /// The same for the same name, as long as the connection lives.
  TablePtr table(const TableName& name);

  /// What is known, or null; no lock and no reference count where nothing has changed. The reference is good until the thread's next call.
  static const core::LocationsPtr& find(const TableLocations& table, std::string_view row,
                                        core::LocateType type = core::LocateType::current);
  /// The region's location, when it is known; else null, and `handler` receives it when it has been looked up. Its primary is known.
  /// Many that ask for regions of one unknown stretch of the table share a lookup. Errors: table_not_found, not_serving_region (the
  /// region is nowhere now), timed_out, and what kept hbase:meta or the registry from answering.
  core::LocationsPtr locate(const TablePtr& table, std::string_view row, core::LocateType type, rpc::TimePoint deadline,
                            LocationHandler handler);
  /// A call to `used` failed with `error`: forgets or replaces the location where the error asks for it, unless there is newer
  /// knowledge already.
  void on_error(TableLocations& table, const RegionLocation& used, const Error& error);

  /// All regions of a table, in order, each followed by its replicas where they are wanted; those without a server have an empty one. Split parents are left out. What is found is known
  /// from then on. Errc::table_not_found when hbase:meta has no region of it.
  void all_regions(const TablePtr& table, WhichReplicas replicas, rpc::TimePoint deadline,
                   core::UniqueFunction<void(Result<std::vector<RegionLocation>>)> handler);
  /// The state of a table in hbase:meta; nothing when there is no such table. Those who ask at the same time share an answer.
  void table_state(const TablePtr& table, rpc::TimePoint deadline, TableStateHandler handler);

  /// Forgets where the regions of all tables are.
  void clear();
  /// Ends what waits, and all later calls, with `reason`.
  void close(const Error& reason);
  /// Scans of hbase:meta for regions so far.
  std::uint64_t lookups() const noexcept { return lookups_.load(std::memory_order_relaxed); }

 private:
  using Waiting = TableLocations::Waiting;
  using Lookup = TableLocations::Lookup;

  void start(const TablePtr& table, Lookup lookup);
  void ask_registry(const TablePtr& table, Lookup lookup);
  void ask_meta(const TablePtr& table, Lookup lookup);
  /// Which copy of hbase:meta tells about the row.
  MetaCopies copies_for(const TableName& table, std::string_view row, core::LocateType type);
  void refresh_copies();
  void finished(const TablePtr& table, const Lookup& lookup, const Result<core::LocationsPtr>& found);
  std::optional<Lookup> lookup_for(TableLocations& table, const Waiting& waiting, const core::RegionMap& map);
  void watch(const TablePtr& table, rpc::TimePoint deadline);
  void expire(const TablePtr& table);

  ConnectionState& connection_;
  std::mutex mutex_;
  std::unordered_map<TableName, TablePtr> tables_;
  std::atomic<std::uint64_t> lookups_{0};
  core::StaleRegions stale_;                          // MetaReplicaMode::load_balance
  std::atomic<rpc::TimePoint::rep> next_refresh_{0};  // of what is known about copies of hbase:meta
};

}  // namespace hbmux::client
