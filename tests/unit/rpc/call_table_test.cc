#include "rpc/call_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace hbmux::rpc {
namespace {

using Table = CallTable<std::string>;
using std::chrono::seconds;

TimePoint at(int s) { return TimePoint(seconds(s)); }

TEST(CallTable, GivesRisingIdsAndGivesTheCallBackOnce) {
  Table table(100, 100);
  const auto a = table.add("a", at(1)), b = table.add("b", at(1));
  EXPECT_EQ(b, a + 1);
  std::string call;
  EXPECT_EQ(table.take(a, call), Table::Found::call);
  EXPECT_EQ(call, "a");
  EXPECT_EQ(table.take(a, call), Table::Found::never_issued) << "a second reply to the same call";
  EXPECT_EQ(table.calls(), 1u);
}

// The id of an answered call is not given out again as long as others can be.
TEST(CallTable, AnIdDoesNotComeBackSoon) {
  Table table(100, 100);
  std::string call;
  std::uint32_t last = table.add("x", at(1));
  table.take(last, call);
  for (int i = 0; i < 10000; ++i) {
    const auto id = table.add("x", at(1));
    ASSERT_GT(id, last);
    last = id;
    table.take(id, call);
  }
  EXPECT_LE(table.capacity(), 64u) << "one call at a time needs no more room";
}

TEST(CallTable, ABuriedCallLeavesATombstoneThatItsLateReplyRemoves) {
  Table table(100, 100);
  const auto id = table.add("x", at(1));
  std::string call;
  EXPECT_TRUE(table.bury(id, call));
  EXPECT_EQ(call, "x");
  EXPECT_FALSE(table.bury(id, call));
  EXPECT_EQ(table.tombstones(), 1u);
  EXPECT_EQ(table.take(id, call), Table::Found::tombstone);
  EXPECT_EQ(table.take(id, call), Table::Found::never_issued);
  EXPECT_EQ(table.tombstones(), 0u);
}

TEST(CallTable, TellsWhenThereAreTooManyTombstones) {
  Table table(100, 2);
  std::string call;
  for (int i = 0; i < 2; ++i) table.bury(table.add("x", at(1)), call);
  EXPECT_FALSE(table.too_many_tombstones());
  table.bury(table.add("x", at(1)), call);
  EXPECT_TRUE(table.too_many_tombstones());
}

TEST(CallTable, ExpiresWhatIsDueAndTellsWhenToLookAgain) {
  Table table(100, 100);
  table.add("one", at(1));
  table.add("three", at(3));
  table.add("two", at(2));
  std::vector<std::string> expired;
  const auto on_expired = [&](std::uint32_t, std::string call) { expired.push_back(std::move(call)); };
  EXPECT_EQ(table.expire(at(0), on_expired), at(1));
  EXPECT_TRUE(expired.empty());
  EXPECT_EQ(table.expire(at(2), on_expired), at(3));
  EXPECT_EQ(expired, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(table.expire(at(9), on_expired), TimePoint::max());
}

// A straggler keeps its place; ids that would fall on it are skipped when the counter comes round.
TEST(CallTable, SkipsThePlaceOfAStraggler) {
  Table table(100, 100);
  const auto straggler = table.add("slow", at(1));
  std::string call;
  for (int i = 0; i < 1000; ++i) {
    const auto id = table.add("x", at(1));
    ASSERT_NE(id % table.capacity(), straggler % table.capacity());
    ASSERT_EQ(table.take(id, call), Table::Found::call);
  }
  EXPECT_EQ(table.take(straggler, call), Table::Found::call);
  EXPECT_EQ(call, "slow");
}

TEST(CallTable, WrapsAroundAtTheEndOfTheIds) {
  Table table(100, 100);
  table.set_next_id(Table::kIdMask - 1);
  EXPECT_EQ(table.add("a", at(1)), Table::kIdMask - 1);
  EXPECT_EQ(table.add("b", at(1)), Table::kIdMask);
  EXPECT_EQ(table.add("c", at(1)), 0u);
}

// When the ids have come round, one whose late reply could still arrive is passed over.
TEST(CallTable, DoesNotGiveOutTheIdOfATombstoneAgain) {
  Table table(100, 100);
  std::string call;
  const auto id = table.add("buried", at(1));
  table.bury(id, call);
  table.set_next_id(Table::kIdMask);
  EXPECT_EQ(table.add("last", at(1)), Table::kIdMask);
  EXPECT_EQ(table.add("next", at(1)), id + 1);
  EXPECT_EQ(table.take(id, call), Table::Found::tombstone);
}

TEST(CallTable, TombstonesDoNotMakeItGrow) {
  Table table(100, 100000);
  std::string call;
  for (int i = 0; i < 10000; ++i) table.bury(table.add("x", at(1)), call);
  EXPECT_EQ(table.tombstones(), 10000u);
  EXPECT_EQ(table.capacity(), 64u);
}

TEST(CallTable, IsFullAtItsBound) {
  Table table(3, 100);
  for (int i = 0; i < 3; ++i) table.add("x", at(1));
  EXPECT_TRUE(table.full());
}

TEST(CallTable, TakesAllOut) {
  Table table(1000, 100);
  std::string call;
  for (int i = 0; i < 500; ++i) table.add(std::to_string(i), at(1));
  table.bury(0, call);
  EXPECT_EQ(table.take_all().size(), 499u);
  EXPECT_EQ(table.calls(), 0u);
}

// Against a model: whatever the order of calls, replies, cancellations and expiry, each call comes back once, as itself.
TEST(CallTable, BehavesAsAMapDoes) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Table table(5000, 100000);
    if (seed % 2) table.set_next_id(Table::kIdMask - 3000);
    std::map<std::uint32_t, std::string> alive, buried;
    for (int step = 0; step < 20000; ++step) {
      std::string call;
      switch (random() % 5) {
        case 0:
        case 1:
          if (!table.full()) {
            const auto id = table.add(std::to_string(step), at(1));
            ASSERT_FALSE(alive.contains(id) || buried.contains(id)) << "seed " << seed;
            alive[id] = std::to_string(step);
          }
          break;
        case 2:
        case 3:
          if (!alive.empty()) {
            auto it = std::next(alive.begin(), static_cast<std::ptrdiff_t>(random() % std::min<std::size_t>(alive.size(), 50)));
            if (random() % 8 == 0) {
              ASSERT_TRUE(table.bury(it->first, call));
              buried[it->first] = it->second;
            } else {
              ASSERT_EQ(table.take(it->first, call), Table::Found::call);
            }
            ASSERT_EQ(call, it->second) << "seed " << seed;
            alive.erase(it);
          }
          break;
        default:
          if (!buried.empty()) {
            ASSERT_EQ(table.take(buried.begin()->first, call), Table::Found::tombstone);
            buried.erase(buried.begin());
          }
      }
    }
    ASSERT_EQ(table.calls(), alive.size());
    ASSERT_EQ(table.tombstones(), buried.size());
  }
}

}  // namespace
}  // namespace hbmux::rpc
