// Numbers that follow from a seed.
#pragma once

#include <chrono>
#include <cstdint>

namespace hbmux::sim {

/// SplitMix64. Of its own rather than the standard library's distributions, so that a seed means the same run
/// everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [0, bound); bound is not 0.
  std::uint64_t below(std::uint64_t bound) noexcept { return bits() % bound; }
  /// Both included.
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool chance(double probability) noexcept { return static_cast<double>(bits() >> 11) * 0x1p-53 < probability; }
  /// Mostly near `low`, now and then up to `high`.
  std::int64_t skewed(std::int64_t low, std::int64_t high) noexcept {
    return between(low, low + ((high - low) >> below(8)));
  }
  std::chrono::microseconds time(std::chrono::microseconds low, std::chrono::microseconds high) noexcept {
    return std::chrono::microseconds(skewed(low.count(), high.count()));
  }
  /// Another generator, whose numbers do not depend on how many are drawn from this one later.
  Random fork() noexcept { return Random(bits()); }

 private:
  std::uint64_t state_;
};

}  // namespace hbmux::sim
