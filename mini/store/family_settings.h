// What a column family's descriptor says about its cells' lives.
#pragma once

#include <hbmux/pb/HBase.pb.h>

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>

namespace hbmux::mini {

struct FamilySettings {
  std::string name;
  int max_versions = 1;
  int min_versions = 0;
  /// Milliseconds; the largest number means for ever.
  std::int64_t ttl = std::numeric_limits<std::int64_t>::max();
  enum class KeepDeleted : std::uint8_t { no, yes, ttl } keep_deleted = KeepDeleted::no;
  /// Delete markers hide only what was written before them, or with them (NEW_VERSION_BEHAVIOR).
  bool orders_deletes = false;

  /// Cells before this time have expired.
  std::int64_t oldest_unexpired(std::int64_t now) const noexcept {
    return ttl == std::numeric_limits<std::int64_t>::max() ? std::numeric_limits<std::int64_t>::min() : now - ttl;
  }
  bool keeps_deleted() const noexcept { return keep_deleted != KeepDeleted::no; }
};

/// Sorted by name, as the cells of a row are.
using Families = std::map<std::string, FamilySettings, std::less<>>;

Families families_of(const pb::TableSchema& schema);

}  // namespace hbmux::mini
