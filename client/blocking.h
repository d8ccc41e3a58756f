// The blocking form of an asynchronous operation: start it, sleep until it has ended.
#pragma once

#include "rpc/lane.h"

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

namespace hbmux::client {

/// Lives on the stack of the thread that waits. The lane that finishes it may still be inside futex_wake when the waiter has gone on
/// and the stack is used for something else: the kernel only compares the address, and who else waits there sees a wake-up for nothing, which
/// every user of a futex has to expect.
template <class T>
class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  detail::Completion<T> completion() {
    return {[this](T result) { finish(std::move(result)); }, nullptr, false};
  }

  T wait() {
    while (state_.load(std::memory_order_acquire) != kDone) {
      std::uint32_t expected = kRunning;
      if (state_.compare_exchange_strong(expected, kAsleep, std::memory_order_acquire) || expected == kAsleep) {
        ::syscall(SYS_futex, &state_, FUTEX_WAIT_PRIVATE, kAsleep, nullptr, nullptr, 0);
      }
    }
    return std::move(*result_);
  }

 private:
  static constexpr std::uint32_t kRunning = 0, kAsleep = 1, kDone = 2;

  void finish(T result) {
    result_.emplace(std::move(result));
    auto* const state = &state_;
    if (state->exchange(kDone, std::memory_order_release) == kAsleep) {
      ::syscall(SYS_futex, state, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
  }

  std::atomic<std::uint32_t> state_{kRunning};
  std::optional<T> result_;
};

inline Error blocking_call_on_lane() {
  return Error(Errc::blocking_call_on_lane,
               "a blocking call was made in a handler that runs on one of the connection's own threads; use the async_ form there");
}

/// Runs `start(completion)` and waits for it. The caller has looked at rpc::current_lane().
template <class T, class Start>
T wait_for(Start&& start) {
  Waiter<T> waiter;
  std::forward<Start>(start)(waiter.completion());
  return waiter.wait();
}

/// The same for operations that answer with a Result: on a lane it is an error, not a deadlock.
template <class T, class Start>
T block(Start&& start) {
  if (rpc::current_lane() != nullptr) return blocking_call_on_lane();
  return wait_for<T>(std::forward<Start>(start));
}

}  // namespace hbmux::client
