// What to read of each row: the common part of a Get and a Scan.
#pragma once

#include "mini/remote_exception.h"
#include "mini/store/family_settings.h"
#include "mini/store/filter.h"

#include <hbmux/pb/Client.pb.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// [from, to).
struct TimeRange {
  std::int64_t from = 0;
  std::int64_t to = std::numeric_limits<std::int64_t>::max();

  static TimeRange of(const pb::TimeRange& message) {
    TimeRange range;
    if (message.has_from()) range.from = static_cast<std::int64_t>(message.from());
    if (message.has_to()) range.to = static_cast<std::int64_t>(message.to());
    return range;
  }
  bool all() const noexcept { return from == 0 && to == std::numeric_limits<std::int64_t>::max(); }
  /// Below, within (0), or above.
  int compare(std::int64_t timestamp) const noexcept {
    if (all()) return 0;
    return timestamp < from ? -1 : timestamp >= to ? 1 : 0;
  }
};

/// Views in it are into the request that it was made of.
struct ReadSpec {
  struct Family {
    const FamilySettings* settings = nullptr;
    TimeRange range;
    std::uint32_t first_column = 0;  ///< Into `columns`; sorted.
    std::uint32_t column_count = 0;  ///< 0 means all columns.
    bool on_demand = false;          ///< Read only for rows that the filter has kept by their other families.
  };
  std::vector<Family> families;  ///< In order of their names.
  std::vector<std::string_view> columns;
  int max_versions = 1;
  int store_limit = -1;
  int store_offset = 0;
  bool raw = false;
  bool reversed = false;
  bool has_on_demand = false;  ///< One of the families is.
  /// When reading began: what TTLs are measured against.
  std::int64_t now = 0;
  std::unique_ptr<Filter> filter;

  void clear() noexcept;
};

Answer<void> read_spec_of(const pb::Get& get, const Families& families, std::string_view where, std::int64_t now,
                          ReadSpec& out);
Answer<void> read_spec_of(const pb::Scan& scan, const Families& families, std::string_view where, std::int64_t now,
                          ReadSpec& out);

/// The exception that names a missing family; `where` is the region's name.
RemoteException no_such_family(std::string_view family, std::string_view where);

}  // namespace hbmux::mini
