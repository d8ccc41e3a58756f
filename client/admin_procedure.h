// What the master does step by step, long after it has answered.
#pragma once

#include "client/admin_operation.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hbmux::pb {
class ForeignExceptionMessage;
}

namespace hbmux::client {

/// Whether the work is done, seen otherwise than by asking for the procedure.
using Confirm = core::UniqueFunction<AdminTask<Result<bool>>(AdminOperation&)>;

/// Waits until procedure `id` has ended, asking again and again (polling_pause). `what` stands for it in
/// messages: "creating table 't'". A master forgets procedures some time after they ended, and answers then that there
/// is none: that counts as done when `confirm` says so. The procedure's own failure has the code of its exception.
AdminTask<Result<void>> wait_for_procedure(AdminOperation& operation, std::uint64_t id, std::string what,
                                           Confirm confirm);

/// Submits a procedure and waits for its end. A resend after a lost answer finds the first one by its nonce. `method` is a literal.
template <class Response, class Request>
AdminTask<Result<void>> run_procedure(AdminOperation& operation, std::string_view method, Request request, std::uint32_t priority,
                                      std::string what, Confirm confirm) {
  request.set_nonce_group(operation.connection().nonce_group());
  request.set_nonce(operation.connection().next_nonce());
  auto submitted = co_await operation.ask_master<Response>(method, std::move(request), priority);
  if (!submitted) co_return Error(submitted.error()).with_context(what);
  if (!submitted->has_proc_id()) {
    co_return Error(Errc::protocol_error, what + ": the master answered without the id of a procedure");
  }
  co_return co_await wait_for_procedure(operation, submitted->proc_id(), std::move(what), std::move(confirm));
}

/// The pause before the next question about what the master or hbase:meta will say some time: HBase's backoff table, of
/// which the long pauses (ten seconds and more) are left away. They spare a busy server; here they would make a user
/// wait for nothing.
std::chrono::nanoseconds polling_pause(const AdminOperation& operation, int attempt);

/// The exception that a procedure ended with.
Error foreign_error(const pb::ForeignExceptionMessage& message);

/// Confirms that a table is in `state`; without one, that there is no such table.
Confirm table_is(TableName table, std::optional<core::TableStateCode> state);

}  // namespace hbmux::client
