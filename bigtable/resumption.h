// What of a ReadRows request is left, when its answer has broken off.
#pragma once

#include <hbmux/bt/bigtable.pb.h>

#include <cstdint>
#include <string>

namespace hbmux::bigtable {

/// Takes out of `request` what is done: rows up to `last_key` (in the scan's direction), which the caller has or the server has passed
/// over, and `rows` of its limit. False when nothing is left, so that there is nothing to ask. Pure.
bool reduce(bt::ReadRowsRequest& request, const std::string& last_key, std::int64_t rows);

}  // namespace hbmux::bigtable
