// How long operations took: counts in buckets, precise to 3 %.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace hbmux::cli {

/// The counts at one moment; two of them make an interval.
class LatencyCounts {
 public:
  static constexpr int kSubBucketBits = 5;
  static constexpr std::size_t kBuckets = (64 - kSubBucketBits) << kSubBucketBits;
  using Counts = std::array<std::uint64_t, kBuckets>;

  LatencyCounts() : counts_(std::make_unique<Counts>()) {}
  void add(std::size_t bucket, std::uint64_t count) noexcept {
    (*counts_)[bucket] += count;
    total_ += count;
  }
  /// What came since `earlier`.
  LatencyCounts since(const LatencyCounts& earlier) const;
  std::uint64_t total() const noexcept { return total_; }
  /// The time within which `share` (0.99) of the operations were done; zero when there were none.
  std::chrono::nanoseconds percentile(double share) const noexcept;

  static std::size_t bucket_of(std::chrono::nanoseconds time) noexcept;

 private:
  std::unique_ptr<Counts> counts_;
  std::uint64_t total_ = 0;
};

/// Written by one thread, read by any.
class Latency {
 public:
  void record(std::chrono::nanoseconds time) noexcept {
    auto& count = counts_[LatencyCounts::bucket_of(time)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void add_to(LatencyCounts& sum) const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, LatencyCounts::kBuckets> counts_{};
};

}  // namespace hbmux::cli
