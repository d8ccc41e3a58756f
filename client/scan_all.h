// All rows of a scan at once.
#pragma once

#include "client/table_context.h"

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/row.h>
#include <hbmux/scan.h>

#include <memory>
#include <vector>

namespace hbmux::client {

/// Table::scan_all. Cancelling ends the scan.
void start_scan_all(std::shared_ptr<const TableContext> table, Scan scan, detail::Completion<Result<std::vector<Row>>> done);

}  // namespace hbmux::client
