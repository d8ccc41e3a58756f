// A region: which rows it holds, its cells, and which server has it open.
#pragma once

#include "mini/server/nonce_table.h"
#include "mini/server/replica_feed.h"
#include "mini/store/region_store.h"

#include <hbmux/pb/HBase.pb.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

class Journal;
class RegionServer;

/// Shared by the server that has it open, the scanners on it, and the master. Its cells belong to the cluster, not to a
/// server: they outlive a killed server as they would in a write-ahead log.
///
/// A replica is a region of its own, with a name and cells of its own, which only its feed changes.
class Region {
 public:
  Region(std::string table, std::string start_key, std::string end_key, std::uint64_t id,
         std::shared_ptr<const Families> families, RowCompare compare = compare_rows, int replica = 0);
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;
  /// A replica of `primary`, which from now on tells it what happens. Takes the primary's mutex.
  static std::shared_ptr<Region> replica_of(Region& primary, int replica);

  const std::string& name() const noexcept { return name_; }
  std::string_view encoded_name() const noexcept { return encoded_name_; }
  const std::string& table() const noexcept { return table_; }
  const std::string& start_key() const noexcept { return start_key_; }
  const std::string& end_key() const noexcept { return end_key_; }
  std::uint64_t id() const noexcept { return id_; }
  int replica() const noexcept { return replica_; }
  bool is_replica() const noexcept { return replica_ != 0; }
  /// Its table is, or it is a replica. With the mutex held.
  bool is_read_only() const noexcept { return is_replica() || table_is_read_only_; }
  void set_table_read_only(bool read_only) noexcept { table_is_read_only_ = read_only; }
  /// In hbase:meta: the name of the region that this one is, or is a replica of.
  std::string meta_row() const;
  bool is_meta() const noexcept;
  /// Of hbase:meta: that region, or a replica of it. It has no row there.
  bool is_of_meta() const noexcept;
  bool holds(std::string_view row) const noexcept { return row >= start_key_ && (end_key_.empty() || row < end_key_); }
  pb::RegionInfo info() const;
  /// "PBUF" and the message: how hbase:meta keeps it, always that of the region and not of a replica.
  std::string encoded_info(bool split_parent = false) const;
  /// Readers hold it shared, writers and whoever moves the region exclusively.
  std::shared_mutex& mutex() noexcept { return mutex_; }
  /// The mutex held shared, and all seen that a replica should have seen by `now`.
  std::shared_lock<std::shared_mutex> lock_to_read(std::int64_t now);
  /// Of a replica; null for others.
  ReplicaFeed* feed() noexcept { return is_replica() && feeds_ ? feeds_->front().get() : nullptr; }

  // Below: only with the mutex held.
  RegionStore& store() noexcept { return store_; }
  void set_families(std::shared_ptr<const Families> families) {
    families_ = std::move(families);
    store_.set_families(*families_);
  }
  /// The server that may answer for it; null while it is closed.
  RegionServer* host() const noexcept { return host_.load(std::memory_order_relaxed); }
  std::uint64_t open_sequence() const noexcept { return open_sequence_; }
  void open_on(RegionServer& server) {
    // A replica numbers its writes as the region does.
    if (!is_replica()) store_.advance_sequence(open_sequence_ + 1);
    open_sequence_ = std::max(open_sequence_ + 1, store_.sequence());
    host_.store(&server, std::memory_order_relaxed);
  }
  void close() noexcept { host_.store(nullptr, std::memory_order_relaxed); }
  /// What the log says of operations with nonces, from the server that died to the one that opens the region next (HRegion.replayRecoveredEdits).
  void put_logged_nonces(std::vector<NonceTable::Logged> logged);
  std::vector<NonceTable::Logged> take_logged_nonces();

  /// Writes down (with the mutex held) what has changed: the mutations, or all that is left when a compaction has
  /// dropped delete markers.
  void keep(Journal* journal, std::span<const Mutation> mutations);
  /// Tells the replicas what has just been done.
  void ship(std::span<const Mutation> mutations, std::int64_t now);
  void ship(ReplicaStep::Kind kind, std::int64_t now);
  /// Takes cells out as if they had never been, here and, later, from the replicas: those of a row in these columns; in all when none is named.
  void erase(std::string_view row, std::vector<std::string> qualifiers, std::int64_t now);
  /// Replicas of this number and above are told nothing any more.
  void stop_feeding(int replica) noexcept;

  /// The exception for a row that lies outside.
  RemoteException wrong_region(std::string_view row, std::string_view operation) const;

  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> writes{0};

 private:
  using Feeds = std::vector<std::shared_ptr<ReplicaFeed>>;

  std::string table_, start_key_, end_key_;
  std::uint64_t id_;
  int replica_;
  bool table_is_read_only_ = false;
  std::string name_;
  std::string_view encoded_name_;  ///< Within the name.
  std::shared_ptr<const Families> families_;
  std::shared_mutex mutex_;
  RegionStore store_;
  std::atomic<RegionServer*> host_{nullptr};
  std::uint64_t open_sequence_ = 0;
  std::uint64_t purges_kept_ = 0;
  /// Where there are replicas: their feeds (1, 2, ...), or a replica's own.
  std::unique_ptr<Feeds> feeds_;
  std::unique_ptr<std::vector<NonceTable::Logged>> logged_nonces_;
};

/// "PBUF" in front of a message, as HBase stores them.
std::string pbuf(const google::protobuf::MessageLite& message);
pb::TableName table_name_message(std::string_view table);
/// "ns:table" or "table".
std::string table_name_of(const pb::TableName& message);

}  // namespace hbmux::mini
