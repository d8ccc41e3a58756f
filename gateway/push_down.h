// What of a filter HBase can do as well, so that less has to travel.
#pragma once

#include <hbmux/bt/data.pb.h>

namespace hbmux::gateway {

/// So many of the newest versions of each column are enough for the filter, which is evaluated all the same; 0: all may matter. `filter` was
/// found to be right.
int versions_needed(const bt::RowFilter& filter);

}  // namespace hbmux::gateway
