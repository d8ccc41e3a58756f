#include "cli/latency.h"

#include <gtest/gtest.h>

namespace hbmux::cli {
namespace {

using namespace std::chrono_literals;

LatencyCounts counts_of(const Latency& latency) {
  LatencyCounts counts;
  latency.add_to(counts);
  return counts;
}

TEST(Latency, HasNoPercentileWithoutOperations) { EXPECT_EQ(LatencyCounts().percentile(0.5), 0ns); }

// A bucket is a thirty-second part of a power of two: the answer is at most 3 % too low.
TEST(Latency, IsPreciseToThreePercent) {
  for (auto time : {1ns, 31ns, 32ns, 33ns, 1000ns, 123456ns, 98765432ns, 3600000000000ns}) {
    Latency latency;
    latency.record(time);
    auto found = counts_of(latency).percentile(1);
    EXPECT_LE(found, time);
    EXPECT_GE(static_cast<double>(found.count()), static_cast<double>(time.count()) * 0.969) << time.count();
  }
}

TEST(Latency, FindsPercentiles) {
  Latency latency;
  for (int i = 0; i < 98; ++i) latency.record(10us);
  for (int i = 0; i < 2; ++i) latency.record(1ms);
  auto counts = counts_of(latency);
  EXPECT_NEAR(static_cast<double>(counts.percentile(0.5).count()), 10e3, 300);
  EXPECT_NEAR(static_cast<double>(counts.percentile(0.98).count()), 10e3, 300);
  EXPECT_NEAR(static_cast<double>(counts.percentile(0.99).count()), 1e6, 3e4);
}

TEST(Latency, CountsAnInterval) {
  Latency latency;
  latency.record(1ms);
  auto before = counts_of(latency);
  latency.record(5us);
  auto interval = counts_of(latency).since(before);
  EXPECT_EQ(interval.total(), 1u);
  EXPECT_LE(interval.percentile(1), 5us);
}

// Nothing that a clock can say falls outside the buckets.
TEST(Latency, TakesTheExtremes) {
  Latency latency;
  latency.record(-5ns);
  latency.record(std::chrono::nanoseconds::max());
  EXPECT_EQ(counts_of(latency).total(), 2u);
}

}  // namespace
}  // namespace hbmux::cli
