// Gets and scans as ReadRows has them.
#pragma once

#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/error.h>
#include <hbmux/get.h>
#include <hbmux/scan.h>

namespace hbmux::bigtable {

/// One row, without a name of a table. `existence`: no values are needed, and one cell will do. What Bigtable cannot express is
/// Errc::unsupported, and names it.
Result<bt::ReadRowsRequest> read_request_of(const Get& get, bool existence);
/// The same of a scan. `rows().row_ranges()` is never empty: a scan that can have no rows gives nothing.
Result<std::optional<bt::ReadRowsRequest>> read_request_of(const Scan& scan);

}  // namespace hbmux::bigtable
