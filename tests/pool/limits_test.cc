// How many, for how long, and what happens when there are no more.
#include "tests/pool/fake_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <set>
#include <thread>

namespace hbmux::test {
namespace {

using Reasons = std::vector<std::pair<int, CloseReason>>;
using namespace std::chrono_literals;

TEST(PoolWaits, EndByTheirDeadlineAndTellWhatThePoolLookedLike) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  auto held = f.borrow();
  auto waits = f.borrow("k", 100ms), longer = f.borrow("k", 150ms);
  f.runtime->advance(99ms);
  EXPECT_TRUE(waits->waits());
  f.runtime->advance(1ms);
  ASSERT_FALSE(waits->waits());
  const Error error = waits->told->error();
  EXPECT_EQ(error.code(), Errc::timed_out);
  for (auto part : {"size 1", "in use 1", "idle 0", "waiting 2", "held for 100 ms", "the test", "thread "}) {
    EXPECT_NE(error.message().find(part), std::string::npos) << part << " in: " << error.message();
  }
  EXPECT_TRUE(longer->waits());
  f.runtime->advance(50ms);
  EXPECT_FALSE(longer->waits());
  EXPECT_EQ(f.counts().given_up, 2u);
}

TEST(PoolWaits, WithoutPatienceItFailsAtOnce) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  auto held = f.borrow("k", 0ms);
  EXPECT_EQ(held->number(), 0) << "what can be opened at once needs no patience";
  auto refused = f.borrow("k", 0ms);
  ASSERT_FALSE(refused->waits());
  EXPECT_EQ(refused->told->error().code(), Errc::timed_out);
}

TEST(PoolWaits, AreBounded) {
  auto options = options_of(PoolType::reusable, 1);
  options.waiting_max = 1;
  PoolFixture f(options);
  auto held = f.borrow(), waits = f.borrow(), refused = f.borrow();
  EXPECT_TRUE(waits->waits());
  ASSERT_FALSE(refused->waits());
  EXPECT_EQ(refused->told->error().code(), Errc::overloaded);
}

TEST(PoolWaits, CanBeCancelled) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  auto held = f.borrow(), first = f.borrow(), second = f.borrow();
  first->ticket.cancel();
  ASSERT_FALSE(first->waits());
  EXPECT_EQ(first->told->error().code(), Errc::cancelled);
  first->ticket.cancel();  // again is nothing
  held->give_back();
  EXPECT_FALSE(second->waits());
  second->ticket.cancel();  // too late is nothing
  EXPECT_TRUE(second->told->has_value());
}

TEST(PoolWaits, InternalOnesGoFirstAndBeyondTheSize) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  auto held = f.borrow(), waits = f.borrow();
  auto internal = f.borrow("k", 100ms, true);
  ASSERT_FALSE(internal->waits()) << "the user's call may be waiting for this one";
  EXPECT_TRUE(waits->waits());
  EXPECT_EQ(f.counts().open, 2u);
  internal->give_back();
  ASSERT_FALSE(waits->waits()) << "it may as well serve who waits";
  waits->give_back();
  EXPECT_EQ(f.counts().open, 1u) << "back to the size";
  held->give_back();
  EXPECT_EQ(f.counts().open, 1u);
}

TEST(PoolOpening, IsTriedAgainAfterADelay) {
  auto options = options_of(PoolType::reusable, 1);
  options.open_attempts = 3;
  options.open_delay = 10ms;
  PoolFixture f(options);
  f.connector->refuse = true;
  auto waits = f.borrow("k", 1s);
  EXPECT_EQ(f.connector->openings, 1);
  f.runtime->advance(10ms);
  EXPECT_EQ(f.connector->openings, 2);
  f.connector->refuse = false;
  f.runtime->advance(10ms);
  ASSERT_FALSE(waits->waits());
  EXPECT_EQ(waits->number(), 0);
  EXPECT_EQ(f.counts().open_failures, 2u);
}

