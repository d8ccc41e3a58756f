// Latencies in buckets of at most 1.6 % width: recording is a few instructions and never allocates.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace hbmux::bench {

/// One thread records; add() joins the histograms of several threads afterwards.
class Histogram {
 public:
  void record(std::uint64_t ns) noexcept {
    ++counts_[bucket(ns)];
    ++total_;
  }
  void add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
  }
  std::uint64_t count() const noexcept { return total_; }

  /// The middle of the bucket below which `share` (0..1) of the values lie, in microseconds; 0 when empty.
  double quantile_us(double share) const noexcept {
    if (total_ == 0) return 0;
    auto left = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    for (std::size_t i = 0; i < kBuckets; ++i) {
      if (counts_[i] > left) return static_cast<double>(lower(i) + lower(i + 1)) / 2e3;
      left -= counts_[i];
    }
    return static_cast<double>(lower(kBuckets - 1)) / 1e3;
  }

 private:
  static constexpr int kSubBits = 6;  // 64 buckets for each power of two
  static constexpr std::size_t kBuckets = (40 - kSubBits) << kSubBits;

  static std::size_t bucket(std::uint64_t ns) noexcept {
    if (ns < (1u << kSubBits)) return ns;
    const int shift = std::bit_width(ns) - kSubBits - 1;
    const auto i = (static_cast<std::size_t>(shift) << kSubBits) + (ns >> shift);
    return i < kBuckets ? i : kBuckets - 1;
  }
  static std::uint64_t lower(std::size_t i) noexcept {
    if (i < (2u << kSubBits)) return i;
    const auto shift = (i >> kSubBits) - 1;
    return ((i & ((1u << kSubBits) - 1)) | (1u << kSubBits)) << shift;
  }

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace hbmux::bench
