// Where the service would cut a table.
#pragma once

#include "bigtable/table.h"

#include <memory>
#include <string>
#include <vector>

namespace hbmux::bigtable {

/// Keys between which there is about as much data (SampleRowKeys), ascending; the beginning and the end of the table are not among them.
/// `done` runs on a lane, never within.
void start_sampling(TablePtr table, std::shared_ptr<detail::CancelPoint> cancel,
                    core::UniqueFunction<void(Result<std::vector<std::string>>)> done);

}  // namespace hbmux::bigtable
