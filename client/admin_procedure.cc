#include "client/admin_procedure.h"

#include "core/exception_class.h"

#include <hbmux/pb/Master.pb.h>

#include <algorithm>
#include <utility>

namespace hbmux::client {
namespace {

// A master that has just started may not have read its list of procedures yet, and the table's state is a little older
// than the answer.
constexpr int kNotFoundMax = 5;

AdminTask<Result<bool>> confirm_state(AdminOperation& operation, TableName table,
                                      std::optional<core::TableStateCode> state) {
  auto found = co_await operation.table_state(std::move(table));
  if (!found) co_return found.error();
  co_return *found == state;
}

}  // namespace

Confirm table_is(TableName table, std::optional<core::TableStateCode> state) {
  return
      [table = std::move(table), state](AdminOperation& operation) { return confirm_state(operation, table, state); };
}

std::chrono::nanoseconds polling_pause(const AdminOperation& operation, int attempt) {
  constexpr int kLongest = 5;  // ten times hbase.client.pause
  return core::backoff(operation.connection().settings().pause, std::min(attempt, kLongest), 0);
}

Error foreign_error(const pb::ForeignExceptionMessage& message) {
  const auto& exception = message.generic_exception();
  const std::string trace = exception.class_name() + ": " + exception.message();
  core::ServerException server_exception;
  server_exception.class_name = exception.class_name();
  server_exception.stack_trace = trace;
  return core::make_error(server_exception);
}

AdminTask<Result<void>> wait_for_procedure(AdminOperation& operation, std::uint64_t id, std::string what,
                                           Confirm confirm) {
  using State = pb::GetProcedureResultResponse;
  int not_found = 0;
  for (int attempt = 1;; ++attempt) {
    pb::GetProcedureResultRequest request;
    request.set_proc_id(id);
    auto response = co_await operation.ask_master<State>("getProcedureResult", std::move(request));
    if (!response) {
      co_return Error(response.error())
          .with_context(what + " (procedure " + std::to_string(id) + ", which may still be at work)");
    }
    if (response->state() != State::RUNNING && response->has_exception()) {
      co_return foreign_error(response->exception()).with_context(what);
    }
    if (response->state() == State::FINISHED) co_return Result<void>();
    if (response->state() == State::NOT_FOUND) {
      auto task = confirm(operation);
      auto done = co_await std::move(task);
      if (!done) co_return Error(done.error()).with_context(what);
      if (*done) co_return Result<void>();
      if (++not_found == kNotFoundMax) {
        co_return Error(Errc::server_exception, what + ": the master does not know procedure " + std::to_string(id) +
                                                    ", and what it was to do is not done");
      }
    }
    const auto rest = polling_pause(operation, attempt);
    if (operation.now() + rest >= operation.deadline()) {
      co_return Error(Errc::timed_out,
                      what + ": procedure " + std::to_string(id) +
                          " is still at work at the master, and time is up (hbase.client.operation.timeout)");
    }
    auto waited = co_await operation.pause(rest);
    if (!waited) co_return waited.error();
  }
}

}  // namespace hbmux::client
