#include "bigtable/table.h"

#include "bigtable/batch.h"
#include "bigtable/headers.h"
#include "bigtable/locator.h"
#include "bigtable/mutator.h"
#include "bigtable/row_calls.h"
#include "bigtable/sample_keys.h"
#include "bigtable/scan_stream.h"
#include "client/parallel_scan.h"
#include "core/bytes.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hbmux::bigtable {
namespace {

Error other_user() {
  return Error(Errc::unsupported, "ClusterConnection::as: Bigtable knows its callers by their credentials, not by a name");
}

Error no_coprocessors() { return Error(Errc::unsupported, "coprocessor_service: Bigtable has no coprocessors"); }

}  // namespace

std::shared_ptr<const BigtableTable> BigtableTable::make(std::shared_ptr<BigtableConnection> connection, TableName name, bool own_user) {
  std::shared_ptr<BigtableTable> table(new BigtableTable);
  const Settings& settings = connection->settings();
  const core::ClientSettings& client = settings.client;
  table->name_ = client.table_prefix.empty() ? name : client.table_prefix.apply(name);
  if (auto full = connection->full_name(table->name_)) {
    table->full_name_ = std::move(*full);
  } else {
    table->problem_ = full.error();
  }
  if (!own_user) table->problem_ = other_user();
  table->public_name_ = std::move(name);
  table->policy_ = {client.pause, client.pause_overloaded, client.retries, settings.operation_timeout, settings.attempt_timeout};
  table->read_timeout_ = table->write_timeout_ = settings.attempt_timeout;
  table->scan_timeout_ = settings.read_attempt_timeout;
  table->bulk_timeout_ = settings.bulk_attempt_timeout;
  table->bulk_operation_timeout_ = settings.bulk_timeout;
  table->start_log_errors_ = client.start_log_errors;
  table->connection_ = std::move(connection);
  return table;
}

BigtableTable::BigtableTable(const BigtableTable& other)
    : client::TableBackend(other),
      std::enable_shared_from_this<BigtableTable>(),
      connection_(other.connection_),
      public_name_(other.public_name_),
      name_(other.name_),
      full_name_(other.full_name_),
      problem_(other.problem_),
      policy_(other.policy_),
      read_timeout_(other.read_timeout_),
      write_timeout_(other.write_timeout_),
      scan_timeout_(other.scan_timeout_),
      bulk_timeout_(other.bulk_timeout_),
      bulk_operation_timeout_(other.bulk_operation_timeout_),
      start_log_errors_(other.start_log_errors_),
      scope_(other.scope_) {}

void BigtableTable::apply(const TableOptions& options) {
  if (options.operation_timeout()) policy_.operation_timeout = bulk_operation_timeout_ = *options.operation_timeout();
  read_timeout_ = options.read_rpc_timeout().value_or(read_timeout_);
  write_timeout_ = options.write_rpc_timeout().value_or(write_timeout_);
  bulk_timeout_ = options.write_rpc_timeout().value_or(bulk_timeout_);
  scan_timeout_ = options.scan_timeout().value_or(scan_timeout_);
  policy_.pause = options.retry_pause().value_or(policy_.pause);
  policy_.pause_overloaded = std::max(policy_.pause, options.retry_pause_for_server_overloaded().value_or(policy_.pause_overloaded));
  if (options.max_attempts()) policy_.retries = std::max(1, *options.max_attempts()) - 1;
  start_log_errors_ = options.start_log_errors().value_or(start_log_errors_);
  if (!options.request_attributes().empty()) {
    problem_ = Error(Errc::unsupported, "TableOptions::request_attribute: Bigtable has nothing of the kind");
  }
}

TableOptions BigtableTable::options() const {
  TableOptions options;
  options.operation_timeout(policy_.operation_timeout).read_rpc_timeout(read_timeout_).write_rpc_timeout(write_timeout_);
  options.scan_timeout(scan_timeout_).retry_pause(policy_.pause).retry_pause_for_server_overloaded(policy_.pause_overloaded);
  options.max_attempts(policy_.retries + 1).start_log_errors(start_log_errors_);
  return options;
}

std::shared_ptr<const client::TableBackend> BigtableTable::with(const TableOptions& options) const {
  std::shared_ptr<BigtableTable> other(new BigtableTable(*this));
  other->apply(options);
  return other;
}

