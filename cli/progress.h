// How far a long operation has come, on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hbmux::cli {

/// Whether standard error is a terminal.
bool stderr_is_terminal() noexcept;
bool stdout_is_terminal() noexcept;
/// Columns of the terminal behind standard error; 80 when it has none.
std::size_t terminal_width() noexcept;

/// On a terminal one line that is written over a few times a second, and gone at the end; else, if it is wanted, a line
/// every second. Used by one thread.
class Progress {
 public:
  /// `noun`: what is counted, in the plural. `forced`: also where there is no terminal.
  Progress(std::string noun, bool forced);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more; `at` is the row it was found at. Cheap: it looks at the clock once in 64 calls.
  void count(std::string_view at);
  std::uint64_t counted() const noexcept { return counted_; }
  /// Shows nothing more.
  void disable() noexcept { enabled_ = false; }
  /// "1,234 rows in 0.5 s, 2,468 rows/s"
  std::string summary() const;
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void show(std::string_view at);

  std::string noun_;
  bool terminal_;
  bool enabled_;
  bool shown_ = false;
  std::uint64_t counted_ = 0;
  Clock::time_point began_ = Clock::now();
  Clock::time_point next_;
};

}  // namespace hbmux::cli
