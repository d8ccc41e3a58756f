// Bigtable's rows as HBase's.
#pragma once

#include "bigtable/chunk_merger.h"

#include <hbmux/bt/data.pb.h>
#include <hbmux/error.h>
#include <hbmux/row.h>

#include <cstdint>

namespace hbmux::bigtable {

inline constexpr std::int64_t kMicrosPerMilli = 1000;
/// The latest time in milliseconds that both sides can say.
inline constexpr std::int64_t kMaxMillis = INT64_MAX / kMicrosPerMilli;

/// Sorts the cells as HBase has them; a cell that several branches of a filter gave is there once. Labels are dropped. Errc::protocol_error
/// for names that are too long for a cell of HBase.
Result<Row> row_of(MergedRow row);
MergedRow merged_from(bt::Row message);

}  // namespace hbmux::bigtable
