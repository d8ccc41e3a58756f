// Several operations at once.
#pragma once

#include "bigtable/table.h"

#include <hbmux/batch.h>
#include <hbmux/detail/completion.h>

#include <vector>

namespace hbmux::bigtable {

/// Changes go together as MutateRows, gets that ask for the same as ReadRows of many rows; the others are calls of their own, some at a
/// time.
void start_batch(TablePtr table, std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done);

}  // namespace hbmux::bigtable
