// Conditional changes of one row, one after the other.
#pragma once

#include <hbmux/detail/unique_function.h>

#include <array>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

namespace hbmux::gateway {

/// A lock that is waited for without a thread. Rows share a bounded number of them. Any thread.
class RowLocks {
 public:
  using Work = detail::UniqueFunction<void()>;

  /// Held until it is destroyed; whoever waits next then runs, on the thread that lets go.
  class Lock {
   public:
    Lock() = default;
    Lock(RowLocks* locks, std::size_t stripe) : locks_(locks), stripe_(stripe) {}
    Lock(Lock&& other) noexcept : locks_(std::exchange(other.locks_, nullptr)), stripe_(other.stripe_) {}
    Lock& operator=(Lock&& other) noexcept {
      if (this != &other) {
        release();
        locks_ = std::exchange(other.locks_, nullptr);
        stripe_ = other.stripe_;
      }
      return *this;
    }
    ~Lock() { release(); }
    void release() {
      if (locks_ != nullptr) std::exchange(locks_, nullptr)->unlock(stripe_);
    }

   private:
    RowLocks* locks_ = nullptr;
    std::size_t stripe_ = 0;
  };

  static std::size_t stripe_of(std::string_view table, std::string_view row) noexcept;
  /// Runs `work` when the stripe is free, perhaps at once; it then has the lock and makes a Lock of it.
  void acquire(std::size_t stripe, Work work);

 private:
  friend class Lock;
  void unlock(std::size_t stripe);

  struct Stripe {
    std::mutex mutex;
    bool held = false;
    std::deque<Work> waiting;
  };
  static constexpr std::size_t kStripes = 1024;
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace hbmux::gateway
