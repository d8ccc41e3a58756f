// What an Admin is behind its pointer, whatever the tables live on.
#pragma once

#include "rpc/lane.h"

#include <hbmux/admin.h>
#include <hbmux/coprocessor.h>
#include <hbmux/detail/completion.h>
#include <hbmux/error.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::client {

/// Thread-safe, shared by the copies of an Admin and by its running operations. Each start ends `done` once, and never within. What a
/// backend does not override it cannot do: Errc::unsupported, which names the operation.
class AdminBackend {
 public:
  template <class T>
  using Done = detail::Completion<Result<T>>;

  virtual ~AdminBackend() = default;
  virtual void start_create_table(TableDescriptor table, std::vector<std::string> split_keys, Done<void> done) const;
  virtual void start_delete_table(TableName table, Done<void> done) const;
  virtual void start_truncate_table(TableName table, bool preserve_splits, Done<void> done) const;
  virtual void start_enable_table(TableName table, Done<void> done) const;
  virtual void start_disable_table(TableName table, Done<void> done) const;
  virtual void start_table_exists(TableName table, Done<bool> done) const;
  virtual void start_table_state(TableName table, Done<TableState> done) const;
  virtual void start_list_tables(Done<std::vector<TableName>> done) const;
  virtual void start_describe_table(TableName table, Done<TableDescriptor> done) const;
  virtual void start_modify_table(TableDescriptor table, Done<void> done) const;
  virtual void start_add_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const;
  virtual void start_modify_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const;
  virtual void start_delete_column_family(TableName table, std::string family, Done<void> done) const;
  virtual void start_compact_table(TableName table, std::string family, bool major, Done<void> done) const;
  virtual void start_create_namespace(NamespaceDescriptor descriptor, Done<void> done) const;
  virtual void start_modify_namespace(NamespaceDescriptor descriptor, Done<void> done) const;
  virtual void start_delete_namespace(std::string name, Done<void> done) const;
  virtual void start_describe_namespace(std::string name, Done<NamespaceDescriptor> done) const;
  virtual void start_list_namespaces(Done<std::vector<std::string>> done) const;
  virtual void start_list_namespace_tables(std::string name, Done<std::vector<TableName>> done) const;
  virtual void start_flush_table(TableName table, Done<void> done) const;
  virtual void start_master_coprocessor(CoprocessorCall call, Done<std::string> done) const;
  virtual void start_server_coprocessor(ServerName server, CoprocessorCall call, Done<std::string> done) const;
  virtual void start_split_region(std::string region, std::string row, Done<void> done) const;
  virtual void start_move_region(std::string encoded_name, std::optional<ServerName> destination, Done<void> done) const;
  virtual void start_regions(TableName table, Done<std::vector<RegionLocation>> done) const;
  virtual void start_cluster_status(Done<ClusterStatus> done) const;
  virtual void start_balancer_switch(bool on, Done<bool> done) const;

 protected:
  /// Runs `task` later on one of the connection's lanes.
  virtual void post(rpc::Task task) const = 0;
  /// "Bigtable", for messages.
  virtual std::string_view kind() const noexcept = 0;

 private:
  template <class T>
  void refuse(std::string_view operation, Done<T> done) const;
};

}  // namespace hbmux::client
