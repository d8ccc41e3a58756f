#include "core/log.h"

#include <cstdio>
#include <memory>
#include <mutex>

namespace hbmux {
namespace core {

std::atomic<LogLevel> log_level{LogLevel::warning};

namespace {

std::mutex sink_mutex;

std::shared_ptr<const LogSink>& sink() {
  static std::shared_ptr<const LogSink> the_sink =
      std::make_shared<const LogSink>([](LogLevel level, std::string_view text) {
        const char* name = level >= LogLevel::error ? "error" : level == LogLevel::warning ? "warning" : "info";
        std::fprintf(stderr, "hbmux: %s: %.*s\n", name, static_cast<int>(text.size()), text.data());
      });
  return the_sink;
}

}  // namespace

void write_log(LogLevel level, std::string_view message) {
  std::shared_ptr<const LogSink> target;
  {
    std::lock_guard lock(sink_mutex);
    target = sink();
  }
  if (target && *target) (*target)(level, message);
}

}  // namespace core

void set_log_sink(LogSink new_sink, LogLevel from) {
  std::lock_guard lock(core::sink_mutex);
  core::sink() = std::make_shared<const LogSink>(std::move(new_sink));
  core::log_level.store(from, std::memory_order_relaxed);
}

}  // namespace hbmux
