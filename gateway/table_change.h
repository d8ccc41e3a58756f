// What the calls that change a table make of its descriptor.
#pragma once

#include "gateway/status.h"

#include <hbmux/bt/admin/table_admin.pb.h>
#include <hbmux/table_descriptor.h>

#include <string>
#include <vector>

namespace hbmux::gateway {

/// Of a table that is not to be dropped: an attribute in HBase, which the gateways heed. Others may drop it.
bool is_protected(const TableDescriptor& table);

/// A family as HBase is to have it. `id` is its name in Bigtable.
Answer<ColumnFamilyDescriptor> new_family(const std::string& id, const bt::admin::ColumnFamily& asked);

/// The descriptors that the table has to have, one after the other, until it is as ModifyColumnFamilies wants it. A family that is dropped and
/// made anew has to be away in between, so that its cells go; all else is one step. None when nothing changes.
Answer<std::vector<TableDescriptor>> changed_families(const TableDescriptor& table, const bt::admin::ModifyColumnFamiliesRequest& request);

/// The descriptor that UpdateTable wants.
Answer<TableDescriptor> updated_table(const TableDescriptor& table, const bt::admin::UpdateTableRequest& request);

/// Fields of a new table, or of a change, that cannot be: what is not served is an error that names it.
Answer<void> apply_table_fields(const bt::admin::Table& asked, TableDescriptor& table);

}  // namespace hbmux::gateway
