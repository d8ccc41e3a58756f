// Which rows a read asks for, as ranges in order that do not overlap.
#pragma once

#include "gateway/status.h"

#include <hbmux/bt/data.pb.h>

#include <string>
#include <vector>

namespace hbmux::gateway {

/// From `start` up to but not including `end`. An empty start is the first row, an empty end is behind the last.
struct KeyRange {
  std::string start;
  std::string end;

  /// Holds nothing but the key `start`.
  bool is_one_key() const noexcept { return end.size() == start.size() + 1 && end.back() == '\0' && end.starts_with(start); }
  bool operator==(const KeyRange&) const = default;
};

/// Sorted and merged. No keys and no ranges are all rows.
Answer<std::vector<KeyRange>> key_ranges_of(const bt::RowSet& rows);

/// The first key that begins with none of `prefix`'s bytes any more; empty when there is none.
std::string end_of_prefix(std::string_view prefix);

}  // namespace hbmux::gateway
