#include "client/admin_context.h"

#include "client/admin_actions.h"

#include <utility>

namespace hbmux::client {
namespace {

/// Runs `body`, which returns the operation's coroutine, as an operation of its own.
template <class T, class Body>
void run(const std::shared_ptr<const AdminContext>& context, Body body, detail::Completion<Result<T>> done) {
  std::make_shared<AdminOperation>(context)->run<T>(std::move(body), std::move(done));
}

TableName in_cluster(const AdminContext& context, TableName table) {
  return context.connection->settings().table_prefix.apply(std::move(table));
}

}  // namespace

void AdminContext::start_create_table(TableDescriptor table, std::vector<std::string> split_keys, Done<void> done) const {
  table.name = in_cluster(*this, std::move(table.name));
  auto body = [table = std::move(table), keys = std::move(split_keys)](AdminOperation& operation) mutable {
    return create_table(operation, std::move(table), std::move(keys));
  };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_delete_table(TableName table, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table))](AdminOperation& operation) { return delete_table(operation, table); };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_truncate_table(TableName table, bool preserve_splits, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table)), preserve_splits](AdminOperation& operation) {
    return truncate_table(operation, table, preserve_splits);
  };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_enable_table(TableName table, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table))](AdminOperation& operation) { return enable_table(operation, table); };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_disable_table(TableName table, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table))](AdminOperation& operation) { return disable_table(operation, table); };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_table_exists(TableName table, Done<bool> done) const {
  auto body = [table = in_cluster(*this, std::move(table))](AdminOperation& operation) { return table_exists(operation, table); };
  run<bool>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_table_state(TableName table, Done<TableState> done) const {
  auto body = [table = in_cluster(*this, std::move(table))](AdminOperation& operation) {
    return get_table_state(operation, table);
  };
  run<TableState>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_list_tables(Done<std::vector<TableName>> done) const {
  run<std::vector<TableName>>(shared_from_this(), list_tables, std::move(done));
}
void AdminContext::start_describe_table(TableName table, Done<TableDescriptor> done) const {
  auto body = [table = in_cluster(*this, std::move(table))](AdminOperation& operation) {
    return describe_table(operation, table);
  };
  run<TableDescriptor>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_modify_table(TableDescriptor table, Done<void> done) const {
  table.name = in_cluster(*this, std::move(table.name));
  auto body = [table = std::move(table)](AdminOperation& operation) mutable { return modify_table(operation, std::move(table)); };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_add_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table)), family = std::move(family)](AdminOperation& operation) {
    return add_column_family(operation, table, family);
  };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_modify_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table)), family = std::move(family)](AdminOperation& operation) {
    return modify_column_family(operation, table, family);
  };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_delete_column_family(TableName table, std::string family, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table)), family = std::move(family)](AdminOperation& operation) {
    return delete_column_family(operation, table, family);
  };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_compact_table(TableName table, std::string family, bool major, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table)), family = std::move(family), major](AdminOperation& operation) {
    return compact_table(operation, table, family, major);
  };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_create_namespace(NamespaceDescriptor descriptor, Done<void> done) const {
  auto body = [descriptor = std::move(descriptor)](AdminOperation& operation) { return create_namespace(operation, descriptor); };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_modify_namespace(NamespaceDescriptor descriptor, Done<void> done) const {
  auto body = [descriptor = std::move(descriptor)](AdminOperation& operation) { return modify_namespace(operation, descriptor); };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_delete_namespace(std::string name, Done<void> done) const {
  auto body = [name = std::move(name)](AdminOperation& operation) { return delete_namespace(operation, name); };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_describe_namespace(std::string name, Done<NamespaceDescriptor> done) const {
  auto body = [name = std::move(name)](AdminOperation& operation) { return describe_namespace(operation, name); };
  run<NamespaceDescriptor>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_list_namespaces(Done<std::vector<std::string>> done) const {
  run<std::vector<std::string>>(shared_from_this(), list_namespaces, std::move(done));
}
void AdminContext::start_list_namespace_tables(std::string name, Done<std::vector<TableName>> done) const {
  auto body = [name = std::move(name)](AdminOperation& operation) { return list_namespace_tables(operation, name); };
  run<std::vector<TableName>>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_flush_table(TableName table, Done<void> done) const {
  auto body = [table = in_cluster(*this, std::move(table))](AdminOperation& operation) { return flush_table(operation, table); };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_master_coprocessor(CoprocessorCall call, Done<std::string> done) const {
  auto body = [call = std::move(call)](AdminOperation& operation) { return master_coprocessor(operation, call); };
  run<std::string>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_server_coprocessor(ServerName server, CoprocessorCall call, Done<std::string> done) const {
  auto body = [server = std::move(server), call = std::move(call)](AdminOperation& operation) {
    return server_coprocessor(operation, server, call);
  };
  run<std::string>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_split_region(std::string region, std::string row, Done<void> done) const {
  auto body = [region = std::move(region), row = std::move(row)](AdminOperation& operation) {
    return split_region(operation, region, row);
  };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_move_region(std::string encoded_name, std::optional<ServerName> destination, Done<void> done) const {
  auto body = [name = std::move(encoded_name), destination = std::move(destination)](AdminOperation& operation) {
    return move_region(operation, name, destination);
  };
  run<void>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_regions(TableName table, Done<std::vector<RegionLocation>> done) const {
  auto body = [table = in_cluster(*this, std::move(table))](AdminOperation& operation) { return list_regions(operation, table); };
  run<std::vector<RegionLocation>>(shared_from_this(), std::move(body), std::move(done));
}
void AdminContext::start_cluster_status(Done<ClusterStatus> done) const {
  run<ClusterStatus>(shared_from_this(), cluster_status, std::move(done));
}
void AdminContext::start_balancer_switch(bool on, Done<bool> done) const {
  auto body = [on](AdminOperation& operation) { return balancer_switch(operation, on); };
  run<bool>(shared_from_this(), std::move(body), std::move(done));
}

}  // namespace hbmux::client
