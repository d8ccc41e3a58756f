#include "gateway/access_log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace hbmux::gateway {
namespace {

constexpr std::string_view kStandardOutput = "-";

Result<int> open_file(const std::string& path) {
  const int file = path == kStandardOutput ? ::dup(STDOUT_FILENO) : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (file >= 0) return file;
  return Error(Errc::invalid_argument, "the access log '" + path + "' cannot be opened: " + std::strerror(errno));
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string text_of(std::chrono::system_clock::time_point time) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  const std::time_t seconds = static_cast<std::time_t>(millis / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(millis % 1000));
  return text.data();
}

/// How many bytes the character of UTF-8 at the beginning has; 0 when there is none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return size;
}

}  // namespace

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const char c = text.front();
    if (size == 0) {
      out += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
      out += code.data();
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out += '"';
}

std::string AccessLog::line_of(const CallReport& report) {
  std::array<char, 32> millis{};
  std::snprintf(millis.data(), millis.size(), "%.3f", static_cast<double>(report.duration.count()) / 1e6);
  return "{\"time\":\"" + text_of(report.began) + "\",\"peer\":" + json_quoted(report.peer) + ",\"method\":" + json_quoted(report.method) +
         ",\"table\":" + json_quoted(report.table) + ",\"rows\":" + std::to_string(report.rows) + ",\"bytes_in\":" +
         std::to_string(report.bytes_in) + ",\"bytes_out\":" + std::to_string(report.bytes_out) + ",\"status\":\"" +
         std::string(to_string(report.code)) + "\",\"millis\":" + millis.data() + "}\n";
}

Result<std::shared_ptr<AccessLog>> AccessLog::open(const std::string& path) {
  const auto file = open_file(path);
  if (!file) return file.error();
  return std::make_shared<AccessLog>(path, *file);
}

AccessLog::AccessLog(std::string path, int file) : path_(std::move(path)), file_(file), thread_([this] { write_loop(); }) {}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
  ::close(file_);
}

void AccessLog::add(const CallReport& report) {
  const std::string line = line_of(report);
  const std::lock_guard lock(mutex_);
  if (buffer_.size() + line.size() > kBufferMax) {
    ++lost_;
    return;
  }
  if (buffer_.empty()) changed_.notify_one();
  buffer_ += line;
  ++lines_;
}

Result<void> AccessLog::reopen() {
  const auto file = open_file(path_);
  if (!file) return file.error();
  int replaced = -1;
  {
    const std::lock_guard lock(mutex_);
    replaced = std::exchange(next_file_, *file);
  }
  changed_.notify_one();
  if (replaced >= 0) ::close(replaced);
  return {};
}

std::uint64_t AccessLog::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

void AccessLog::write_loop() {
  sigset_t broken_pipe;  // of a standard output that nobody reads any more: an error will do
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ended_ || next_file_ >= 0 || !buffer_.empty(); });
    if (next_file_ >= 0) ::close(std::exchange(file_, std::exchange(next_file_, -1)));
    if (buffer_.empty()) {
      if (ended_) return;
      continue;
    }
    const std::string bytes = std::exchange(buffer_, {});
    const std::uint64_t lines = std::exchange(lines_, 0);
    lock.unlock();
    const bool written = write_all(file_, bytes);
    lock.lock();
    if (!written) lost_ += lines;
  }
}

}  // namespace hbmux::gateway
