// Ranges of row keys, and what two of them share.
#pragma once

#include <hbmux/bt/data.pb.h>

#include <optional>
#include <string>
#include <vector>

namespace hbmux::bigtable {

/// From `low` to `high`; an empty `high` is the end of the table.
struct KeyRange {
  std::string low;
  bool low_included = true;
  std::string high;
  bool high_included = false;

  bool operator==(const KeyRange&) const = default;
};

/// Sorted, and without overlaps. Nothing: every row.
using KeyRanges = std::optional<std::vector<KeyRange>>;

/// The rows that are in both.
KeyRanges intersect(const KeyRanges& a, const KeyRanges& b);
bt::RowRange message_of(const KeyRange& range);

}  // namespace hbmux::bigtable
