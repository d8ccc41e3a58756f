// What the master does for a client: tables, namespaces and regions.
#pragma once

#include <hbmux/coprocessor.h>
#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/namespace_descriptor.h>
#include <hbmux/region_info.h>
#include <hbmux/server_name.h>
#include <hbmux/table_descriptor.h>
#include <hbmux/table_name.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hbmux {

namespace client {
class AdminBackend;
}

enum class TableState : std::uint8_t { enabled, disabled, disabling, enabling };

/// A region server as the master sees it.
struct RegionServerStatus {
  ServerName name;
  std::uint32_t regions = 0;
  std::uint64_t requests_per_second = 0;
  std::uint64_t used_heap_mb = 0;
  std::uint64_t max_heap_mb = 0;
};

struct ClusterStatus {
  std::string hbase_version;
  std::string cluster_id;
  ServerName master;
  std::vector<ServerName> backup_masters;
  std::vector<RegionServerStatus> live_servers;
  std::vector<ServerName> dead_servers;
  std::optional<bool> balancer_on;
  std::uint32_t regions_in_transition = 0;
};

/// Cheap to make and to copy; all members may be called from any thread. Calls that start a procedure on the master wait until it has
/// ended. Each ends within hbase.client.operation.timeout; a resend after a lost answer does not act twice (nonces).
/// Every operation has an async_ form as in Table.
class Admin {
 public:
  explicit Admin(std::shared_ptr<const client::AdminBackend> backend);

  /// With `split_keys` (ascending, non-empty) the table begins with one region more than there are keys.
  Result<void> create_table(TableDescriptor table, std::vector<std::string> split_keys = {}) const;
  Result<void> delete_table(TableName table) const;  ///< It must be disabled: Errc::table_not_disabled.
  Result<void> truncate_table(TableName table, bool preserve_splits) const;
  Result<void> enable_table(TableName table) const;
  Result<void> disable_table(TableName table) const;
  Result<bool> table_exists(TableName table) const;
  Result<TableState> table_state(TableName table) const;
  /// User tables, ordered by name; with hbmux.table.prefix those that have it, without it.
  Result<std::vector<TableName>> list_tables() const;
  Result<TableDescriptor> describe_table(TableName table) const;
  /// Gives a table, enabled or not, other attributes and families: `table` as a whole is what it has afterwards. Families that it does not
  /// name are deleted with their cells. The regions of an enabled table are opened again, one after the other; calls to them wait meanwhile.
  Result<void> modify_table(TableDescriptor table) const;
  /// These three change one family, as modify_table does. The last family of a table cannot be deleted.
  Result<void> add_column_family(TableName table, ColumnFamilyDescriptor family) const;
  Result<void> modify_column_family(TableName table, ColumnFamilyDescriptor family) const;
  Result<void> delete_column_family(TableName table, std::string family) const;
  Result<void> flush_table(TableName table) const;
  /// Asks the servers of all regions to compact them, one family or, when it is empty, all. Ends when each has been asked: they do it in the
  /// background. A region that moves meanwhile is asked at its new place.
  Result<void> compact_table(TableName table, std::string family = {}) const;
  /// The same into one file a store, without what is deleted, expired, or of too many versions.
  Result<void> major_compact_table(TableName table, std::string family = {}) const;

  /// Letters, digits and '_': Errc::invalid_argument. Errc::namespace_exists.
  Result<void> create_namespace(NamespaceDescriptor descriptor) const;
  /// Its configuration becomes what `descriptor` has. Errc::namespace_not_found, as of those below.
  Result<void> modify_namespace(NamespaceDescriptor descriptor) const;
  /// It must have no tables.
  Result<void> delete_namespace(std::string name) const;
  Result<NamespaceDescriptor> describe_namespace(std::string name) const;
  /// All, "default" and "hbase" too, ordered by name.
  Result<std::vector<std::string>> list_namespaces() const;
  /// The tables of one namespace, ordered by name; hbmux.table.prefix counts as in list_tables().
  Result<std::vector<TableName>> list_namespace_tables(std::string name) const;

