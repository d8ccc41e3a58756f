#include "client/admin_backend.h"

#include <utility>

namespace hbmux::client {

template <class T>
void AdminBackend::refuse(std::string_view operation, Done<T> done) const {
  Error error(Errc::unsupported, std::string(operation) + ": " + std::string(kind()) + " has nothing of the kind");
  post([done = std::move(done), error = std::move(error)]() mutable { done.finish(std::move(error)); });
}

void AdminBackend::start_create_table(TableDescriptor, std::vector<std::string>, Done<void> done) const {
  refuse("create_table", std::move(done));
}
void AdminBackend::start_delete_table(TableName, Done<void> done) const { refuse("delete_table", std::move(done)); }
void AdminBackend::start_truncate_table(TableName, bool, Done<void> done) const { refuse("truncate_table", std::move(done)); }
void AdminBackend::start_enable_table(TableName, Done<void> done) const { refuse("enable_table", std::move(done)); }
void AdminBackend::start_disable_table(TableName, Done<void> done) const { refuse("disable_table", std::move(done)); }
void AdminBackend::start_table_exists(TableName, Done<bool> done) const { refuse("table_exists", std::move(done)); }
void AdminBackend::start_table_state(TableName, Done<TableState> done) const { refuse("table_state", std::move(done)); }
void AdminBackend::start_list_tables(Done<std::vector<TableName>> done) const { refuse("list_tables", std::move(done)); }
void AdminBackend::start_describe_table(TableName, Done<TableDescriptor> done) const { refuse("describe_table", std::move(done)); }
void AdminBackend::start_modify_table(TableDescriptor, Done<void> done) const { refuse("modify_table", std::move(done)); }
void AdminBackend::start_add_column_family(TableName, ColumnFamilyDescriptor, Done<void> done) const {
  refuse("add_column_family", std::move(done));
}
void AdminBackend::start_modify_column_family(TableName, ColumnFamilyDescriptor, Done<void> done) const {
  refuse("modify_column_family", std::move(done));
}
void AdminBackend::start_delete_column_family(TableName, std::string, Done<void> done) const {
  refuse("delete_column_family", std::move(done));
}
void AdminBackend::start_compact_table(TableName, std::string, bool, Done<void> done) const { refuse("compact_table", std::move(done)); }
void AdminBackend::start_create_namespace(NamespaceDescriptor, Done<void> done) const { refuse("create_namespace", std::move(done)); }
void AdminBackend::start_modify_namespace(NamespaceDescriptor, Done<void> done) const { refuse("modify_namespace", std::move(done)); }
void AdminBackend::start_delete_namespace(std::string, Done<void> done) const { refuse("delete_namespace", std::move(done)); }
void AdminBackend::start_describe_namespace(std::string, Done<NamespaceDescriptor> done) const {
  refuse("describe_namespace", std::move(done));
}
void AdminBackend::start_list_namespaces(Done<std::vector<std::string>> done) const { refuse("list_namespaces", std::move(done)); }
void AdminBackend::start_list_namespace_tables(std::string, Done<std::vector<TableName>> done) const {
  refuse("list_namespace_tables", std::move(done));
}
void AdminBackend::start_flush_table(TableName, Done<void> done) const { refuse("flush_table", std::move(done)); }
void AdminBackend::start_master_coprocessor(CoprocessorCall, Done<std::string> done) const {
  refuse("coprocessor_service", std::move(done));
}
void AdminBackend::start_server_coprocessor(ServerName, CoprocessorCall, Done<std::string> done) const {
  refuse("coprocessor_service", std::move(done));
}
void AdminBackend::start_split_region(std::string, std::string, Done<void> done) const { refuse("split_region", std::move(done)); }
void AdminBackend::start_move_region(std::string, std::optional<ServerName>, Done<void> done) const {
  refuse("move_region", std::move(done));
}
void AdminBackend::start_regions(TableName, Done<std::vector<RegionLocation>> done) const { refuse("regions", std::move(done)); }
void AdminBackend::start_cluster_status(Done<ClusterStatus> done) const { refuse("cluster_status", std::move(done)); }
void AdminBackend::start_balancer_switch(bool, Done<bool> done) const { refuse("balancer_switch", std::move(done)); }

}  // namespace hbmux::client
