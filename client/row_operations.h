// The operations of a Table on one row.
#pragma once

#include "client/table_context.h"

#include <hbmux/append.h>
#include <hbmux/check_and_mutate.h>
#include <hbmux/bulk_load.h>
#include <hbmux/coprocessor.h>
#include <hbmux/delete.h>
#include <hbmux/detail/completion.h>
#include <hbmux/get.h>
#include <hbmux/increment.h>
#include <hbmux/put.h>
#include <hbmux/row.h>
#include <hbmux/row_mutations.h>

#include <memory>
#include <string>
#include <vector>

namespace hbmux::client {

using TableContextPtr = std::shared_ptr<const TableContext>;

// Each begins one operation; `done` is never called within.
void start_get(TableContextPtr table, Get get, detail::Completion<Result<Row>> done);
/// The same with hbase.client.primaryCallTimeout.multiget.
void start_get_of_batch(TableContextPtr table, Get get, detail::Completion<Result<Row>> done);
void start_exists(TableContextPtr table, Get get, detail::Completion<Result<bool>> done);
void start_put(TableContextPtr table, Put put, detail::Completion<Result<void>> done);
void start_delete(TableContextPtr table, Delete del, detail::Completion<Result<void>> done);
void start_append(TableContextPtr table, Append append, detail::Completion<Result<Row>> done);
void start_increment(TableContextPtr table, Increment increment, detail::Completion<Result<Row>> done);
void start_mutate_row(TableContextPtr table, RowMutations mutations, detail::Completion<Result<Row>> done);
/// A coprocessor endpoint of the region with `row`.
void start_coprocessor(TableContextPtr table, std::string row, CoprocessorCall call, detail::Completion<Result<std::string>> done);
/// From `start` (inclusive) to `stop`; empty: the ends of the table.
struct RowRange {
  std::string start, stop;
  bool include_stop = true;
};
/// The same endpoint of all regions that have rows of `range`, all at once; an answer for each, in order. `on_answer` may be empty.
void start_coprocessor(TableContextPtr table, RowRange range, CoprocessorCall call, CoprocessorCallback on_answer,
                       detail::Completion<Result<std::vector<CoprocessorAnswer>>> done);
/// The region with `row` takes files over.
void start_bulk_load(TableContextPtr table, std::string row, BulkLoad load, detail::Completion<Result<void>> done);
void start_check_and_mutate(TableContextPtr table, CheckAndMutate check, detail::Completion<Result<CheckAndMutateResult>> done);

}  // namespace hbmux::client
