// A region: which rows it holds, its cells, and which server has it open.
#pragma once

#include "mini/store/region_store.h"

#include <hbmux/pb/HBase.pb.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace hbmux::mini {

class Journal;
class RegionServer;

/// Shared by the server that has it open, the scanners on it, and the master. Its cells belong to the cluster, not to a
/// server: they outlive a killed server as they would in a write-ahead log.
class Region {
 public:
  Region(std::string table, std::string start_key, std::string end_key, std::uint64_t id,
         std::shared_ptr<const Families> families, RowCompare compare = compare_rows);

  const std::string& name() const noexcept { return name_; }
  const std::string& encoded_name() const noexcept { return encoded_name_; }
  const std::string& table() const noexcept { return table_; }
  const std::string& start_key() const noexcept { return start_key_; }
  const std::string& end_key() const noexcept { return end_key_; }
  std::uint64_t id() const noexcept { return id_; }
  bool is_meta() const noexcept;
  bool holds(std::string_view row) const noexcept { return row >= start_key_ && (end_key_.empty() || row < end_key_); }
  pb::RegionInfo info() const;
  /// "PBUF" and the message: how hbase:meta keeps it.
  std::string encoded_info(bool split_parent = false) const;
  /// Readers hold it shared, writers and whoever moves the region exclusively.
  std::shared_mutex& mutex() noexcept { return mutex_; }

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
    store_.advance_sequence(open_sequence_ + 1);
    open_sequence_ = store_.sequence();
    host_.store(&server, std::memory_order_relaxed);
  }
  void close() noexcept { host_.store(nullptr, std::memory_order_relaxed); }

  /// Writes down (with the mutex held) what has changed: the mutations, or all that is left when a compaction has
  /// dropped delete markers.
  void keep(Journal* journal, std::span<const Mutation> mutations);

  /// The exception for a row that lies outside.
  RemoteException wrong_region(std::string_view row, std::string_view operation) const;

  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> writes{0};

 private:
  std::string table_, start_key_, end_key_;
  std::uint64_t id_;
  std::string name_, encoded_name_;
  std::shared_ptr<const Families> families_;
  std::shared_mutex mutex_;
  RegionStore store_;
  std::atomic<RegionServer*> host_{nullptr};
  std::uint64_t open_sequence_ = 0;
  std::uint64_t purges_kept_ = 0;
};

/// "PBUF" in front of a message, as HBase stores them.
std::string pbuf(const google::protobuf::MessageLite& message);
pb::TableName table_name_message(std::string_view table);
/// "ns:table" or "table".
std::string table_name_of(const pb::TableName& message);

}  // namespace hbmux::mini
