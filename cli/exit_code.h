// What the command's exit status says to a script.
#pragma once

#include <hbmux/error.h>

namespace hbmux::cli {

enum class ExitCode : int {
  ok = 0,
  no = 1,           ///< The answer is "no": no such row, rows of a file rejected, or the demonstration found lost or wrong rows.
  usage = 2,        ///< The command line or the configuration cannot be used.
  unreachable = 3,  ///< No cluster there: not found, refused, lost.
  refused = 4,      ///< The cluster answered with an error: no such table, access denied.
  timed_out = 5,
};

ExitCode exit_code(Errc code) noexcept;

/// The lines of --help that explain all of them.
extern const char* const kExitCodeHelp;

}  // namespace hbmux::cli
