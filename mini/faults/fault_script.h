// A script of faults: what goes wrong when.
#pragma once

#include <hbmux/mini/fault.h>

#include <chrono>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// One line of a script:
///
///     TIME FAULT          at this time after the beginning; +TIME: after the line before
///     TIME heal [NAME]    ends all faults (of this name)
///
/// Empty lines and what follows a # are passed over.
struct ScriptLine {
  std::chrono::milliseconds at{0};
  bool heals = false;
  std::string heals_only = {};  ///< A name; empty for all.
  Fault fault = {};
};

/// In the order of their times. An error names the line.
Result<std::vector<ScriptLine>> parse_fault_script(std::string_view text);

}  // namespace hbmux::mini
