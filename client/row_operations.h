// The operations of a Table on one row.
#pragma once

#include "client/table_context.h"

#include <hbmux/append.h>
#include <hbmux/delete.h>
#include <hbmux/detail/completion.h>
#include <hbmux/get.h>
#include <hbmux/increment.h>
#include <hbmux/put.h>
#include <hbmux/row.h>

#include <memory>

namespace hbmux::client {

using TableContextPtr = std::shared_ptr<const TableContext>;

// Each begins one operation; `done` is never called within.
void start_get(TableContextPtr table, Get get, detail::Completion<Result<Row>> done);
void start_exists(TableContextPtr table, Get get, detail::Completion<Result<bool>> done);
void start_put(TableContextPtr table, Put put, detail::Completion<Result<void>> done);
void start_delete(TableContextPtr table, Delete del, detail::Completion<Result<void>> done);
void start_append(TableContextPtr table, Append append, detail::Completion<Result<Row>> done);
void start_increment(TableContextPtr table, Increment increment, detail::Completion<Result<Row>> done);

/// What is wrong with a mutation, for operations and batches alike; empty when nothing is. `bytes_max`: of one cell, 0 for no limit.
std::string mutation_problem(const Mutation& mutation, bool may_be_empty, std::size_t bytes_max);

}  // namespace hbmux::client
