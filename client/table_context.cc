#include "client/table_context.h"

#include "client/batch_operation.h"
#include "client/mutator.h"
#include "client/native_locator.h"
#include "client/parallel_scan.h"
#include "client/region_locator.h"
#include "client/row_operations.h"
#include "client/scan_all.h"
#include "client/scan_operation.h"
#include "client/warm_up.h"
#include "rpc/wire/request_frame.h"

#include <algorithm>

namespace hbmux::client {

constexpr std::uint32_t kSystemTablePriority = 200;  // HConstants.SYSTEMTABLE_QOS

std::shared_ptr<const TableContext> TableContext::make(std::shared_ptr<ConnectionState> connection, TableName name,
                                                       std::shared_ptr<const User> user) {
  const auto& settings = connection->settings();
  auto context = std::make_shared<TableContext>();
  if (!settings.table_prefix.empty()) {
    context->given_name = std::make_shared<const TableName>(name);
    name = settings.table_prefix.apply(std::move(name));
  }
  const bool meta = name == TableName::meta();
  context->operation_timeout = meta ? settings.meta_operation_timeout : settings.operation_timeout;
  context->read_timeout = meta ? settings.meta_rpc_read_timeout : settings.rpc_read_timeout;
  context->write_timeout = settings.rpc_write_timeout;
  context->scanner_timeout = meta ? settings.meta_scanner_timeout : settings.scanner_timeout;
  context->retries = settings.retries;
  context->pause = settings.pause;
  context->pause_overloaded = settings.pause_overloaded;
  context->start_log_errors = settings.start_log_errors;
  if (name.is_system()) context->priority = kSystemTablePriority;
  if (*user != *connection->user()) context->keys = std::make_shared<KeysOfUser>(user);
  context->locations = connection->locator().table(name);
  context->user = std::move(user);
  context->connection = std::move(connection);
  return context;
}

void TableContext::apply(const TableOptions& options) {
  operation_timeout = options.operation_timeout().value_or(operation_timeout);
  read_timeout = options.read_rpc_timeout().value_or(read_timeout);
  write_timeout = options.write_rpc_timeout().value_or(write_timeout);
  scanner_timeout = options.scan_timeout().value_or(scanner_timeout);
  pause = options.retry_pause().value_or(pause);
  pause_overloaded = std::max(pause, options.retry_pause_for_server_overloaded().value_or(pause_overloaded));
  if (options.max_attempts()) retries = std::max(1, *options.max_attempts()) - 1;
  start_log_errors = options.start_log_errors().value_or(start_log_errors);
  if (!options.request_attributes().empty()) {
    request_attributes = std::make_shared<const Attributes>(options.request_attributes());
    header_attributes = rpc::wire::encode_attributes(*request_attributes);
  }
}

TableOptions TableContext::options() const {
  TableOptions options;
  options.operation_timeout(operation_timeout).read_rpc_timeout(read_timeout).write_rpc_timeout(write_timeout);
  options.scan_timeout(scanner_timeout).retry_pause(pause).retry_pause_for_server_overloaded(pause_overloaded);
  options.max_attempts(retries + 1).start_log_errors(start_log_errors);
  if (request_attributes) {
    for (const auto& [name, value] : *request_attributes) options.request_attribute(name, value);
  }
  return options;
}

std::shared_ptr<const TableBackend> TableContext::with(const TableOptions& options) const {
  auto other = std::make_shared<TableContext>(*this);
  other->apply(options);
  return other;
}

std::shared_ptr<const TableBackend> TableContext::in(const RequestScope::Ref& request_scope) const {
  if (connection->settings().pool_type != PoolType::reusable) return nullptr;
  auto other = std::make_shared<TableContext>(*this);
  other->scope = request_scope;
  return other;
}

void TableContext::start_warm_up(Done<void> done) const { client::start_warm_up(shared_from_this(), std::move(done)); }
void TableContext::start(Get get, Done<Row> done) const { start_get(shared_from_this(), std::move(get), std::move(done)); }
void TableContext::start_exists(Get get, Done<bool> done) const {
  client::start_exists(shared_from_this(), std::move(get), std::move(done));
}
void TableContext::start(Put put, Done<void> done) const { start_put(shared_from_this(), std::move(put), std::move(done)); }
void TableContext::start(Delete del, Done<void> done) const { start_delete(shared_from_this(), std::move(del), std::move(done)); }
void TableContext::start(Append append, Done<Row> done) const { start_append(shared_from_this(), std::move(append), std::move(done)); }
void TableContext::start(Increment increment, Done<Row> done) const {
  start_increment(shared_from_this(), std::move(increment), std::move(done));
}
void TableContext::start(RowMutations mutations, Done<Row> done) const {
  start_mutate_row(shared_from_this(), std::move(mutations), std::move(done));
}
void TableContext::start(CheckAndMutate check, Done<CheckAndMutateResult> done) const {
  start_check_and_mutate(shared_from_this(), std::move(check), std::move(done));
}
void TableContext::start(std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done) const {
  start_batch(shared_from_this(), std::move(actions), std::move(on_result), std::move(done));
}
void TableContext::start(Scan scan, Done<std::vector<Row>> done) const {
  start_scan_all(shared_from_this(), std::move(scan), std::move(done));
}
void TableContext::start(std::string row, CoprocessorCall call, Done<std::string> done) const {
  start_coprocessor(shared_from_this(), std::move(row), std::move(call), std::move(done));
}
void TableContext::start(std::string start_row, std::string stop_row, CoprocessorCall call, CoprocessorCallback on_answer,
                         Done<std::vector<CoprocessorAnswer>> done) const {
  start_coprocessor(shared_from_this(), RowRange{std::move(start_row), std::move(stop_row)}, std::move(call), std::move(on_answer),
                    std::move(done));
}
void TableContext::start(std::string row, BulkLoad load, Done<void> done) const {
  start_bulk_load(shared_from_this(), std::move(row), std::move(load), std::move(done));
}

std::shared_ptr<ScanSource> TableContext::scan(Scan scan) const { return make_scan(shared_from_this(), std::move(scan)); }
std::shared_ptr<ScanSource> TableContext::parallel_scan(Scan scan, const ParallelScanOptions& options) const {
  return std::make_shared<ParallelScan>(shared_from_this(), std::move(scan), options);
}
std::shared_ptr<MutationSink> TableContext::buffered_mutator(const BufferedMutatorParams& params) const {
  return std::make_shared<Mutator>(shared_from_this(), params);
}
std::shared_ptr<const LocatorBackend> TableContext::locator() const { return std::make_shared<NativeLocator>(shared_from_this()); }

}  // namespace hbmux::client
