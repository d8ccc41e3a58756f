// The operations of an Admin, as coroutines.
#pragma once

#include "client/admin_operation.h"

#include <hbmux/admin.h>
#include <hbmux/pb/HBase.pb.h>

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

// admin_changes.cc
AdminTask<Result<void>> modify_table(AdminOperation& operation, TableDescriptor table);
AdminTask<Result<void>> add_column_family(AdminOperation& operation, TableName table, ColumnFamilyDescriptor family);
AdminTask<Result<void>> modify_column_family(AdminOperation& operation, TableName table, ColumnFamilyDescriptor family);
AdminTask<Result<void>> delete_column_family(AdminOperation& operation, TableName table, std::string family);

// admin_compactions.cc
AdminTask<Result<void>> compact_table(AdminOperation& operation, TableName table, std::string family, bool major);

// admin_namespaces.cc
AdminTask<Result<void>> create_namespace(AdminOperation& operation, NamespaceDescriptor descriptor);
AdminTask<Result<void>> modify_namespace(AdminOperation& operation, NamespaceDescriptor descriptor);
AdminTask<Result<void>> delete_namespace(AdminOperation& operation, std::string name);
AdminTask<Result<NamespaceDescriptor>> describe_namespace(AdminOperation& operation, std::string name);
AdminTask<Result<std::vector<std::string>>> list_namespaces(AdminOperation& operation);
AdminTask<Result<std::vector<TableName>>> list_namespace_tables(AdminOperation& operation, std::string name);

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

/// For what would not tell it well itself: Errc::table_not_found, Errc::table_not_enabled.
AdminTask<Result<void>> check_enabled(AdminOperation& operation, TableName table);
/// The names by which the program knows them, in order; without those that it does not (hbmux.table.prefix).
Result<std::vector<TableName>> table_names_from(const AdminOperation& operation,
                                                const google::protobuf::RepeatedPtrField<pb::TableName>& messages);

/// HConstants: calls about system tables overtake those about users' tables.
inline std::uint32_t priority_of(const TableName& table) { return table.is_system() ? 200 : 0; }

}  // namespace hbmux::client
