// Where a pool's time comes from, and where its timers run.
#pragma once

#include <hbmux/detail/unique_function.h>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>

namespace hbmux {

/// A clock, timers, and a place to run things later. Outlives the pools that use it (they share it). Tests bring their own, on virtual time.
class PoolRuntime {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Task = detail::UniqueFunction<void()>;

  virtual ~PoolRuntime() = default;
  virtual TimePoint now() const noexcept = 0;
  /// As now(), but may be some milliseconds behind where that is cheaper.
  virtual TimePoint coarse_now() const noexcept { return now(); }
  /// Any thread. Never runs `task` within this call.
  virtual void post(Task task) = 0;
  /// Any thread. Runs `task` at `at` or shortly after; a runtime that ends may drop it.
  virtual void call_at(TimePoint at, Task task) = 0;
};

/// On an executor of the user's; its context has to run.
std::shared_ptr<PoolRuntime> make_pool_runtime(boost::asio::any_io_executor executor);
/// With a thread of its own, which ends with it.
std::shared_ptr<PoolRuntime> make_pool_runtime();

}  // namespace hbmux
