#include "core/stale_regions.h"

#include <gtest/gtest.h>

namespace hbmux::core {
namespace {

using TimePoint = StaleRegions::TimePoint;
constexpr TimePoint kNow = TimePoint() + std::chrono::hours(1);

RegionInfo region(std::string_view start, std::string end) {
  return RegionInfo(TableName::parse("t").value(), start, std::move(end), 7);
}

class StaleRegionsTest : public testing::Test {
 protected:
  bool has(std::string_view row, LocateType type = LocateType::current, TimePoint now = kNow) {
    return stale_.contains(TableName::parse("t").value(), row, type, now);
  }
  StaleRegions stale_;
};

TEST_F(StaleRegionsTest, HoldsRowsOfARegion) {
  EXPECT_FALSE(has("c"));
  stale_.add(region("b", "d"), kNow);
  EXPECT_FALSE(has("a"));
  EXPECT_TRUE(has("b"));
  EXPECT_TRUE(has("c"));
  EXPECT_FALSE(has("d"));
  EXPECT_FALSE(stale_.contains(TableName::parse("u").value(), "c", LocateType::current, kNow));
}

TEST_F(StaleRegionsTest, TheRegionBeforeARowEndsWithItOrBehindIt) {
  stale_.add(region("b", "d"), kNow);
  EXPECT_FALSE(has("b", LocateType::before));
  EXPECT_TRUE(has("c", LocateType::before));
  EXPECT_TRUE(has("d", LocateType::before));
  EXPECT_FALSE(has("e", LocateType::before));
  EXPECT_FALSE(has("", LocateType::before)) << "before the table's end is its last region";
}

TEST_F(StaleRegionsTest, TheLastRegionHasNoEnd) {
  stale_.add(region("m", ""), kNow);
  EXPECT_TRUE(has("m"));
  EXPECT_TRUE(has("zzz"));
  EXPECT_TRUE(has("", LocateType::before));
  EXPECT_TRUE(has("n", LocateType::before));
  EXPECT_FALSE(has("m", LocateType::before));
}

TEST_F(StaleRegionsTest, ForgetsAfterAWhile) {
  stale_.add(region("b", "d"), kNow);
  EXPECT_TRUE(has("c", LocateType::current, kNow + StaleRegions::kMemory - std::chrono::milliseconds(1)));
  EXPECT_FALSE(has("c", LocateType::current, kNow + StaleRegions::kMemory));
  for (int i = 0; i < 1000; ++i) stale_.add(region(std::to_string(i), std::to_string(i) + "0"), kNow + std::chrono::seconds(10 * i));
  EXPECT_LE(stale_.size(), 2u) << "what has expired is dropped";
}

}  // namespace
}  // namespace hbmux::core
