#include "core/registry_endpoints.h"

#include <gtest/gtest.h>

#include <set>

namespace hbmux::core {
namespace {

using namespace std::chrono_literals;
using TimePoint = RefreshSchedule::TimePoint;

ServerAddress at(std::uint16_t port) { return {"host", port}; }
Error refused() { return Error(Errc::cannot_connect, "refused"); }

// The servers are asked two at a time, the next two only when both of the first have failed.
TEST(HedgedCall, AsksGroupByGroup) {
  HedgedCall call({at(1), at(2), at(3)}, 2);
  EXPECT_EQ(call.next_group(), (std::vector{at(1), at(2)}));
  EXPECT_FALSE(call.failed(at(1), refused()));
  EXPECT_TRUE(call.failed(at(2), refused()));
  EXPECT_EQ(call.next_group(), (std::vector{at(3)}));
  EXPECT_TRUE(call.failed(at(3), refused()));
  EXPECT_TRUE(call.next_group().empty());
}

// The first answer wins; what the others of the group say later is of no interest.
TEST(HedgedCall, TheFirstAnswerWins) {
  HedgedCall call({at(1), at(2), at(3)}, 2);
  call.next_group();
  EXPECT_TRUE(call.succeeded());
  EXPECT_FALSE(call.succeeded());
  EXPECT_FALSE(call.failed(at(2), refused()));
  EXPECT_TRUE(call.next_group().empty());
}

// A server can only fail once, and only if it was asked: an answer that comes twice must not end the group early.
TEST(HedgedCall, AFailureCountsOnce) {
  HedgedCall call({at(1), at(2)}, 2);
  call.next_group();
  EXPECT_FALSE(call.failed(at(1), refused()));
  EXPECT_FALSE(call.failed(at(1), refused()));
  EXPECT_FALSE(call.failed(at(9), refused()));
  EXPECT_TRUE(call.failed(at(2), refused()));
}

// The error tells each server that was asked, and why it did not help.
TEST(HedgedCall, TheErrorNamesEveryServer) {
  HedgedCall call({at(1), at(2), at(3)}, 2);
  call.next_group();
  call.failed(at(1), refused());
  const Error error = call.exhausted("the active master");
  EXPECT_EQ(error.code(), Errc::unavailable);
  EXPECT_EQ(
      error.message(),
      "the registry could not tell the active master; asked host:1 (cannot_connect: refused); host:2 (no answer in "
      "time); 1 more were not asked");
}

TEST(HedgedCall, WithoutServersItSaysSo) {
  HedgedCall call({}, 2);
  EXPECT_TRUE(call.next_group().empty());
  EXPECT_EQ(call.exhausted("x").message(), "the registry could not tell x: it knows no server to ask");
}

TEST(HedgedCall, AFanOutOfZeroIsOne) {
  HedgedCall call({at(1), at(2)}, 0);
  EXPECT_EQ(call.next_group().size(), 1u);
}

// First after a tenth of the period (as configured by the caller), then once a period.
TEST(RefreshSchedule, FirstSoonThenPeriodically) {
  const TimePoint start{};
  RefreshSchedule schedule(30s, 300s, 60s, start);
  EXPECT_EQ(schedule.due(), start + 30s);
  EXPECT_FALSE(schedule.begin(start + 29s));
  EXPECT_TRUE(schedule.begin(start + 30s));
  EXPECT_EQ(schedule.due(), TimePoint::max()) << "one is under way";
  EXPECT_FALSE(schedule.begin(start + 400s));
  schedule.ended(start + 31s);
  EXPECT_EQ(schedule.due(), start + 331s);
}

// After a failure it is earlier, but never sooner than a minute after the last one.
TEST(RefreshSchedule, HurriesAfterAFailure) {
  const TimePoint start{};
  RefreshSchedule schedule(30s, 300s, 60s, start);
  ASSERT_TRUE(schedule.begin(start + 30s));
  schedule.ended(start + 30s);
  schedule.hurry();
  EXPECT_EQ(schedule.due(), start + 90s);
  ASSERT_TRUE(schedule.begin(start + 90s));
  schedule.ended(start + 90s);
  EXPECT_EQ(schedule.due(), start + 390s) << "one failure hurries one refresh";
}

// A failure that happens while the list is being fetched asks for another fetch.
TEST(RefreshSchedule, AFailureDuringARefreshIsNotForgotten) {
  const TimePoint start{};
  RefreshSchedule schedule(30s, 300s, 60s, start);
  ASSERT_TRUE(schedule.begin(start + 30s));
  schedule.hurry();
  schedule.ended(start + 40s);
  EXPECT_EQ(schedule.due(), start + 100s);
}

TEST(RefreshSchedule, APeriodOfZeroTurnsItOff) {
  RefreshSchedule schedule(30s, 0s, 60s, TimePoint{});
  EXPECT_FALSE(schedule.enabled());
  schedule.hurry();
  EXPECT_FALSE(schedule.begin(TimePoint{} + 1000h));
}

TEST(RegistryEndpoints, ShuffleKeepsTheServers) {
  std::vector<ServerAddress> endpoints{at(1), at(2), at(3), at(4)};
  shuffle(endpoints, [](std::size_t) { return 0; });
  EXPECT_EQ(endpoints, (std::vector{at(2), at(3), at(4), at(1)}));
  EXPECT_EQ(std::set(endpoints.begin(), endpoints.end()).size(), 4u);
}

TEST(RegistryEndpoints, DoublesGo) { EXPECT_EQ(without_doubles({at(2), at(1), at(2)}), (std::vector{at(2), at(1)})); }

}  // namespace
}  // namespace hbmux::core
