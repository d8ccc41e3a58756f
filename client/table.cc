#include <hbmux/table.h>

#include "client/batch_operation.h"
#include "client/blocking.h"
#include "client/region_locator.h"
#include "client/mutator.h"
#include "client/parallel_scan.h"
#include "client/row_operations.h"
#include "client/scan_all.h"
#include "client/scan_operation.h"
#include "client/table_context.h"
#include "client/warm_up.h"
#include "rpc/wire/request_frame.h"

#include <algorithm>

namespace hbmux {
namespace client {

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

}  // namespace client

using client::block;
using detail::Completion;

Table::Table(std::shared_ptr<const client::TableContext> context) : context_(std::move(context)) {}

const TableName& Table::name() const noexcept { return context_->public_name(); }

Table Table::with(const TableOptions& options) const {
  auto context = std::make_shared<client::TableContext>(*context_);
  context->apply(options);
  return Table(std::move(context));
}

TableOptions Table::options() const { return context_->options(); }

Table Table::in(const RequestScope::Ref& scope) const {
  if (context_->connection->settings().pool_type != PoolType::reusable) return *this;
  auto context = std::make_shared<client::TableContext>(*context_);
  context->scope = scope;
  return Table(std::move(context));
}

RequestScope::Ref Table::scope() const noexcept { return context_->scope; }

void Table::start_warm_up(Completion<Result<void>> done) const { client::start_warm_up(context_, std::move(done)); }
Result<void> Table::warm_up() const {
  return block<Result<void>>([&](auto done) { start_warm_up(std::move(done)); });
}

void Table::start(Get get, Completion<Result<Row>> done) const {
  client::start_get(context_, std::move(get), std::move(done));
}
void Table::start_exists(Get get, Completion<Result<bool>> done) const {
  client::start_exists(context_, std::move(get), std::move(done));
}
void Table::start(Put put, Completion<Result<void>> done) const {
  client::start_put(context_, std::move(put), std::move(done));
}
void Table::start(Delete del, Completion<Result<void>> done) const {
  client::start_delete(context_, std::move(del), std::move(done));
}
void Table::start(Append append, Completion<Result<Row>> done) const {
  client::start_append(context_, std::move(append), std::move(done));
}
void Table::start(Increment increment, Completion<Result<Row>> done) const {
  client::start_increment(context_, std::move(increment), std::move(done));
}
void Table::start(std::string row, CoprocessorCall call, Completion<Result<std::string>> done) const {
  client::start_coprocessor(context_, std::move(row), std::move(call), std::move(done));
}
void Table::start(std::string start_row, std::string stop_row, CoprocessorCall call, CoprocessorCallback on_answer,
                  Completion<Result<std::vector<CoprocessorAnswer>>> done) const {
  client::start_coprocessor(context_, client::RowRange{std::move(start_row), std::move(stop_row)}, std::move(call),
                            std::move(on_answer), std::move(done));
}
void Table::start(RowMutations mutations, Completion<Result<Row>> done) const {
  client::start_mutate_row(context_, std::move(mutations), std::move(done));
}
void Table::start(Scan scan, Completion<Result<std::vector<Row>>> done) const {
  client::start_scan_all(context_, std::move(scan), std::move(done));
}
void Table::start(CheckAndMutate check, Completion<Result<CheckAndMutateResult>> done) const {
  client::start_check_and_mutate(context_, std::move(check), std::move(done));
}
void Table::start(std::vector<Action> actions, BatchCallback on_result, Completion<BatchResult> done) const {
  client::start_batch(context_, std::move(actions), std::move(on_result), std::move(done));
}

Result<Row> Table::get(Get get) const {
  return block<Result<Row>>([&](auto done) { start(std::move(get), std::move(done)); });
}
Result<bool> Table::exists(Get get) const {
  return block<Result<bool>>([&](auto done) { start_exists(std::move(get), std::move(done)); });
}
Result<void> Table::put(Put put) const {
  return block<Result<void>>([&](auto done) { start(std::move(put), std::move(done)); });
}
Result<void> Table::remove(Delete del) const {
  return block<Result<void>>([&](auto done) { start(std::move(del), std::move(done)); });
}
Result<Row> Table::append(Append append) const {
  return block<Result<Row>>([&](auto done) { start(std::move(append), std::move(done)); });
}
Result<Row> Table::increment(Increment increment) const {
  return block<Result<Row>>([&](auto done) { start(std::move(increment), std::move(done)); });
}
Result<Row> Table::mutate_row(RowMutations mutations) const {
  return block<Result<Row>>([&](auto done) { start(std::move(mutations), std::move(done)); });
}
Result<CheckAndMutateResult> Table::check_and_mutate(CheckAndMutate check) const {
  return block<Result<CheckAndMutateResult>>([&](auto done) { start(std::move(check), std::move(done)); });
}
Result<std::vector<Row>> Table::scan_all(Scan scan) const {
  return block<Result<std::vector<Row>>>([&](auto done) { start(std::move(scan), std::move(done)); });
}
BatchResult Table::batch(std::vector<Action> actions, BatchCallback on_result) const {
  if (rpc::current_lane() != nullptr) return BatchResult(actions.size(), client::blocking_call_on_lane());
  return client::wait_for<BatchResult>([&](auto done) { start(std::move(actions), std::move(on_result), std::move(done)); });
}
std::vector<Result<bool>> Table::exists(std::vector<Get> gets) const {
  std::vector<Action> actions;
  actions.reserve(gets.size());
  for (Get& get : gets) actions.emplace_back(std::move(get.check_existence_only(true)));
  std::vector<Result<bool>> answers;
  for (const auto& result : batch(std::move(actions))) answers.push_back(result ? Result<bool>(result->exists()) : result.error());
  return answers;
}

RegionLocator Table::region_locator() const { return RegionLocator(context_); }
Result<std::string> Table::coprocessor_service(std::string_view row, CoprocessorCall call) const {
  return block<Result<std::string>>([&](auto done) { start(std::string(row), std::move(call), std::move(done)); });
}
Result<std::vector<CoprocessorAnswer>> Table::coprocessor_service(std::string_view start_row, std::string_view stop_row,
                                                                  CoprocessorCall call, CoprocessorCallback on_answer) const {
  return block<Result<std::vector<CoprocessorAnswer>>>([&](auto done) {
    start(std::string(start_row), std::string(stop_row), std::move(call), std::move(on_answer), std::move(done));
  });
}
BufferedMutator Table::buffered_mutator(const BufferedMutatorParams& params) const {
  return BufferedMutator(std::make_shared<client::Mutator>(context_, params));
}
ParallelScanner Table::parallel_scan(Scan scan, const ParallelScanOptions& options) const {
  return ParallelScanner(std::make_shared<client::ParallelScan>(context_, std::move(scan), options));
}
Scanner Table::scan(Scan scan) const { return Scanner(client::make_scan(context_, std::move(scan))); }

}  // namespace hbmux
