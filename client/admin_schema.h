// Descriptors of tables and namespaces, and their messages.
#pragma once

#include <hbmux/error.h>
#include <hbmux/namespace_descriptor.h>
#include <hbmux/table_descriptor.h>
#include <hbmux/table_name.h>

#include <string>
#include <string_view>
#include <vector>

namespace hbmux::pb {
class ColumnFamilySchema;
class NamespaceDescriptor;
class TableName;
class TableSchema;
}  // namespace hbmux::pb

namespace hbmux::client {

void fill(pb::TableName& message, const TableName& table);
/// Errc::protocol_error when it is no legal name.
Result<TableName> table_name_from(const pb::TableName& message);

void fill(pb::TableSchema& message, const TableDescriptor& table);
Result<TableDescriptor> table_descriptor_from(const pb::TableSchema& message);

void fill(pb::ColumnFamilySchema& message, const ColumnFamilyDescriptor& family);

void fill(pb::NamespaceDescriptor& message, const NamespaceDescriptor& descriptor);
NamespaceDescriptor namespace_descriptor_from(const pb::NamespaceDescriptor& message);

/// What a server would refuse with an exception that looks as if another attempt could help: Errc::invalid_argument
/// instead.
Result<void> check(const TableDescriptor& table);
Result<void> check(const ColumnFamilyDescriptor& family);
Result<void> check_namespace(std::string_view name);
/// Whether `table` has the family with all that `wanted` says; servers add what they have by default.
bool has_family(const TableDescriptor& table, const ColumnFamilyDescriptor& wanted);
/// Sorts, as Java does. Errc::invalid_argument for an empty key, or one that is there twice.
Result<void> sort_split_keys(std::vector<std::string>& keys);

}  // namespace hbmux::client
