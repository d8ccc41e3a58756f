// What the master does step by step, long after it has answered.
#pragma once

#include "client/admin_operation.h"

#include <cstdint>
#include <string>

namespace hbmux::pb {
class ForeignExceptionMessage;
}

namespace hbmux::client {

/// Whether the work is done, seen otherwise than by asking for the procedure.
using Confirm = core::UniqueFunction<AdminTask<Result<bool>>(AdminOperation&)>;

/// Waits until procedure `id` has ended, asking again after pauses of HBase's backoff table. `what` stands for it in
/// messages: "creating table 't'". A master forgets procedures some time after they ended, and answers then that there
/// is none: that counts as done when `confirm` says so. The procedure's own failure has the code of its exception.
AdminTask<Result<void>> wait_for_procedure(AdminOperation& operation, std::uint64_t id, std::string what,
                                           Confirm confirm);

/// The exception that a procedure ended with.
Error foreign_error(const pb::ForeignExceptionMessage& message);

/// Confirms that a table is in `state`; without one, that there is no such table.
Confirm table_is(TableName table, std::optional<core::TableStateCode> state);

}  // namespace hbmux::client
