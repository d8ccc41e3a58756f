#include "cli/latency.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hbmux::cli {
namespace {
constexpr std::uint64_t kSubBuckets = std::uint64_t{1} << LatencyCounts::kSubBucketBits;
}

// Below kSubBuckets a bucket is one nanosecond; above, each power of two is cut into kSubBuckets.
std::size_t LatencyCounts::bucket_of(std::chrono::nanoseconds time) noexcept {
  auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
  if (ns < kSubBuckets) return ns;
  int shift = std::bit_width(ns) - 1 - kSubBucketBits;
  return (static_cast<std::size_t>(shift + 1) << kSubBucketBits) + ((ns >> shift) - kSubBuckets);
}

LatencyCounts LatencyCounts::since(const LatencyCounts& earlier) const {
  LatencyCounts interval;
  for (std::size_t i = 0; i < kBuckets; ++i) interval.add(i, (*counts_)[i] - (*earlier.counts_)[i]);
  return interval;
}

std::chrono::nanoseconds LatencyCounts::percentile(double share) const noexcept {
  auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets && wanted > 0; ++bucket) {
    seen += (*counts_)[bucket];
    if (seen < wanted) continue;
    if (bucket < kSubBuckets) return std::chrono::nanoseconds(bucket);
    std::size_t shift = (bucket >> kSubBucketBits) - 1;
    return std::chrono::nanoseconds(((bucket & (kSubBuckets - 1)) + kSubBuckets) << shift);
  }
  return {};
}

void Latency::add_to(LatencyCounts& sum) const noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) sum.add(i, counts_[i].load(std::memory_order_relaxed));
}

}  // namespace hbmux::cli
