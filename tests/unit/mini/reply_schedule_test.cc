#include "mini/net/reply_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hbmux::mini {
namespace {

using namespace std::chrono_literals;

struct ReplyScheduleTest : ::testing::Test {
  std::string due() {
    std::string out;
    schedule.take_due(now, out);
    return out;
  }
  ReplySchedule schedule{7};
  ReplySchedule::Time now{1h};
  ReplyFaults faults;
};

TEST_F(ReplyScheduleTest, DelaysKeepTheOrder) {
  faults.delay_min = 100us;
  faults.delay_max = 900us;
  for (const char* reply : {"a", "b", "c", "d", "e", "f"}) schedule.add(reply, now, faults);
  EXPECT_EQ(due(), "");
  std::string all;
  while (const auto next = schedule.next_due()) {
    EXPECT_GE(*next, now + 100us - 900us);
    now = *next;
    EXPECT_LE(now, ReplySchedule::Time(1h) + 900us);
    all += due();
  }
  EXPECT_EQ(all, "abcdef");
}

TEST_F(ReplyScheduleTest, AReorderWindowChangesTheOrderAndLosesNothing) {
  faults.reorder_window = 4;
  std::string all;
  for (char c = 'a'; c <= 'z'; ++c) {
    schedule.add(std::string(1, c), now, faults);
    all += due();
  }
  EXPECT_EQ(all.size(), 22u) << "four are held";
  now += 1ms;  // nobody waits for others longer than this
  all += due();
  EXPECT_TRUE(schedule.empty());
  std::string sorted = all;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, "abcdefghijklmnopqrstuvwxyz");
  EXPECT_NE(all, sorted);
}

TEST_F(ReplyScheduleTest, DropsAboutOneInSoMany) {
  faults.drop_one_in = 10;
  for (int i = 0; i < 10'000; ++i) schedule.add("x", now, faults);
  EXPECT_NEAR(static_cast<double>(schedule.dropped()), 1000, 150);
  EXPECT_EQ(due().size() + schedule.dropped(), 10'000u);
}

TEST_F(ReplyScheduleTest, TheSameSeedDoesTheSame) {
  ReplySchedule other{7};
  faults.reorder_window = 5;
  std::string mine, its;
  for (char c = 'a'; c <= 'z'; ++c) {
    schedule.add(std::string(1, c), now, faults);
    other.add(std::string(1, c), now, faults);
    schedule.take_due(now, mine);
    other.take_due(now, its);
  }
  EXPECT_EQ(mine, its);
}

}  // namespace
}  // namespace hbmux::mini
