// What a column family's cells are, as Bigtable's admin API says it.
#pragma once

#include "gateway/status.h"

#include <hbmux/bt/admin/table.pb.h>

namespace hbmux::gateway {

/// Whether the family is an aggregate: sums of 64-bit numbers, big-endian. Other types are errors that name them.
Answer<bool> is_sum_type(const bt::admin::ColumnFamily& family);
bt::admin::Type sum_type();

}  // namespace hbmux::gateway
