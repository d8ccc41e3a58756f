#include "cli/progress.h"

#include "cli/text.h"
#include "core/bytes.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace hbmux::cli {

bool stderr_is_terminal() noexcept { return isatty(STDERR_FILENO) == 1; }
bool stdout_is_terminal() noexcept { return isatty(STDOUT_FILENO) == 1; }

std::size_t terminal_width() noexcept {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

Progress::Progress(std::string noun, bool forced)
    : noun_(std::move(noun)), terminal_(stderr_is_terminal()), enabled_(terminal_ || forced) {
  next_ = began_ + std::chrono::milliseconds(terminal_ ? 250 : 1000);
}

void Progress::count(std::string_view at) {
  ++counted_;
  if (!enabled_ || counted_ % 64 != 0) return;
  auto now = Clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(terminal_ ? 250 : 1000);
  show(at);
}

void Progress::show(std::string_view at) {
  std::string line = summary() + ", at " + core::to_string_binary(at);
  if (terminal_) {
    line.resize(std::min(line.size(), terminal_width() - 1));
    std::cerr << "\r\033[K" << line << std::flush;
    shown_ = true;
  } else {
    std::cerr << line << std::endl;
  }
}

std::string Progress::summary() const {
  auto time = Clock::now() - began_;
  double seconds = std::chrono::duration<double>(time).count();
  auto rate = static_cast<std::uint64_t>(seconds > 0 ? static_cast<double>(counted_) / seconds : 0);
  return with_commas(counted_) + ' ' + noun_ + " in " + duration_text(time) + ", " + with_commas(rate) + ' ' + noun_ +
         "/s";
}

void Progress::finish() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
  shown_ = false;
}

}  // namespace hbmux::cli
