// Where hbmux tells what it does.
#pragma once

#include <functional>
#include <string_view>

namespace hbmux {

enum class LogLevel : unsigned char { trace, debug, info, warning, error, off };

/// Receives each message. Called from any thread, possibly several at once; must not block for long and must not throw.
using LogSink = std::function<void(LogLevel, std::string_view message)>;

/// Sets where messages of the whole process go and from which level on. The default sink writes warnings and errors to standard
/// error. An empty sink with LogLevel::off is silent and costs one relaxed load a message.
void set_log_sink(LogSink sink, LogLevel from);

}  // namespace hbmux
