#include <hbmux/table.h>

#include "client/blocking.h"
#include "client/table_backend.h"

namespace hbmux {

using client::block;
using detail::Completion;

Table::Table(std::shared_ptr<const client::TableBackend> backend) : backend_(std::move(backend)) {}

const TableName& Table::name() const noexcept { return backend_->public_name(); }

Table Table::with(const TableOptions& options) const { return Table(backend_->with(options)); }

TableOptions Table::options() const { return backend_->options(); }

Table Table::in(const RequestScope::Ref& scope) const {
  auto other = backend_->in(scope);
  return other ? Table(std::move(other)) : *this;
}

RequestScope::Ref Table::scope() const noexcept { return backend_->request_scope(); }

void Table::start_warm_up(Completion<Result<void>> done) const { backend_->start_warm_up(std::move(done)); }
Result<void> Table::warm_up() const {
  return block<Result<void>>([&](auto done) { start_warm_up(std::move(done)); });
}

void Table::start(Get get, Completion<Result<Row>> done) const {
  backend_->start(std::move(get), std::move(done));
}
void Table::start_exists(Get get, Completion<Result<bool>> done) const {
  backend_->start_exists(std::move(get), std::move(done));
}
void Table::start(Put put, Completion<Result<void>> done) const {
  backend_->start(std::move(put), std::move(done));
}
void Table::start(Delete del, Completion<Result<void>> done) const {
  backend_->start(std::move(del), std::move(done));
}
void Table::start(Append append, Completion<Result<Row>> done) const {
  backend_->start(std::move(append), std::move(done));
}
void Table::start(Increment increment, Completion<Result<Row>> done) const {
  backend_->start(std::move(increment), std::move(done));
}
void Table::start(std::string row, CoprocessorCall call, Completion<Result<std::string>> done) const {
  backend_->start(std::move(row), std::move(call), std::move(done));
}
void Table::start(std::string start_row, std::string stop_row, CoprocessorCall call, CoprocessorCallback on_answer,
                  Completion<Result<std::vector<CoprocessorAnswer>>> done) const {
  backend_->start(std::move(start_row), std::move(stop_row), std::move(call), std::move(on_answer), std::move(done));
}
void Table::start(std::string row, BulkLoad load, Completion<Result<void>> done) const {
  backend_->start(std::move(row), std::move(load), std::move(done));
}
void Table::start(RowMutations mutations, Completion<Result<Row>> done) const {
  backend_->start(std::move(mutations), std::move(done));
}
void Table::start(Scan scan, Completion<Result<std::vector<Row>>> done) const {
  backend_->start(std::move(scan), std::move(done));
}
void Table::start(CheckAndMutate check, Completion<Result<CheckAndMutateResult>> done) const {
  backend_->start(std::move(check), std::move(done));
}
void Table::start(std::vector<Action> actions, BatchCallback on_result, Completion<BatchResult> done) const {
  backend_->start(std::move(actions), std::move(on_result), std::move(done));
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

RegionLocator Table::region_locator() const { return RegionLocator(backend_->locator()); }
Result<std::string> Table::coprocessor_service(std::string_view row, CoprocessorCall call) const {
  return block<Result<std::string>>([&](auto done) { start(std::string(row), std::move(call), std::move(done)); });
}
Result<std::vector<CoprocessorAnswer>> Table::coprocessor_service(std::string_view start_row, std::string_view stop_row,
                                                                  CoprocessorCall call, CoprocessorCallback on_answer) const {
  return block<Result<std::vector<CoprocessorAnswer>>>([&](auto done) {
    start(std::string(start_row), std::string(stop_row), std::move(call), std::move(on_answer), std::move(done));
  });
}
Result<void> Table::bulk_load(std::string_view row, BulkLoad load) const {
  return block<Result<void>>([&](auto done) { start(std::string(row), std::move(load), std::move(done)); });
}
BufferedMutator Table::buffered_mutator(const BufferedMutatorParams& params) const {
  return BufferedMutator(backend_->buffered_mutator(params));
}
ParallelScanner Table::parallel_scan(Scan scan, const ParallelScanOptions& options) const {
  return ParallelScanner(backend_->parallel_scan(std::move(scan), options));
}
Scanner Table::scan(Scan scan) const { return Scanner(backend_->scan(std::move(scan))); }

}  // namespace hbmux