TEST(PoolOpening, FailsForAllWhoWaitWhenNothingIsOpen) {
  auto options = options_of(PoolType::reusable, 2);
  options.open_delay = 10ms;
  PoolFixture f(options);
  f.connector->at_once = false;
  auto a = f.borrow("k", 1s), b = f.borrow("k", 1s), c = f.borrow("k", 1s);
  EXPECT_EQ(f.connector->openings, 2);
  f.connector->refuse = true;
  f.connector->finish();
  EXPECT_TRUE(a->waits()) << "the other opening may succeed";
  f.connector->finish();
  for (auto& told : {a, b, c}) {
    ASSERT_FALSE(told->waits());
    EXPECT_EQ(told->told->error().code(), Errc::cannot_connect);
  }
  auto d = f.borrow("k", 1s);
  EXPECT_EQ(f.connector->openings, 2) << "not before the delay is over";
  f.runtime->advance(10ms);
  EXPECT_EQ(f.connector->openings, 3);
}

TEST(PoolOpening, WhoWaitsForALentOneIsNotTold) {
  auto options = options_of(PoolType::reusable, 2);
  options.open_delay = 10ms;
  PoolFixture f(options);
  auto held = f.borrow("k", 1s);
  f.connector->refuse = true;
  auto waits = f.borrow("k", 1s);
  f.runtime->advance(500ms);
  EXPECT_TRUE(waits->waits());
  EXPECT_GT(f.connector->openings, 10) << "it goes on trying";
  held->give_back();
  EXPECT_FALSE(waits->waits());
  f.runtime->advance(500ms);
  EXPECT_LT(f.connector->openings, 60) << "nobody waits: nobody tries";
}

TEST(PoolOpening, HasATimeOut) {
  auto options = options_of(PoolType::reusable, 1);
  options.open_timeout = 50ms;
  PoolFixture f(options);
  f.connector->at_once = false;
  auto waits = f.borrow("k", 1s);
  f.runtime->advance(50ms);
  ASSERT_FALSE(waits->waits());
  EXPECT_EQ(waits->told->error().code(), Errc::timed_out);
  f.connector->finish();  // too late: let go of at once
  EXPECT_EQ(f.connector->take_closed().size(), 1u);
  EXPECT_EQ(f.pool.total(), 0u);
}

TEST(PoolLife, IdleOnesGoButForTheMinimum) {
  auto options = options_of(PoolType::reusable, 4);
  options.size_min = 1;
  options.idle_timeout = 1s;
  options.reaper_period = 100ms;
  PoolFixture f(options);
  {
    auto a = f.borrow(), b = f.borrow(), c = f.borrow();
    a->give_back(), b->give_back(), c->give_back();
  }
  f.runtime->advance(900ms);
  EXPECT_EQ(f.counts().open, 3u);
  f.runtime->advance(200ms);
  EXPECT_EQ(f.counts().open, 1u);
  EXPECT_EQ(f.counts().closed_by[static_cast<std::size_t>(CloseReason::idle)], 2u);
}

TEST(PoolLife, OldOnesAreReplacedNotAllAtOnce) {
  auto options = options_of(PoolType::round_robin, 8);
  options.lifetime_max = 100s;
  options.lifetime_jitter = 0.5;
  options.reaper_period = 1s;
  PoolFixture f(options);
  std::vector<std::shared_ptr<Socket>> kept;
  for (int i = 0; i < 8; ++i) kept.push_back(f.pool.share("k", {}).value());
  for (auto& socket : kept) socket->calls = 1;  // in use or not
  f.runtime->advance(49s);
  EXPECT_TRUE(f.connector->take_closed().empty());
  std::set<std::int64_t> times;
  std::size_t gone = 0;
  for (int second = 0; second < 53; ++second) {
    f.runtime->advance(1s);
    const auto closed = f.connector->take_closed();
    gone += closed.size();
    for (auto& [number, reason] : closed) EXPECT_EQ(reason, CloseReason::lifetime);
    if (!closed.empty()) times.insert(second);
  }
  EXPECT_EQ(gone, 8u);
  EXPECT_GE(times.size(), 4u);
}

TEST(PoolLife, AResourceMayHaveItsOwn) {
  auto options = options_of(PoolType::reusable, 1);
  options.lifetime_jitter = 0;
  PoolFixture f(options);
  f.connector->next_lifetime = 5s;
  auto held = f.borrow();
  f.runtime->advance(10s);
  f.pool.reap();
  EXPECT_TRUE(f.connector->take_closed().empty()) << "no call is cut";
  held->give_back();
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{0, CloseReason::lifetime}}));
}

