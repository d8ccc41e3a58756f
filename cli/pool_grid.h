// The entries of a PoolMap as a table: in `hbmux pool`, and at the end of the demonstration.
#pragma once

#include "cli/grid.h"

#include <hbmux/pool_statistics.h>

#include <vector>

namespace hbmux::cli {

/// By user, service and address.
void sort_for_reading(std::vector<PoolEntryStatistics>& pools);
Grid pool_grid(std::vector<PoolEntryStatistics> pools);

}  // namespace hbmux::cli
