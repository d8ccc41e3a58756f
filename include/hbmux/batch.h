// Several operations in one call.
#pragma once

#include <hbmux/append.h>
#include <hbmux/delete.h>
#include <hbmux/error.h>
#include <hbmux/get.h>
#include <hbmux/increment.h>
#include <hbmux/put.h>
#include <hbmux/row.h>

#include <variant>
#include <vector>

namespace hbmux {

/// One item of a batch.
using Action = std::variant<Get, Put, Delete, Append, Increment>;

/// One result an action, in the order given: a Row (empty for Put and Delete), or why that action failed. An action that failed says nothing
/// about the others.
using BatchResult = std::vector<Result<Row>>;

}  // namespace hbmux
