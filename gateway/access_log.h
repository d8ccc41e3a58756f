// One line for each call, in a file.
#pragma once

#include "gateway/call_journal.h"

#include <hbmux/error.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace hbmux::gateway {

/// Lines of JSON:
///   {"time":"2026-01-31T12:00:00.123Z","peer":"ipv4:10.0.0.7:40212","method":"ReadRows","table":"projects/...","rows":12,
///    "bytes_in":64,"bytes_out":2048,"status":"OK","millis":1.25}
/// Written by a thread of its own, so that a slow disk holds up no call: what does not fit into its buffer meanwhile is counted and left out.
/// Any thread.
class AccessLog {
 public:
  static constexpr std::size_t kBufferMax = std::size_t{4} << 20;

  /// Appends to the file; "-" is the standard output.
  static Result<std::shared_ptr<AccessLog>> open(const std::string& path);
  AccessLog(std::string path, int file);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  /// Writes what is left.
  ~AccessLog();

  void add(const CallReport& report);
  /// Opens the path again, when somebody has moved the file away. When that fails it goes on with the one that it has.
  Result<void> reopen();
  /// Lines that were left out, as there was no room or they could not be written.
  std::uint64_t lost() const;

  static std::string line_of(const CallReport& report);

 private:
  void write_loop();

  const std::string path_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int file_;
  int next_file_ = -1;  // from reopen(): in use from the next lines on
  std::string buffer_;
  std::uint64_t lines_ = 0;  // in the buffer
  std::uint64_t lost_ = 0;
  bool ended_ = false;
  std::thread thread_;
};

/// A text in quotes, as JSON has it. What is no UTF-8 becomes U+FFFD.
std::string json_quoted(std::string_view text);

}  // namespace hbmux::gateway
