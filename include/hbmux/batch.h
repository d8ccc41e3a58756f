// Several operations in one call.
#pragma once

#include <hbmux/append.h>
#include <hbmux/check_and_mutate.h>
#include <hbmux/delete.h>
#include <hbmux/error.h>
#include <hbmux/get.h>
#include <hbmux/increment.h>
#include <hbmux/put.h>
#include <hbmux/row.h>
#include <hbmux/row_mutations.h>

#include <cstddef>
#include <functional>
#include <variant>
#include <vector>

namespace hbmux {

/// One item of a batch.
using Action = std::variant<Get, Put, Delete, Append, Increment, RowMutations, CheckAndMutate>;

/// One result an action, in the order given: a Row (empty for Put and Delete), or why that action failed. An action that failed says nothing
/// about the others.
using BatchResult = std::vector<Result<ActionResult>>;

/// Told of each action's result as soon as it is there, with the action's index; on the connection's lanes, one call at a time, and before
/// the whole batch completes (Java: Batch.Callback, but for failures too). It must not block. Should it throw, that is logged.
using BatchCallback = std::function<void(std::size_t index, const Result<ActionResult>& result)>;

}  // namespace hbmux
