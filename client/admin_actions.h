// The operations of an Admin, as coroutines.
#pragma once

#include "client/admin_operation.h"

#include <hbmux/admin.h>

#include <optional>
#include <string>
#include <vector>

namespace hbmux::client {

// admin_tables.cc
AdminTask<Result<void>> create_table(AdminOperation& operation, TableDescriptor table,
                                     std::vector<std::string> split_keys);
AdminTask<Result<void>> delete_table(AdminOperation& operation, TableName table);
AdminTask<Result<void>> truncate_table(AdminOperation& operation, TableName table, bool preserve_splits);
AdminTask<Result<void>> enable_table(AdminOperation& operation, TableName table);
AdminTask<Result<void>> disable_table(AdminOperation& operation, TableName table);

// admin_lookups.cc
AdminTask<Result<bool>> table_exists(AdminOperation& operation, TableName table);
AdminTask<Result<TableState>> get_table_state(AdminOperation& operation, TableName table);
AdminTask<Result<std::vector<TableName>>> list_tables(AdminOperation& operation);
AdminTask<Result<TableDescriptor>> describe_table(AdminOperation& operation, TableName table);
AdminTask<Result<std::vector<RegionLocation>>> list_regions(AdminOperation& operation, TableName table);
AdminTask<Result<ClusterStatus>> cluster_status(AdminOperation& operation);
AdminTask<Result<bool>> balancer_switch(AdminOperation& operation, bool on);

// admin_regions.cc
AdminTask<Result<void>> flush_table(AdminOperation& operation, TableName table);
AdminTask<Result<void>> split_region(AdminOperation& operation, std::string region, std::string row);
AdminTask<Result<void>> move_region(AdminOperation& operation, std::string region,
                                    std::optional<ServerName> destination);

// admin_coprocessors.cc
AdminTask<Result<std::string>> master_coprocessor(AdminOperation& operation, CoprocessorCall call);
AdminTask<Result<std::string>> server_coprocessor(AdminOperation& operation, ServerName server, CoprocessorCall call);

/// HConstants: calls about system tables overtake those about users' tables.
inline std::uint32_t priority_of(const TableName& table) { return table.is_system() ? 200 : 0; }

}  // namespace hbmux::client
