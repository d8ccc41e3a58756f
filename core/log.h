// How the library logs: nothing is formatted unless somebody listens.
#pragma once

#include <hbmux/log.h>

#include <atomic>
#include <string>

namespace hbmux::core {

extern std::atomic<LogLevel> log_level;
void write_log(LogLevel level, std::string_view message);

inline bool log_enabled(LogLevel level) noexcept { return level >= log_level.load(std::memory_order_relaxed); }

/// `log(LogLevel::warning, [&] { return "..."; })`: the message is made only when it is wanted.
template <class Make>
void log(LogLevel level, Make&& make) {
  if (log_enabled(level)) write_log(level, make());
}

}  // namespace hbmux::core
