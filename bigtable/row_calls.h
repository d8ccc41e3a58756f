// The operations of a Table on one row.
#pragma once

#include "bigtable/table.h"

#include <hbmux/append.h>
#include <hbmux/check_and_mutate.h>
#include <hbmux/delete.h>
#include <hbmux/detail/completion.h>
#include <hbmux/get.h>
#include <hbmux/increment.h>
#include <hbmux/put.h>
#include <hbmux/row.h>
#include <hbmux/row_mutations.h>

namespace hbmux::bigtable {

// Each begins one operation; `done` is never called within.
void start_get(TablePtr table, Get get, detail::Completion<Result<Row>> done);
void start_exists(TablePtr table, Get get, detail::Completion<Result<bool>> done);
void start_put(TablePtr table, Put put, detail::Completion<Result<void>> done);
void start_delete(TablePtr table, Delete del, detail::Completion<Result<void>> done);
void start_append(TablePtr table, Append append, detail::Completion<Result<Row>> done);
void start_increment(TablePtr table, Increment increment, detail::Completion<Result<Row>> done);
void start_mutate_row(TablePtr table, RowMutations mutations, detail::Completion<Result<Row>> done);
void start_check_and_mutate(TablePtr table, CheckAndMutate check, detail::Completion<Result<CheckAndMutateResult>> done);

}  // namespace hbmux::bigtable
