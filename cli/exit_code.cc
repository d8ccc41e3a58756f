#include "cli/exit_code.h"

namespace hbmux::cli {

const char* const kExitCodeHelp =
    "Exit status:\n"
    "  0  done\n"
    "  1  the answer is no: no such row; load: rows rejected; demo: rows lost or wrong\n"
    "  2  the command line or the configuration cannot be used\n"
    "  3  the cluster cannot be reached\n"
    "  4  the cluster answered with an error (no such table, access denied, ...)\n"
    "  5  timed out, maybe because the cluster cannot be reached: the message says";

ExitCode exit_code(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::invalid_configuration:
    case Errc::unsupported: return ExitCode::usage;
    case Errc::cannot_resolve:
    case Errc::cannot_connect:
    case Errc::failed_server:
    case Errc::connection_lost:
    case Errc::protocol_error:
    case Errc::unavailable:
    case Errc::server_not_running:
    case Errc::master_not_running: return ExitCode::unreachable;
    case Errc::timed_out: return ExitCode::timed_out;
    default: return ExitCode::refused;
  }
}

}  // namespace hbmux::cli