TEST(PoolLife, IdleOnesAreProbed) {
  auto options = options_of(PoolType::reusable, 2);
  options.probe_period = 1s;
  options.probe_jitter = 0;
  options.reaper_period = 100ms;
  PoolFixture f(options);
  auto a = f.borrow(), b = f.borrow();
  a->give_back();
  f.runtime->advance(1s + 100ms);
  EXPECT_EQ(f.connector->probes, 1) << "b is in use";
  f.connector->answers_probes = false;
  f.runtime->advance(1s + 100ms);
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{0, CloseReason::probe}}));
}

TEST(PoolLife, MinimumIsKeptWhateverHappens) {
  auto options = options_of(PoolType::round_robin, 4);
  options.size_min = 3;
  options.reaper_period = 100ms;
  PoolFixture f(options);
  Result<void> warm = Error(Errc::cancelled, "not told");
  f.connector->at_once = false;
  f.pool.warm_up("k", [&](Result<void> result) { warm = result; });
  EXPECT_EQ(f.connector->openings, 3);
  f.connector->finish(), f.connector->finish();
  EXPECT_FALSE(warm);
  f.connector->finish();
  EXPECT_TRUE(warm);
  f.connector->at_once = true;
  for (auto& entry : f.pool.statistics()) {
    for (auto& socket : entry.resources) socket->dead = true;
  }
  f.runtime->advance(100ms);
  EXPECT_EQ(f.counts().open, 3u);
  f.connector->refuse = true;
  for (auto& entry : f.pool.statistics()) entry.resources.front()->dead = true;
  f.runtime->advance(1s);
  EXPECT_EQ(f.counts().open, 2u);
  f.connector->refuse = false;
  f.runtime->advance(1s);
  EXPECT_EQ(f.counts().open, 3u);
}

TEST(PoolLife, WarmingUpTellsWhyItCannot) {
  auto options = options_of(PoolType::reusable, 2);
  options.size_min = 2;
  PoolFixture f(options);
  f.connector->refuse = true;
  Result<void> warm;
  f.pool.warm_up("k", [&](Result<void> result) { warm = result; });
  ASSERT_FALSE(warm);
  EXPECT_EQ(warm.error().code(), Errc::cannot_connect);
}

TEST(PoolLife, ShrinksAndGrowsWhenToldTo) {
  auto options = options_of(PoolType::reusable, 4);
  PoolFixture f(options);
  auto a = f.borrow(), b = f.borrow(), c = f.borrow(), d = f.borrow();
  a->give_back(), b->give_back();
  options.size = 1;
  ASSERT_TRUE(f.pool.set_options(options));
  EXPECT_EQ(f.counts().open, 2u) << "those that are lent stay till they come back";
  c->give_back();
  EXPECT_EQ(f.counts().open, 1u);
  auto waits = f.borrow();
  EXPECT_TRUE(waits->waits());
  options.size = 2;
  ASSERT_TRUE(f.pool.set_options(options));
  EXPECT_FALSE(waits->waits());
  options.type = PoolType::round_robin;
  EXPECT_EQ(f.pool.set_options(options).error().code(), Errc::invalid_argument);
}

TEST(PoolLife, EvictsByAgeOrByUse) {
  for (const auto eviction : {PoolEviction::least_recently_used, PoolEviction::oldest}) {
    auto options = options_of(PoolType::reusable, 2);
    options.eviction = eviction;
    PoolFixture f(options);
    auto old = f.borrow(), young = f.borrow();
    young->give_back();
    f.runtime->advance(1s);
    old->give_back();
    options.size = 1;
    ASSERT_TRUE(f.pool.set_options(options));
    EXPECT_EQ(f.borrow()->number(), eviction == PoolEviction::oldest ? 1 : 0);
  }
}

TEST(PoolLife, ToldOfHoldersOnce) {
  auto options = options_of(PoolType::reusable, 1);
  options.leak_after = 5s;
  options.reaper_period = 1s;
  PoolFixture f(options);
  auto held = f.borrow();
  f.runtime->advance(20s);
  ASSERT_EQ(f.connector->leaks.size(), 1u);
  EXPECT_EQ(f.connector->leaks[0].where, "the test");
  EXPECT_GE(f.connector->leaks[0].held, 5s);
  EXPECT_EQ(f.connector->leaks[0].thread, ThreadToken::current().id());
}

