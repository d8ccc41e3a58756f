// Settings of HBase's families as rules of Bigtable's.
#pragma once

#include <hbmux/bt/admin/table.pb.h>
#include <hbmux/error.h>
#include <hbmux/table_descriptor.h>

namespace hbmux::bigtable {

/// VERSIONS (1 when it is not set, as in HBase), MIN_VERSIONS and TTL as a garbage collection rule. What only tells how HBase keeps its
/// files (COMPRESSION, BLOOMFILTER, BLOCKSIZE and the like) has no counterpart and nothing to lose; anything else is Errc::unsupported.
Result<bt::admin::ColumnFamily> family_message(const ColumnFamilyDescriptor& family);
/// The reverse; a rule that HBase cannot say is told as the attribute GC_RULE, in words.
ColumnFamilyDescriptor family_from(const std::string& name, const bt::admin::ColumnFamily& message);

}  // namespace hbmux::bigtable