  /// Splits a region, at `row` or, when it is empty, where the server finds its middle. `region` is a full or an encoded name.
  Result<void> split_region(std::string region, std::string row = {}) const;
  /// Moves a region to `destination`, or, without one, to a server of the master's choice.
  Result<void> move_region(std::string encoded_name, std::optional<ServerName> destination = std::nullopt) const;
  /// The regions of a table, from hbase:meta, ordered by start key; default replicas only.
  Result<std::vector<RegionLocation>> regions(TableName table) const;
  Result<ClusterStatus> cluster_status() const;
  /// Switches the balancer and tells whether it was on before.
  Result<bool> balancer_switch(bool on) const;
  /// Calls a coprocessor service of the active master, and again as other calls of the master are. The bytes of its response message.
  Result<std::string> coprocessor_service(CoprocessorCall call) const;
  /// The same of a region server, once.
  Result<std::string> coprocessor_service(ServerName server, CoprocessorCall call) const;

  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_create_table(TableDescriptor table, std::vector<std::string> split_keys, Token&& token = Token()) const {
    return begin<void>(&Admin::start_create_table, std::forward<Token>(token), std::move(table), std::move(split_keys));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_delete_table(TableName table, Token&& token = Token()) const {
    return begin<void>(&Admin::start_delete_table, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_truncate_table(TableName table, bool preserve_splits, Token&& token = Token()) const {
    return begin<void>(&Admin::start_truncate_table, std::forward<Token>(token), std::move(table), preserve_splits);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_enable_table(TableName table, Token&& token = Token()) const {
    return begin<void>(&Admin::start_enable_table, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_disable_table(TableName table, Token&& token = Token()) const {
    return begin<void>(&Admin::start_disable_table, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_table_exists(TableName table, Token&& token = Token()) const {
    return begin<bool>(&Admin::start_table_exists, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_table_state(TableName table, Token&& token = Token()) const {
    return begin<TableState>(&Admin::start_table_state, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_list_tables(Token&& token = Token()) const {
    return begin<std::vector<TableName>>(&Admin::start_list_tables, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_describe_table(TableName table, Token&& token = Token()) const {
    return begin<TableDescriptor>(&Admin::start_describe_table, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_modify_table(TableDescriptor table, Token&& token = Token()) const {
    return begin<void>(&Admin::start_modify_table, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_add_column_family(TableName table, ColumnFamilyDescriptor family, Token&& token = Token()) const {
    return begin<void>(&Admin::start_add_column_family, std::forward<Token>(token), std::move(table), std::move(family));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_modify_column_family(TableName table, ColumnFamilyDescriptor family, Token&& token = Token()) const {
    return begin<void>(&Admin::start_modify_column_family, std::forward<Token>(token), std::move(table), std::move(family));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_delete_column_family(TableName table, std::string family, Token&& token = Token()) const {
    return begin<void>(&Admin::start_delete_column_family, std::forward<Token>(token), std::move(table), std::move(family));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_compact_table(TableName table, std::string family, Token&& token = Token()) const {
    return begin<void>(&Admin::start_compact_table, std::forward<Token>(token), std::move(table), std::move(family), false);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_major_compact_table(TableName table, std::string family, Token&& token = Token()) const {
    return begin<void>(&Admin::start_compact_table, std::forward<Token>(token), std::move(table), std::move(family), true);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_create_namespace(NamespaceDescriptor descriptor, Token&& token = Token()) const {
    return begin<void>(&Admin::start_create_namespace, std::forward<Token>(token), std::move(descriptor));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_modify_namespace(NamespaceDescriptor descriptor, Token&& token = Token()) const {
    return begin<void>(&Admin::start_modify_namespace, std::forward<Token>(token), std::move(descriptor));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_delete_namespace(std::string name, Token&& token = Token()) const {
    return begin<void>(&Admin::start_delete_namespace, std::forward<Token>(token), std::move(name));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_describe_namespace(std::string name, Token&& token = Token()) const {
    return begin<NamespaceDescriptor>(&Admin::start_describe_namespace, std::forward<Token>(token), std::move(name));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_list_namespaces(Token&& token = Token()) const {
    return begin<std::vector<std::string>>(&Admin::start_list_namespaces, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_list_namespace_tables(std::string name, Token&& token = Token()) const {
    return begin<std::vector<TableName>>(&Admin::start_list_namespace_tables, std::forward<Token>(token), std::move(name));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_flush_table(TableName table, Token&& token = Token()) const {
    return begin<void>(&Admin::start_flush_table, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_split_region(std::string region, std::string row, Token&& token = Token()) const {
    return begin<void>(&Admin::start_split_region, std::forward<Token>(token), std::move(region), std::move(row));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_move_region(std::string encoded_name, std::optional<ServerName> destination, Token&& token = Token()) const {
    return begin<void>(&Admin::start_move_region, std::forward<Token>(token), std::move(encoded_name),
                       std::move(destination));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_regions(TableName table, Token&& token = Token()) const {
    return begin<std::vector<RegionLocation>>(&Admin::start_regions, std::forward<Token>(token), std::move(table));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_cluster_status(Token&& token = Token()) const {
    return begin<ClusterStatus>(&Admin::start_cluster_status, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_balancer_switch(bool on, Token&& token = Token()) const {
    return begin<bool>(&Admin::start_balancer_switch, std::forward<Token>(token), on);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_coprocessor_service(CoprocessorCall call, Token&& token = Token()) const {
    return begin<std::string>(&Admin::start_master_coprocessor, std::forward<Token>(token), std::move(call));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_coprocessor_service(ServerName server, CoprocessorCall call, Token&& token = Token()) const {
    return begin<std::string>(&Admin::start_server_coprocessor, std::forward<Token>(token), std::move(server), std::move(call));
  }

 private:
  template <class T>
  using Done = detail::Completion<Result<T>>;

  template <class T, class Start, class Token, class... Args>
  auto begin(Start start, Token&& token, Args... args) const {
    return detail::initiate<Result<T>>(
        [self = *this, start, ... args = std::move(args)](Done<T> done) mutable {
          (self.*start)(std::move(args)..., std::move(done));
        },
        std::forward<Token>(token));
  }

  void start_create_table(TableDescriptor table, std::vector<std::string> split_keys, Done<void> done) const;
  void start_delete_table(TableName table, Done<void> done) const;
  void start_truncate_table(TableName table, bool preserve_splits, Done<void> done) const;
  void start_enable_table(TableName table, Done<void> done) const;
  void start_disable_table(TableName table, Done<void> done) const;
  void start_table_exists(TableName table, Done<bool> done) const;
  void start_table_state(TableName table, Done<TableState> done) const;
  void start_list_tables(Done<std::vector<TableName>> done) const;
  void start_describe_table(TableName table, Done<TableDescriptor> done) const;
  void start_modify_table(TableDescriptor table, Done<void> done) const;
  void start_add_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const;
  void start_modify_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const;
  void start_delete_column_family(TableName table, std::string family, Done<void> done) const;
  void start_compact_table(TableName table, std::string family, bool major, Done<void> done) const;
  void start_create_namespace(NamespaceDescriptor descriptor, Done<void> done) const;
  void start_modify_namespace(NamespaceDescriptor descriptor, Done<void> done) const;
  void start_delete_namespace(std::string name, Done<void> done) const;
  void start_describe_namespace(std::string name, Done<NamespaceDescriptor> done) const;
  void start_list_namespaces(Done<std::vector<std::string>> done) const;
  void start_list_namespace_tables(std::string name, Done<std::vector<TableName>> done) const;
  void start_master_coprocessor(CoprocessorCall call, Done<std::string> done) const;
  void start_server_coprocessor(ServerName server, CoprocessorCall call, Done<std::string> done) const;
  void start_flush_table(TableName table, Done<void> done) const;
  void start_split_region(std::string region, std::string row, Done<void> done) const;
  void start_move_region(std::string encoded_name, std::optional<ServerName> destination, Done<void> done) const;
  void start_regions(TableName table, Done<std::vector<RegionLocation>> done) const;
  void start_cluster_status(Done<ClusterStatus> done) const;
  void start_balancer_switch(bool on, Done<bool> done) const;

  std::shared_ptr<const client::AdminBackend> backend_;
};

}  // namespace hbmux
