// What a table's or a namespace's descriptor must be like.
#pragma once

#include "mini/remote_exception.h"

#include <hbmux/pb/HBase.pb.h>

#include <cstdint>
#include <string_view>

namespace hbmux::mini {

/// As HBase's table sanity checks, as far as they are about what is kept here.
Answer<void> check_schema(const pb::TableSchema& schema);
/// Whether the table takes no writes (READONLY).
bool is_read_only(const pb::TableSchema& schema);
/// How many copies of each region the table wants, the first one included.
std::int64_t region_replication_of(const pb::TableSchema& schema);
/// An IOException, as it reaches clients, when HBase would not take the name.
Answer<void> check_namespace_name(std::string_view name);

}  // namespace hbmux::mini
