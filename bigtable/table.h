// What a Table of Bigtable is behind its pointer.
#pragma once

#include "bigtable/connection.h"
#include "bigtable/operation.h"
#include "client/table_backend.h"

#include <hbmux/request_scope.h>
#include <hbmux/table_name.h>
#include <hbmux/table_options.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::bigtable {

/// Immutable; shared by the copies of a Table and by its running operations.
class BigtableTable final : public client::TableBackend, public std::enable_shared_from_this<BigtableTable> {
 public:
  /// `own_user`: of the connection; Bigtable knows no others.
  static std::shared_ptr<const BigtableTable> make(std::shared_ptr<BigtableConnection> connection, TableName name, bool own_user);

  const TableName& public_name() const noexcept override { return public_name_; }
  const TableName& name() const noexcept override { return name_; }
  TableOptions options() const override;
  std::shared_ptr<const client::TableBackend> with(const TableOptions& options) const override;
  std::shared_ptr<const client::TableBackend> in(const RequestScope::Ref& scope) const override;
  RequestScope::Ref request_scope() const noexcept override { return scope_; }
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
  std::shared_ptr<client::ScanSource> scan(Scan scan) const override;
  std::shared_ptr<client::ScanSource> parallel_scan(Scan scan, const ParallelScanOptions& options) const override;
  std::shared_ptr<client::MutationSink> buffered_mutator(const BufferedMutatorParams& params) const override;
  std::shared_ptr<const client::LocatorBackend> locator() const override;
  void post(rpc::Task task) const override { connection_->post(std::move(task)); }

  // ---- for its operations

  BigtableConnection& connection() const noexcept { return *connection_; }
  const std::shared_ptr<BigtableConnection>& shared_connection() const noexcept { return connection_; }
  const std::string& full_name() const noexcept { return full_name_; }
  const std::string& app_profile() const noexcept { return connection_->settings().app_profile; }
  /// Why nothing can be done with it: its name, its options, its user.
  const std::optional<Error>& problem() const noexcept { return problem_; }
  /// Of a call about the table's data.
  CallPlan plan(const char* path, std::chrono::milliseconds attempt_timeout) const;
  std::chrono::milliseconds read_timeout() const noexcept { return read_timeout_; }
  std::chrono::milliseconds write_timeout() const noexcept { return write_timeout_; }
  std::chrono::milliseconds scan_timeout() const noexcept { return scan_timeout_; }
  std::chrono::milliseconds bulk_timeout() const noexcept { return bulk_timeout_; }
  std::chrono::milliseconds bulk_operation_timeout() const noexcept { return bulk_operation_timeout_; }
  const core::RetryPolicy& policy() const noexcept { return policy_; }
  /// For cells without a timestamp; nothing: the server's.
  std::optional<std::int64_t> cell_clock() const;
  std::string describe(std::string_view verb, std::string_view row) const;

 private:
  BigtableTable() = default;
  BigtableTable(const BigtableTable& other);
  void apply(const TableOptions& options);

  std::shared_ptr<BigtableConnection> connection_;
  TableName public_name_, name_;
  std::string full_name_;
  std::optional<Error> problem_;
  core::RetryPolicy policy_;
  std::chrono::milliseconds read_timeout_{0}, write_timeout_{0}, scan_timeout_{0}, bulk_timeout_{0}, bulk_operation_timeout_{0};
  int start_log_errors_ = 0;
  RequestScope::Ref scope_;
};

using TablePtr = std::shared_ptr<const BigtableTable>;

/// Ends `done` later, on a lane or where its handler's executor says.
template <class T>
void end_soon(BigtableConnection& connection, detail::Completion<T> done, std::type_identity_t<T> result) {
  connection.post([done = std::move(done), result = std::move(result)]() mutable {
    if (done.cancel) done.cancel->arm(nullptr);
    done.finish(std::move(result));
  });
}

}  // namespace hbmux::bigtable
