// A ClusterConnection's statistics as text, for `hbmux pool` and for people with `nc -U`.
#pragma once

#include <hbmux/pool_statistics.h>

#include <string>

namespace hbmux::client {

/// Lines: "hbmux 1" (the format's version); then `name=value` for each counter; then for each entry of the pools
/// `pool address=... user=... service=... type=... size=... open=... in_use=... waiting=... calls=... created=...
/// closed=...`; then `failed_server address=...` for each server on that list. In values, bytes up to and including the
/// blank, '=', '%' and those above '~' are written as %XX. Readers skip lines and names that they do not know.
std::string format_statistics(const ConnectionStatistics& statistics);

}  // namespace hbmux::client
