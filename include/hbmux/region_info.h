// A region of a table, and where it is.
#pragma once

#include <hbmux/server_name.h>
#include <hbmux/table_name.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hbmux {

/// What a region is (HBase's RegionInfo): a range of rows of a table. An immutable value; name and keys are made once.
/// Views that it returns live as long as it does.
class RegionInfo {
 public:
  /// `region_id` is when the region was made, in milliseconds since 1970. The name follows from the other parts.
  RegionInfo(TableName table, std::string_view start_key, std::string end_key, std::uint64_t region_id,
             int replica_id = 0, bool split = false, bool offline = false);
  /// The same with a table name that many regions share: a region then costs some 100 bytes and its keys.
  RegionInfo(std::shared_ptr<const TableName> table, std::string_view start_key, std::string end_key,
             std::uint64_t region_id, int replica_id = 0, bool split = false, bool offline = false);

  /// The region of hbase:meta.
  static const std::shared_ptr<const RegionInfo>& meta();

  const TableName& table() const noexcept { return *table_; }
  const std::shared_ptr<const TableName>& shared_table() const noexcept { return table_; }
  /// The first row; empty for the first region of a table.
  std::string_view start_key() const noexcept { return {name_.data() + start_at_, start_size_}; }
  /// The row behind the last one; empty for the last region of a table.
  std::string_view end_key() const noexcept { return end_key_; }
  std::uint64_t region_id() const noexcept { return region_id_; }
  /// 0 is the primary.
  int replica_id() const noexcept { return replica_id_; }
  /// The region was split: its daughters have taken its place.
  bool is_split() const noexcept { return split_; }
  bool is_offline() const noexcept { return offline_; }
  /// "table,start key,id.hash.": may contain any bytes, since the start key may.
  const std::string& name() const noexcept { return name_; }
  /// The hash in the name, as the region is called in logs and by `move`.
  std::string_view encoded_name() const noexcept;

  bool contains(std::string_view row) const noexcept {
    return row >= start_key() && (end_key_.empty() || row < end_key_);
  }
  /// True when the two share a row; of the same table.
  bool overlaps(const RegionInfo& other) const noexcept {
    return (end_key_.empty() || other.start_key() < end_key_) &&
           (other.end_key_.empty() || start_key() < other.end_key_);
  }

  bool operator==(const RegionInfo& other) const noexcept {
    return name_ == other.name_ && end_key_ == other.end_key_ && split_ == other.split_ && offline_ == other.offline_;
  }

 private:
  std::shared_ptr<const TableName> table_;
  std::string name_;
  std::string end_key_;
  std::uint64_t region_id_;
  std::uint32_t start_at_;  // of the start key within the name, so that it is not kept twice
  std::uint32_t start_size_;
  int replica_id_;
  bool split_;
  bool offline_;
};

/// A region and the server that serves it.
struct RegionLocation {
  std::shared_ptr<const RegionInfo> region;
  ServerName server;
  /// The region's sequence number when it was opened there: of two locations the one with the higher number is newer.
  /// -1 is unknown.
  std::int64_t seqnum = -1;

  /// True when there is a region and a server.
  bool is_known() const noexcept { return region != nullptr && !server.address.host.empty(); }
};

}  // namespace hbmux
