#include "mini/faults/reply_schedule.h"

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
};

TEST_F(ReplyScheduleTest, DelaysKeepTheOrder) {
  auto delay = 900us;
  for (const char* reply : {"a", "b", "c", "d", "e", "f"}) schedule.add(reply, now, delay -= 100us);
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
  std::string all;
  for (char c = 'a'; c <= 'z'; ++c) {
    schedule.add(std::string(1, c), now, 0us, 4);
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

TEST_F(ReplyScheduleTest, TheSameSeedDoesTheSame) {
  ReplySchedule other{7};
  std::string mine, its;
  for (char c = 'a'; c <= 'z'; ++c) {
    schedule.add(std::string(1, c), now, 0us, 5);
    other.add(std::string(1, c), now, 0us, 5);
    schedule.take_due(now, mine);
    other.take_due(now, its);
  }
  EXPECT_EQ(mine, its);
}

}  // namespace
}  // namespace hbmux::mini
