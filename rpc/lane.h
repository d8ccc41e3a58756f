// The seams between the protocol and the machine: streams, timers, threads, time. Real ones are in asio_lane.h; tests join client
// and server in memory on virtual time with their own.
#pragma once

#include "core/unique_function.h"

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hbmux::rpc {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Task = core::UniqueFunction<void()>;

/// A connected byte stream that never blocks. One thread at a time may write and one may read, both at once is fine; the rest
/// belongs to the stream's lane.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Bytes written; 0 with `ec` = would_block, or with another error.
  virtual std::size_t write_some(std::span<const std::string_view> buffers, boost::system::error_code& ec) noexcept = 0;
  /// Bytes read; 0 with `ec` = would_block, eof, or another error.
  virtual std::size_t read_some(char* at, std::size_t size, boost::system::error_code& ec) noexcept = 0;
  /// On the lane: `ready` runs on the lane, once, when reading (writing) would not block, or with an error.
  virtual void async_wait_readable(core::UniqueFunction<void(boost::system::error_code)> ready) = 0;
  virtual void async_wait_writable(core::UniqueFunction<void(boost::system::error_code)> ready) = 0;
  /// On the lane. Waits that are under way end with operation_aborted.
  virtual void close() noexcept = 0;
};

struct StreamOptions {
  bool no_delay = true;
  bool keep_alive = true;
};

/// One thread's worth of work: everything posted to it runs in order, never two at once.
class Lane {
 public:
  virtual ~Lane() = default;
  virtual TimePoint now() const noexcept = 0;
  /// Any thread. Runs `task` on the lane, later, never within this call. After stop() tasks still run, until the lane has nothing left.
  virtual void post(Task task) = 0;
  /// Any thread. Runs `task` on the lane at `at` or shortly after; at once when the lane is stopping (the task looks for itself).
  virtual void call_at(TimePoint at, Task task) = 0;
  /// Any thread. Opens a stream to `address`, trying its addresses in turn; `done` runs on the lane. Errors: cannot_resolve, cannot_connect,
  /// timed_out (as cannot_connect, the message says so). The returned function gives up (any thread; may be empty).
  virtual Task connect(const ServerAddress& address, const StreamOptions& options, TimePoint deadline,
                       core::UniqueFunction<void(Result<std::unique_ptr<Stream>>)> done) = 0;
  virtual bool runs_here() const noexcept = 0;
};

/// The lane whose thread this is; null elsewhere. Blocking calls look here.
const Lane* current_lane() noexcept;

}  // namespace hbmux::rpc
