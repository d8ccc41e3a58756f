// How many resources all keys of a PoolMap have together.
#pragma once

#include <atomic>
#include <cstddef>

namespace hbmux::detail {

/// A counter with a bound. Any thread.
class PlaceCount {
 public:
  explicit PlaceCount(std::size_t max) : max_(max) {}

  /// One more, unless the bound (0: none) is reached. `beyond`: even then.
  bool take(bool beyond) noexcept {
    const std::size_t max = max_.load(std::memory_order_relaxed);
    if (beyond || max == 0) return count_.fetch_add(1, std::memory_order_relaxed), true;
    std::size_t now = count_.load(std::memory_order_relaxed);
    while (now < max) {
      if (count_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void give(std::size_t count) noexcept { count_.fetch_sub(count, std::memory_order_relaxed); }
  std::size_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
  void set_max(std::size_t max) noexcept { max_.store(max, std::memory_order_relaxed); }
  bool is_full() const noexcept {
    const std::size_t max = max_.load(std::memory_order_relaxed);
    return max != 0 && count() >= max;
  }

 private:
  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> max_;
};

}  // namespace hbmux::detail
