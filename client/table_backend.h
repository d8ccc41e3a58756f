// What a Table is behind its pointer, whatever the table lives on.
#pragma once

#include "rpc/lane.h"

#include <hbmux/batch.h>
#include <hbmux/buffered_mutator.h>
#include <hbmux/bulk_load.h>
#include <hbmux/coprocessor.h>
#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/parallel_scan.h>
#include <hbmux/request_scope.h>
#include <hbmux/row.h>
#include <hbmux/scan.h>
#include <hbmux/table_name.h>
#include <hbmux/table_options.h>

#include <memory>
#include <string>
#include <vector>

namespace hbmux::client {

class LocatorBackend;
class MutationSink;
class ScanSource;

/// Thread-safe, shared by the copies of a Table and by its running operations. Each start ends `done` once, and never within.
class TableBackend {
 public:
  template <class T>
  using Done = detail::Completion<Result<T>>;

  virtual ~TableBackend() = default;
  /// As the program calls it.
  virtual const TableName& public_name() const noexcept = 0;
  /// Where it lives; for messages.
  virtual const TableName& name() const noexcept = 0;
  virtual TableOptions options() const = 0;
  virtual std::shared_ptr<const TableBackend> with(const TableOptions& options) const = 0;
  /// Null: scopes make no difference here.
  virtual std::shared_ptr<const TableBackend> in(const RequestScope::Ref& scope) const = 0;
  virtual RequestScope::Ref request_scope() const noexcept = 0;

  virtual void start_warm_up(Done<void> done) const = 0;
  virtual void start(Get get, Done<Row> done) const = 0;
  virtual void start_exists(Get get, Done<bool> done) const = 0;
  virtual void start(Put put, Done<void> done) const = 0;
  virtual void start(Delete del, Done<void> done) const = 0;
  virtual void start(Append append, Done<Row> done) const = 0;
  virtual void start(Increment increment, Done<Row> done) const = 0;
  virtual void start(RowMutations mutations, Done<Row> done) const = 0;
  virtual void start(CheckAndMutate check, Done<CheckAndMutateResult> done) const = 0;
  virtual void start(std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done) const = 0;
  virtual void start(Scan scan, Done<std::vector<Row>> done) const = 0;
  virtual void start(std::string row, CoprocessorCall call, Done<std::string> done) const = 0;
  virtual void start(std::string start_row, std::string stop_row, CoprocessorCall call, CoprocessorCallback on_answer,
                     Done<std::vector<CoprocessorAnswer>> done) const = 0;
  virtual void start(std::string row, BulkLoad load, Done<void> done) const = 0;

  virtual std::shared_ptr<ScanSource> scan(Scan scan) const = 0;
  virtual std::shared_ptr<ScanSource> parallel_scan(Scan scan, const ParallelScanOptions& options) const = 0;
  virtual std::shared_ptr<MutationSink> buffered_mutator(const BufferedMutatorParams& params) const = 0;
  virtual std::shared_ptr<const LocatorBackend> locator() const = 0;

  /// Runs `task` later on one of the connection's lanes.
  virtual void post(rpc::Task task) const = 0;
};

}  // namespace hbmux::client