TEST(PoolTotal, AnIdleOneOfAnotherKeyMakesRoom) {
  auto options = options_of(PoolType::reusable, 4);
  options.total_max = 2;
  PoolFixture f(options);
  auto a = f.borrow("a"), b = f.borrow("b");
  b->give_back();
  auto c = f.borrow("c");
  f.runtime->run();
  ASSERT_FALSE(c->waits());
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{1, CloseReason::evicted}}));
  auto d = f.borrow("d", 10s);
  f.runtime->run();
  EXPECT_TRUE(d->waits());
  a->give_back();
  f.runtime->run();
  EXPECT_FALSE(d->waits()) << "what comes back idle makes room for who starves";
  EXPECT_EQ(f.pool.total(), 2u);
}

TEST(PoolTotal, SharedOnesGoWhenTheyHaveNothingToDo) {
  auto options = options_of(PoolType::round_robin, 2);
  options.total_max = 1;
  options.reaper_period = 100ms;
  PoolFixture f(options);
  auto a = f.pool.share("a", {}).value();
  a->calls = 1;
  EXPECT_EQ(f.pool.share("b", {}).value(), nullptr);
  auto b = f.borrow("b", 10s);
  f.runtime->advance(1s);
  EXPECT_TRUE(b->waits());
  a->calls = 0;
  f.runtime->advance(1s);
  EXPECT_FALSE(b->waits());
}

TEST(PoolTotal, IsNotForInternalWork) {
  auto options = options_of(PoolType::reusable, 1);
  options.total_max = 1;
  PoolFixture f(options);
  auto held = f.borrow("a");
  auto internal = f.borrow("meta", 100ms, true);
  EXPECT_FALSE(internal->waits());
}

TEST(PoolEnd, ToldToAllAndEverythingIsClosed) {
  PoolFixture f(options_of(PoolType::reusable, 2));
  auto idle = f.borrow(), held = f.borrow(), waits = f.borrow();
  f.connector->at_once = false;
  auto opens = f.borrow("other");
  EXPECT_EQ(f.pool.close(Error(Errc::closed, "over")).size(), 2u);
  for (auto& ended : {waits, opens}) {
    ASSERT_FALSE(ended->waits());
    EXPECT_EQ(ended->told->error().code(), Errc::closed);
  }
  EXPECT_EQ(f.borrow()->told->error().code(), Errc::closed);
  EXPECT_EQ(f.connector->take_closed().size(), 2u);
  held->give_back();  // to a closed pool
  f.connector->finish();
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{2, CloseReason::closed}}));
  EXPECT_EQ(f.pool.total(), 0u);
}

TEST(PoolEnd, LeasesMayOutliveThePool) {
  auto f = std::make_unique<PoolFixture>(options_of(PoolType::reusable, 1));
  auto held = f->borrow();
  f.reset();
  EXPECT_EQ(held->number(), 0);
  held->give_back();
}

TEST(PoolMap, ForgetsKeysThatHaveNothing) {
  auto options = options_of(PoolType::round_robin, 1);
  options.idle_timeout = 1s;
  options.reaper_period = 1s;
  PoolFixture f(options);
  for (int i = 0; i < 100; ++i) f.share("user-" + std::to_string(i));
  EXPECT_EQ(f.pool.statistics().size(), 100u);
  f.runtime->advance(5s);
  EXPECT_EQ(f.pool.statistics().size(), 0u);
  EXPECT_EQ(f.share("user-7"), 100) << "and makes them anew";
}

TEST(PoolMap, BlockingAndAsynchronous) {
  auto connector = std::make_shared<SocketConnector>();
  PoolMap<std::string, Socket> pool(options_of(PoolType::reusable, 1), connector, make_pool_runtime());
  auto held = pool.borrow("k", 1s);
  ASSERT_TRUE(held);
  EXPECT_EQ(pool.borrow("k", 20ms).error().code(), Errc::timed_out);
  auto later = pool.async_borrow("k", 10s, boost::asio::use_future);
  EXPECT_EQ(later.wait_for(20ms), std::future_status::timeout);
  held->release();
  auto lease = later.get();
  ASSERT_TRUE(lease);
  EXPECT_EQ((*lease)->number, 0);
  lease->release();
  EXPECT_TRUE(pool.async_borrow("k", 1s, boost::asio::use_future).get());
}

}  // namespace
}  // namespace hbmux::test
