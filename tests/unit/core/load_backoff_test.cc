#include "core/load_backoff.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace hbmux::core {
namespace {

using namespace std::chrono_literals;

const LoadBackoff kUsual{10'000ms};

// The cases and bounds of HBase's TestClientExponentialBackoff.
TEST(LoadBackoff, NoLoadIsNoPause) { EXPECT_EQ(kUsual.pause({}), 0ms); }

TEST(LoadBackoff, FullLoadIsTheWholePause) {
  EXPECT_EQ(kUsual.pause({100, 0, 0}), 10'000ms);
  EXPECT_EQ(kUsual.pause({0, 98, 0}), 10'000ms);
  EXPECT_EQ(kUsual.pause({0, 100, 0}), 10'000ms);
  EXPECT_EQ(kUsual.pause({0, 0, 100}), 10'000ms);
}

TEST(LoadBackoff, TheHighestCounts) {
  EXPECT_EQ(kUsual.pause({50, 0, 0}), 625ms);
  EXPECT_EQ(kUsual.pause({50, 94, 0}), 625ms) << "the heap is below its mark";
  EXPECT_EQ(kUsual.pause({0, 95, 0}), 1ms) << "0.1 to the fourth power";
  EXPECT_NEAR(static_cast<double>(kUsual.pause({40, 97, 7}).count()), 2401, 1);
  EXPECT_EQ(kUsual.pause({40, 97, 90}), 6561ms);
}

TEST(LoadBackoff, RisesWithTheLoad) {
  for (int percent = 1; percent <= 100; ++percent) {
    EXPECT_GE(kUsual.pause({percent, 0, 0}), kUsual.pause({percent - 1, 0, 0}));
    EXPECT_GE(kUsual.pause({0, percent, 0}), kUsual.pause({0, percent - 1, 0}));
    EXPECT_GE(kUsual.pause({0, 0, percent}), kUsual.pause({0, 0, percent - 1}));
  }
}

TEST(LoadBackoff, StaysWithinBoundsWhateverAServerSays) {
  for (const std::int32_t odd : {INT32_MIN, -1, 101, INT32_MAX}) {
    for (const RegionLoad& load : {RegionLoad{odd, 0, 0}, RegionLoad{0, odd, 0}, RegionLoad{0, 0, odd}, RegionLoad{odd, odd, odd}}) {
      EXPECT_EQ(kUsual.pause(load), odd < 0 ? 0ms : 10'000ms);
    }
  }
  EXPECT_EQ((LoadBackoff{10'000ms, 0.95, 0.95}.pause({0, 95, 0})), 10'000ms) << "one mark for both";
  EXPECT_EQ((LoadBackoff{0ms}.pause({100, 100, 100})), 0ms);
}

}  // namespace
}  // namespace hbmux::core
