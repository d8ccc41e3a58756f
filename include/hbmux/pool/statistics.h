// What a PoolMap tells about itself.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hbmux {

/// Why a pool let go of a resource.
enum class CloseReason : std::uint8_t {
  dead,       ///< PoolConnector::is_alive() or matches() said no.
  failed,     ///< Given back tainted: an unfinished exchange, or an error of the transport.
  idle,       ///< Nobody used it for PoolOptions::idle_timeout.
  lifetime,   ///< Older than PoolOptions::lifetime_max.
  probe,      ///< It did not answer a probe.
  evicted,    ///< It made room for another key under PoolOptions::total_max.
  shrunk,     ///< More than the size that was set meanwhile.
  thread,     ///< Its thread has ended (PoolType::per_thread).
  closed,     ///< The pool was closed.
};
inline constexpr std::size_t kCloseReasons = 9;

std::string_view to_string(CloseReason reason) noexcept;  ///< "dead", "failed", ...

/// Counts of durations by powers of two of a microsecond: bucket i has those below 2^i us that are in no lower one; the last one has
/// the rest (35 minutes and more).
struct DurationHistogram {
  std::array<std::uint64_t, 32> counts{};

  void add(std::chrono::nanoseconds time) noexcept {
    const auto us = static_cast<std::uint64_t>(time.count() < 0 ? 0 : time.count() / 1000);
    ++counts[std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(us)), counts.size() - 1)];
  }
  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const auto count : counts) sum += count;
    return sum;
  }
  /// An upper bound of the duration that `share` (in [0, 1]) of all did not exceed; zero without any.
  std::chrono::microseconds quantile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total()) + 0.5);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      sum += counts[i];
      if (sum != 0 && sum >= wanted) return std::chrono::microseconds(std::uint64_t{1} << i);
    }
    return std::chrono::microseconds(0);
  }
};

/// Of one key.
struct PoolCounts {
  std::size_t open = 0;      ///< All that are open: in use, idle, or shared.
  std::size_t opening = 0;
  std::size_t in_use = 0;    ///< Lent out. Shared ones: those whose load() has calls.
  std::size_t idle = 0;
  std::size_t waiting = 0;   ///< Borrowers.
  std::uint64_t created = 0;
  std::uint64_t open_failures = 0;  ///< Attempts.
  std::uint64_t borrowed = 0;       ///< Handed out, at once or after a wait. Of shared ones only what could not be had without a lock.
  std::uint64_t given_up = 0;       ///< Borrowers that ended without one: by time-out, error, or cancelled.
  std::array<std::uint64_t, kCloseReasons> closed_by{};
  DurationHistogram waits;          ///< How long those who had to wait did.

  std::uint64_t closed() const noexcept {
    std::uint64_t sum = 0;
    for (const auto count : closed_by) sum += count;
    return sum;
  }
};

}  // namespace hbmux
