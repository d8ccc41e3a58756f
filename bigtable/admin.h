// What an Admin of Bigtable is behind its pointer.
#pragma once

#include "bigtable/connection.h"
#include "bigtable/operation.h"
#include "client/admin_backend.h"

#include <hbmux/bt/admin/table_admin.pb.h>

#include <memory>
#include <string>
#include <vector>

namespace hbmux::bigtable {

/// Tables of one instance. They are always enabled; enabling and disabling one is an error that says so.
class BigtableAdmin final : public client::AdminBackend, public std::enable_shared_from_this<BigtableAdmin> {
 public:
  /// `own_user`: of the connection; Bigtable knows no others.
  BigtableAdmin(std::shared_ptr<BigtableConnection> connection, bool own_user) : connection_(std::move(connection)), own_user_(own_user) {}

  void start_create_table(TableDescriptor table, std::vector<std::string> split_keys, Done<void> done) const override;
  void start_delete_table(TableName table, Done<void> done) const override;
  /// Drops all rows; the service keeps its own splits, whatever is asked for.
  void start_truncate_table(TableName table, bool preserve_splits, Done<void> done) const override;
  /// Families are made, changed and dropped until they are those of `table`.
  void start_modify_table(TableDescriptor table, Done<void> done) const override;
  void start_add_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const override;
  void start_modify_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const override;
  void start_delete_column_family(TableName table, std::string family, Done<void> done) const override;
  void start_table_exists(TableName table, Done<bool> done) const override;
  void start_table_state(TableName table, Done<TableState> done) const override;
  void start_list_tables(Done<std::vector<TableName>> done) const override;
  void start_describe_table(TableName table, Done<TableDescriptor> done) const override;
  void start_regions(TableName table, Done<std::vector<RegionLocation>> done) const override;

 protected:
  void post(rpc::Task task) const override { connection_->post(std::move(task)); }
  std::string_view kind() const noexcept override { return "Bigtable"; }

 private:
  CallPlan plan(const char* path, std::string_view field, const std::string& name, bool repeats) const;
  /// The table's name in the service; or `done` ends with what is wrong, and this is empty.
  template <class T>
  std::string name_or_end(const TableName& table, Done<T>& done) const;
  /// `request` without the table's name.
  void modify_families(const TableName& table, bt::admin::ModifyColumnFamiliesRequest request, Done<void> done) const;
  void list_page(std::string page_token, std::shared_ptr<std::vector<TableName>> names,
                 std::shared_ptr<Done<std::vector<TableName>>> done) const;

  const std::shared_ptr<BigtableConnection> connection_;
  const bool own_user_;
};

}  // namespace hbmux::bigtable
