// What a Table of HBase is behind its pointer.
#pragma once

#include "client/connection_state.h"
#include "client/route.h"
#include "client/table_backend.h"
#include "client/table_locations.h"

#include <hbmux/request_scope.h>
#include <hbmux/table_name.h>
#include <hbmux/table_options.h>
#include <hbmux/user.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hbmux::client {

/// Immutable but for its cache of keys; shared by the copies of a Table and by its running operations.
struct TableContext final : TableBackend, std::enable_shared_from_this<TableContext> {
  std::shared_ptr<ConnectionState> connection;
  std::shared_ptr<TableLocations> locations;
  std::shared_ptr<const TableName> given_name;  ///< What the program calls it, when that is not name(): hbmux.table.prefix.
  std::shared_ptr<const User> user;
  std::chrono::milliseconds operation_timeout;
  std::chrono::milliseconds read_timeout;   ///< Of one attempt of a get or a scan.
  std::chrono::milliseconds write_timeout;  ///< Of one attempt of anything else.
  std::chrono::milliseconds scanner_timeout;  ///< For each batch of rows of a scan.
  std::chrono::milliseconds pause{};             ///< Between attempts: the base of HBase's table.
  std::chrono::milliseconds pause_overloaded{};  ///< The same when a server is overloaded.
  int retries = 0;                               ///< Attempts after the first one.
  int start_log_errors = 0;
  std::shared_ptr<const Attributes> request_attributes;  ///< Of every call; null for none.
  std::shared_ptr<const std::string> header_attributes;  ///< The same as they travel.
  std::uint32_t priority = 0;                 ///< Calls to system tables overtake those of users.
  std::shared_ptr<KeysOfUser> keys;         ///< Null for the connection's own user.
  RequestScope::Ref scope;                  ///< Whose connections calls use (PoolType::reusable); empty for none.

  static std::shared_ptr<const TableContext> make(std::shared_ptr<ConnectionState> connection, TableName name,
                                                  std::shared_ptr<const User> user);

  /// Before it is shared.
  void apply(const TableOptions& options);
  TableOptions options() const override;

  const TableName& public_name() const noexcept override { return given_name ? *given_name : name(); }
  std::shared_ptr<const TableBackend> with(const TableOptions& options) const override;
  std::shared_ptr<const TableBackend> in(const RequestScope::Ref& scope) const override;
  RequestScope::Ref request_scope() const noexcept override { return scope; }
  void start_warm_up(Done<void> done) const override;
  void start(Get get, Done<Row> done) const override;
  void start_exists(Get get, Done<bool> done) const override;
  void start(Put put, Done<void> done) const override;
  void start(Delete del, Done<void> done) const override;
  void start(Append append, Done<Row> done) const override;
  void start(Increment increment, Done<Row> done) const override;
  void start(RowMutations mutations, Done<Row> done) const override;
  void start(CheckAndMutate check, Done<CheckAndMutateResult> done) const override;
  void start(std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done) const override;
  void start(Scan scan, Done<std::vector<Row>> done) const override;
  void start(std::string row, CoprocessorCall call, Done<std::string> done) const override;
  void start(std::string start_row, std::string stop_row, CoprocessorCall call, CoprocessorCallback on_answer,
             Done<std::vector<CoprocessorAnswer>> done) const override;
  void start(std::string row, BulkLoad load, Done<void> done) const override;
  std::shared_ptr<ScanSource> scan(Scan scan) const override;
  std::shared_ptr<ScanSource> parallel_scan(Scan scan, const ParallelScanOptions& options) const override;
  std::shared_ptr<MutationSink> buffered_mutator(const BufferedMutatorParams& params) const override;
  std::shared_ptr<const LocatorBackend> locator() const override;
  void post(rpc::Task task) const override { connection->post(std::move(task)); }

  /// In the cluster; for messages and calls.
  const TableName& name() const noexcept override { return locations->name(); }
  /// The pool's key for calls to a region. The reference lives as long as `region` and this do.
  const rpc::ConnectionKey& key_of(const core::RegionLocations& region) const {
    return keys ? keys->find(region.primary.server.address) : route_key(region, *user);
  }
  /// Calls to other replicas are rare: nothing is kept.
  rpc::ConnectionKey key_of(const RegionLocation& replica) const {
    return rpc::ConnectionKey(replica.server.address, *user, rpc::Service::client);
  }
};

}  // namespace hbmux::client
