// What an Admin of HBase is behind its pointer.
#pragma once

#include "client/admin_backend.h"
#include "client/connection_state.h"

#include <hbmux/server_name.h>
#include <hbmux/user.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux::client {

/// The active master, as long as it answers. Any thread.
class MasterCache {
 public:
  std::optional<ServerName> get() const {
    std::lock_guard lock(mutex_);
    return master_;
  }
  void set(const ServerName& master) {
    std::lock_guard lock(mutex_);
    master_ = master;
  }
  /// It failed; does nothing when another has been found since.
  void forget(const ServerName& master) {
    std::lock_guard lock(mutex_);
    if (master_ == master) master_.reset();
  }

 private:
  mutable std::mutex mutex_;
  std::optional<ServerName> master_;
};

/// Shared by the copies of an Admin and by its running operations.
struct AdminContext final : AdminBackend, std::enable_shared_from_this<AdminContext> {
  AdminContext(std::shared_ptr<ConnectionState> c, std::shared_ptr<const User> u)
      : connection(std::move(c)), user(std::move(u)) {}

  void start_create_table(TableDescriptor table, std::vector<std::string> split_keys, Done<void> done) const override;
  void start_delete_table(TableName table, Done<void> done) const override;
  void start_truncate_table(TableName table, bool preserve_splits, Done<void> done) const override;
  void start_enable_table(TableName table, Done<void> done) const override;
  void start_disable_table(TableName table, Done<void> done) const override;
  void start_table_exists(TableName table, Done<bool> done) const override;
  void start_table_state(TableName table, Done<TableState> done) const override;
  void start_list_tables(Done<std::vector<TableName>> done) const override;
  void start_describe_table(TableName table, Done<TableDescriptor> done) const override;
  void start_modify_table(TableDescriptor table, Done<void> done) const override;
  void start_add_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const override;
  void start_modify_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const override;
  void start_delete_column_family(TableName table, std::string family, Done<void> done) const override;
  void start_compact_table(TableName table, std::string family, bool major, Done<void> done) const override;
  void start_create_namespace(NamespaceDescriptor descriptor, Done<void> done) const override;
  void start_modify_namespace(NamespaceDescriptor descriptor, Done<void> done) const override;
  void start_delete_namespace(std::string name, Done<void> done) const override;
  void start_describe_namespace(std::string name, Done<NamespaceDescriptor> done) const override;
  void start_list_namespaces(Done<std::vector<std::string>> done) const override;
  void start_list_namespace_tables(std::string name, Done<std::vector<TableName>> done) const override;
  void start_flush_table(TableName table, Done<void> done) const override;
  void start_master_coprocessor(CoprocessorCall call, Done<std::string> done) const override;
  void start_server_coprocessor(ServerName server, CoprocessorCall call, Done<std::string> done) const override;
  void start_split_region(std::string region, std::string row, Done<void> done) const override;
  void start_move_region(std::string encoded_name, std::optional<ServerName> destination, Done<void> done) const override;
  void start_regions(TableName table, Done<std::vector<RegionLocation>> done) const override;
  void start_cluster_status(Done<ClusterStatus> done) const override;
  void start_balancer_switch(bool on, Done<bool> done) const override;

  const std::shared_ptr<ConnectionState> connection;
  const std::shared_ptr<const User> user;
  mutable MasterCache master;

 protected:
  void post(rpc::Task task) const override { connection->post(std::move(task)); }
  std::string_view kind() const noexcept override { return "HBase"; }
};

}  // namespace hbmux::client
