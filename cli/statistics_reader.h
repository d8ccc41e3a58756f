// Reads what ClusterConnection::expose_statistics serves.
#pragma once

#include <hbmux/error.h>
#include <hbmux/pool_statistics.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::cli {

/// Where `hbmux demo` puts its socket and `hbmux pool` looks: $XDG_RUNTIME_DIR, else $TMPDIR, else /tmp.
std::string statistics_folder();
/// A path there for this process: ".../hbmux-<pid>.sock".
std::string statistics_path_of_this_process();
/// The sockets there, in order of their names.
std::vector<std::string> find_statistics_sockets();

struct ReadStatistics {
  std::map<std::string, std::uint64_t> counters;
  std::vector<PoolEntryStatistics> pools;
  std::vector<std::string> failed_servers;
};

/// Errc::cannot_connect when nobody answers at `path`, Errc::protocol_error when it is somebody else.
Result<std::string> read_statistics_text(const std::string& path);
/// Skips lines and names that it does not know.
Result<ReadStatistics> parse_statistics(std::string_view text);

}  // namespace hbmux::cli