std::shared_ptr<const client::TableBackend> BigtableTable::in(const RequestScope::Ref& scope) const {
  if (connection_->settings().client.pool_type != PoolType::reusable) return nullptr;
  std::shared_ptr<BigtableTable> other(new BigtableTable(*this));
  other->scope_ = scope;
  return other;
}

CallPlan BigtableTable::plan(const char* path, std::chrono::milliseconds attempt_timeout) const {
  CallPlan plan;
  plan.path = path;
  plan.routing = routing_of_table(full_name_, app_profile());
  plan.policy = policy_;
  plan.policy.rpc_timeout = attempt_timeout;
  plan.scope = scope_;
  return plan;
}

std::optional<std::int64_t> BigtableTable::cell_clock() const {
  if (connection_->settings().server_timestamps) return std::nullopt;
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string BigtableTable::describe(std::string_view verb, std::string_view row) const {
  std::string text(verb);
  if (!row.empty()) text += " of row '" + core::to_string_binary(row) + "'";
  return text + " of table '" + name_.to_string() + "'";
}

void BigtableTable::start_warm_up(Done<void> done) const {
  start_sampling(shared_from_this(), std::move(done.cancel),
                 [finish = std::move(done.finish)](Result<std::vector<std::string>> keys) mutable {
                   finish(keys ? Result<void>() : keys.error());
                 });
}
void BigtableTable::start(Get get, Done<Row> done) const { start_get(shared_from_this(), std::move(get), std::move(done)); }
void BigtableTable::start_exists(Get get, Done<bool> done) const {
  bigtable::start_exists(shared_from_this(), std::move(get), std::move(done));
}
void BigtableTable::start(Put put, Done<void> done) const { start_put(shared_from_this(), std::move(put), std::move(done)); }
void BigtableTable::start(Delete del, Done<void> done) const { start_delete(shared_from_this(), std::move(del), std::move(done)); }
void BigtableTable::start(Append append, Done<Row> done) const { start_append(shared_from_this(), std::move(append), std::move(done)); }
void BigtableTable::start(Increment increment, Done<Row> done) const {
  start_increment(shared_from_this(), std::move(increment), std::move(done));
}
void BigtableTable::start(RowMutations mutations, Done<Row> done) const {
  start_mutate_row(shared_from_this(), std::move(mutations), std::move(done));
}
void BigtableTable::start(CheckAndMutate check, Done<CheckAndMutateResult> done) const {
  start_check_and_mutate(shared_from_this(), std::move(check), std::move(done));
}
void BigtableTable::start(std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done) const {
  start_batch(shared_from_this(), std::move(actions), std::move(on_result), std::move(done));
}
void BigtableTable::start(Scan scan, Done<std::vector<Row>> done) const {
  start_scan_all(shared_from_this(), std::move(scan), std::move(done));
}
void BigtableTable::start(std::string, CoprocessorCall, Done<std::string> done) const {
  end_soon(*connection_, std::move(done), no_coprocessors());
}
void BigtableTable::start(std::string, std::string, CoprocessorCall, CoprocessorCallback, Done<std::vector<CoprocessorAnswer>> done) const {
  end_soon(*connection_, std::move(done), no_coprocessors());
}
void BigtableTable::start(std::string, BulkLoad, Done<void> done) const {
  end_soon(*connection_, std::move(done), Error(Errc::unsupported, "bulk_load: Bigtable has no store files"));
}

std::shared_ptr<client::ScanSource> BigtableTable::scan(Scan scan) const {
  return std::make_shared<ScanStream>(shared_from_this(), std::move(scan));
}
std::shared_ptr<client::ScanSource> BigtableTable::parallel_scan(Scan scan, const ParallelScanOptions& options) const {
  return std::make_shared<client::ParallelScan>(shared_from_this(), std::move(scan), options);
}
std::shared_ptr<client::MutationSink> BigtableTable::buffered_mutator(const BufferedMutatorParams& params) const {
  return std::make_shared<BigtableMutator>(shared_from_this(), params);
}
std::shared_ptr<const client::LocatorBackend> BigtableTable::locator() const {
  return std::make_shared<BigtableLocator>(shared_from_this());
}

}  // namespace hbmux::bigtable
