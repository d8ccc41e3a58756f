// Connections to all servers of a table, before anybody needs them.
#pragma once

#include "client/table_context.h"

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>

#include <memory>

namespace hbmux::client {

/// Table::warm_up. Cancelling ends the wait; what is being opened goes on.
void start_warm_up(std::shared_ptr<const TableContext> table, detail::Completion<Result<void>> done);

}  // namespace hbmux::client
