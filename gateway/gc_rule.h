// Which cells go: Bigtable's rules and the settings of HBase's families.
#pragma once

#include "gateway/status.h"

#include <hbmux/bt/admin/table.pb.h>
#include <hbmux/table_descriptor.h>

namespace hbmux::gateway {

/// Sets VERSIONS, MIN_VERSIONS and TTL. What they can say:
///   nothing                             all cells stay
///   max_num_versions                    VERSIONS
///   max_age                             TTL, in whole seconds
///   union of the two                    both
///   intersection of the two             MIN_VERSIONS and TTL
///   union of versions and such an intersection
/// Any other rule is UNIMPLEMENTED.
Answer<void> apply_gc_rule(const bt::admin::GcRule& rule, ColumnFamilyDescriptor& family);

/// The reverse; an empty rule when all cells stay.
bt::admin::GcRule gc_rule_of(const ColumnFamilyDescriptor& family);

}  // namespace hbmux::gateway
