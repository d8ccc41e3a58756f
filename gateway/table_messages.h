// Tables as Bigtable's admin API tells and asks for them.
#pragma once

#include "gateway/names.h"
#include "gateway/status.h"

#include <hbmux/bt/admin/table_admin.pb.h>
#include <hbmux/table_descriptor.h>

#include <string>
#include <vector>

namespace hbmux::gateway {

struct NewTable {
  FullTableName name;
  TableDescriptor descriptor;
  std::vector<std::string> split_keys;
};

/// What HBase is asked to make.
Answer<NewTable> new_table_of(const NameRules& names, const bt::admin::CreateTableRequest& request);

/// As much of a table as `view` asks for. `descriptor` is not looked at when only the name is.
bt::admin::Table table_message(const FullTableName& name, const TableDescriptor& descriptor, bt::admin::Table::View view);

}  // namespace hbmux::gateway
