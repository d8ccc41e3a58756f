#include <hbmux/admin.h>

#include "client/admin_backend.h"
#include "client/blocking.h"

#include <utility>

namespace hbmux {

Admin::Admin(std::shared_ptr<const client::AdminBackend> backend) : backend_(std::move(backend)) {}

void Admin::start_create_table(TableDescriptor table, std::vector<std::string> split_keys, Done<void> done) const {
  backend_->start_create_table(std::move(table), std::move(split_keys), std::move(done));
}
void Admin::start_delete_table(TableName table, Done<void> done) const { backend_->start_delete_table(std::move(table), std::move(done)); }
void Admin::start_truncate_table(TableName table, bool preserve_splits, Done<void> done) const {
  backend_->start_truncate_table(std::move(table), preserve_splits, std::move(done));
}
void Admin::start_enable_table(TableName table, Done<void> done) const { backend_->start_enable_table(std::move(table), std::move(done)); }
void Admin::start_disable_table(TableName table, Done<void> done) const {
  backend_->start_disable_table(std::move(table), std::move(done));
}
void Admin::start_table_exists(TableName table, Done<bool> done) const { backend_->start_table_exists(std::move(table), std::move(done)); }
void Admin::start_table_state(TableName table, Done<TableState> done) const {
  backend_->start_table_state(std::move(table), std::move(done));
}
void Admin::start_list_tables(Done<std::vector<TableName>> done) const { backend_->start_list_tables(std::move(done)); }
void Admin::start_describe_table(TableName table, Done<TableDescriptor> done) const {
  backend_->start_describe_table(std::move(table), std::move(done));
}
void Admin::start_modify_table(TableDescriptor table, Done<void> done) const {
  backend_->start_modify_table(std::move(table), std::move(done));
}
void Admin::start_add_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const {
  backend_->start_add_column_family(std::move(table), std::move(family), std::move(done));
}
void Admin::start_modify_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const {
  backend_->start_modify_column_family(std::move(table), std::move(family), std::move(done));
}
void Admin::start_delete_column_family(TableName table, std::string family, Done<void> done) const {
  backend_->start_delete_column_family(std::move(table), std::move(family), std::move(done));
}
void Admin::start_compact_table(TableName table, std::string family, bool major, Done<void> done) const {
  backend_->start_compact_table(std::move(table), std::move(family), major, std::move(done));
}
void Admin::start_create_namespace(NamespaceDescriptor descriptor, Done<void> done) const {
  backend_->start_create_namespace(std::move(descriptor), std::move(done));
}
void Admin::start_modify_namespace(NamespaceDescriptor descriptor, Done<void> done) const {
  backend_->start_modify_namespace(std::move(descriptor), std::move(done));
}
void Admin::start_delete_namespace(std::string name, Done<void> done) const {
  backend_->start_delete_namespace(std::move(name), std::move(done));
}
void Admin::start_describe_namespace(std::string name, Done<NamespaceDescriptor> done) const {
  backend_->start_describe_namespace(std::move(name), std::move(done));
}
void Admin::start_list_namespaces(Done<std::vector<std::string>> done) const { backend_->start_list_namespaces(std::move(done)); }
void Admin::start_list_namespace_tables(std::string name, Done<std::vector<TableName>> done) const {
  backend_->start_list_namespace_tables(std::move(name), std::move(done));
}
void Admin::start_flush_table(TableName table, Done<void> done) const { backend_->start_flush_table(std::move(table), std::move(done)); }
void Admin::start_master_coprocessor(CoprocessorCall call, Done<std::string> done) const {
  backend_->start_master_coprocessor(std::move(call), std::move(done));
}
void Admin::start_server_coprocessor(ServerName server, CoprocessorCall call, Done<std::string> done) const {
  backend_->start_server_coprocessor(std::move(server), std::move(call), std::move(done));
}
void Admin::start_split_region(std::string region, std::string row, Done<void> done) const {
  backend_->start_split_region(std::move(region), std::move(row), std::move(done));
}
void Admin::start_move_region(std::string encoded_name, std::optional<ServerName> destination, Done<void> done) const {
  backend_->start_move_region(std::move(encoded_name), std::move(destination), std::move(done));
}
void Admin::start_regions(TableName table, Done<std::vector<RegionLocation>> done) const {
  backend_->start_regions(std::move(table), std::move(done));
}
void Admin::start_cluster_status(Done<ClusterStatus> done) const { backend_->start_cluster_status(std::move(done)); }
void Admin::start_balancer_switch(bool on, Done<bool> done) const { backend_->start_balancer_switch(on, std::move(done)); }

// --- The blocking forms.

Result<void> Admin::create_table(TableDescriptor table, std::vector<std::string> split_keys) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_create_table(std::move(table), std::move(split_keys), std::move(done)); });
}
Result<void> Admin::delete_table(TableName table) const {
  return client::block<Result<void>>([&](Done<void> done) { start_delete_table(std::move(table), std::move(done)); });
}
Result<void> Admin::truncate_table(TableName table, bool preserve_splits) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_truncate_table(std::move(table), preserve_splits, std::move(done)); });
}
Result<void> Admin::enable_table(TableName table) const {
  return client::block<Result<void>>([&](Done<void> done) { start_enable_table(std::move(table), std::move(done)); });
}
Result<void> Admin::disable_table(TableName table) const {
  return client::block<Result<void>>([&](Done<void> done) { start_disable_table(std::move(table), std::move(done)); });
}
Result<bool> Admin::table_exists(TableName table) const {
  return client::block<Result<bool>>([&](Done<bool> done) { start_table_exists(std::move(table), std::move(done)); });
}
Result<TableState> Admin::table_state(TableName table) const {
  return client::block<Result<TableState>>(
      [&](Done<TableState> done) { start_table_state(std::move(table), std::move(done)); });
}
Result<std::vector<TableName>> Admin::list_tables() const {
  using Names = std::vector<TableName>;
  return client::block<Result<Names>>([&](Done<Names> done) { start_list_tables(std::move(done)); });
}
Result<TableDescriptor> Admin::describe_table(TableName table) const {
  return client::block<Result<TableDescriptor>>(
      [&](Done<TableDescriptor> done) { start_describe_table(std::move(table), std::move(done)); });
}
Result<void> Admin::modify_table(TableDescriptor table) const {
  return client::block<Result<void>>([&](Done<void> done) { start_modify_table(std::move(table), std::move(done)); });
}
Result<void> Admin::add_column_family(TableName table, ColumnFamilyDescriptor family) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_add_column_family(std::move(table), std::move(family), std::move(done)); });
}
Result<void> Admin::modify_column_family(TableName table, ColumnFamilyDescriptor family) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_modify_column_family(std::move(table), std::move(family), std::move(done)); });
}
Result<void> Admin::delete_column_family(TableName table, std::string family) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_delete_column_family(std::move(table), std::move(family), std::move(done)); });
}
Result<void> Admin::compact_table(TableName table, std::string family) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_compact_table(std::move(table), std::move(family), false, std::move(done)); });
}
Result<void> Admin::major_compact_table(TableName table, std::string family) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_compact_table(std::move(table), std::move(family), true, std::move(done)); });
}
Result<void> Admin::create_namespace(NamespaceDescriptor descriptor) const {
  return client::block<Result<void>>([&](Done<void> done) { start_create_namespace(std::move(descriptor), std::move(done)); });
}
Result<void> Admin::modify_namespace(NamespaceDescriptor descriptor) const {
  return client::block<Result<void>>([&](Done<void> done) { start_modify_namespace(std::move(descriptor), std::move(done)); });
}
Result<void> Admin::delete_namespace(std::string name) const {
  return client::block<Result<void>>([&](Done<void> done) { start_delete_namespace(std::move(name), std::move(done)); });
}
Result<NamespaceDescriptor> Admin::describe_namespace(std::string name) const {
  return client::block<Result<NamespaceDescriptor>>(
      [&](Done<NamespaceDescriptor> done) { start_describe_namespace(std::move(name), std::move(done)); });
}
Result<std::vector<std::string>> Admin::list_namespaces() const {
  using Names = std::vector<std::string>;
  return client::block<Result<Names>>([&](Done<Names> done) { start_list_namespaces(std::move(done)); });
}
Result<std::vector<TableName>> Admin::list_namespace_tables(std::string name) const {
  using Names = std::vector<TableName>;
  return client::block<Result<Names>>([&](Done<Names> done) { start_list_namespace_tables(std::move(name), std::move(done)); });
}
Result<void> Admin::flush_table(TableName table) const {
  return client::block<Result<void>>([&](Done<void> done) { start_flush_table(std::move(table), std::move(done)); });
}
Result<std::string> Admin::coprocessor_service(CoprocessorCall call) const {
  return client::block<Result<std::string>>([&](Done<std::string> done) { start_master_coprocessor(std::move(call), std::move(done)); });
}
Result<std::string> Admin::coprocessor_service(ServerName server, CoprocessorCall call) const {
  return client::block<Result<std::string>>(
      [&](Done<std::string> done) { start_server_coprocessor(std::move(server), std::move(call), std::move(done)); });
}
Result<void> Admin::split_region(std::string region, std::string row) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_split_region(std::move(region), std::move(row), std::move(done)); });
}
Result<void> Admin::move_region(std::string encoded_name, std::optional<ServerName> destination) const {
  return client::block<Result<void>>(
      [&](Done<void> done) { start_move_region(std::move(encoded_name), std::move(destination), std::move(done)); });
}
Result<std::vector<RegionLocation>> Admin::regions(TableName table) const {
  using Regions = std::vector<RegionLocation>;
  return client::block<Result<Regions>>([&](Done<Regions> done) { start_regions(std::move(table), std::move(done)); });
}
Result<ClusterStatus> Admin::cluster_status() const {
  return client::block<Result<ClusterStatus>>([&](Done<ClusterStatus> done) { start_cluster_status(std::move(done)); });
}
Result<bool> Admin::balancer_switch(bool on) const {
  return client::block<Result<bool>>([&](Done<bool> done) { start_balancer_switch(on, std::move(done)); });
}

}  // namespace hbmux
