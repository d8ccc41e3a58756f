#include <hbmux/pool_map.h>

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

namespace hbmux {
namespace {

struct Socket {
  explicit Socket(int n) : number(n) {}
  const int number;
  std::atomic<bool> dead{false};
};
using Pool = PoolMap<std::string, Socket>;
using std::chrono::milliseconds;

struct Fixture {
  explicit Fixture(PoolOptions options)
      : pool(options,
             [this](const std::string&) -> Result<std::shared_ptr<Socket>> {
               if (refuse) return Error(Errc::cannot_connect, "refused");
               return std::make_shared<Socket>(made++);
             },
             [](const Socket& s) { return !s.dead; },
             [this](const std::shared_ptr<Socket>& s) { discarded.insert(s->number); }) {}
  int share(const std::string& key = "k") { return pool.share(key, ThreadToken::current()).value()->number; }
  /// Borrows; the lease, or what the handler was told; nothing when it waits.
  std::optional<Result<Pool::Lease>> borrow(milliseconds patience = milliseconds(100)) {
    auto got = std::make_shared<std::optional<Result<Pool::Lease>>>();  // whoever waits is served later
    pool.borrow("k", ThreadToken::current(), now, now + patience, [got](Result<Pool::Lease> lease) { *got = std::move(lease); });
    return std::exchange(*got, std::nullopt);
  }
  std::atomic<int> made{0};
  bool refuse = false;
  std::set<int> discarded;
  Pool::TimePoint now = Pool::TimePoint(std::chrono::hours(1));
  Pool pool;
};

TEST(RoundRobinPool, GrowsByOneToItsSizeAndThenTakesTurns) {
  Fixture f({PoolType::round_robin, 3});
  EXPECT_EQ((std::vector{f.share(), f.share(), f.share()}), (std::vector{0, 1, 2}));
  EXPECT_EQ((std::vector{f.share(), f.share(), f.share(), f.share()}), (std::vector{0, 1, 2, 0}));
}

TEST(RoundRobinPool, ReplacesTheDead) {
  Fixture f({PoolType::round_robin, 2});
  auto first = f.pool.share("k", {}).value();
  f.share();
  first->dead = true;
  std::set<int> seen;
  for (int i = 0; i < 10; ++i) seen.insert(f.share());
  EXPECT_EQ(seen, (std::set{1, 2}));
  EXPECT_EQ(f.discarded, std::set{0});
}

TEST(RoundRobinPool, KeepsKeysApart) {
  Fixture f({PoolType::round_robin, 1});
  EXPECT_NE(f.share("a"), f.share("b"));
  EXPECT_EQ(f.share("a"), f.share("a"));
}

TEST(RoundRobinPool, PassesOnWhyNothingCouldBeOpened) {
  Fixture f({PoolType::round_robin, 1});
  f.refuse = true;
  EXPECT_EQ(f.pool.share("k", {}).error().code(), Errc::cannot_connect);
  f.refuse = false;
  EXPECT_EQ(f.share(), 0);
}

TEST(ThreadLocalPool, GivesEachThreadItsOwnAndForgetsEndedThreads) {
  Fixture f({PoolType::per_thread, 0});
  const int mine = f.share();
  int other = -1;
  std::thread([&] { other = f.share(); EXPECT_EQ(f.share(), other); }).join();
  EXPECT_NE(mine, other);
  EXPECT_EQ(f.share(), mine);
  f.pool.sweep();
  EXPECT_EQ(f.discarded, std::set{other});
}

TEST(ThreadLocalPool, NeverHandsOutADeadOneTwice) {
  Fixture f({PoolType::per_thread, 0});
  auto mine = f.pool.share("k", ThreadToken::current()).value();
  mine->dead = true;
  EXPECT_EQ(f.share(), 1);
  EXPECT_EQ(f.share(), 1);
}

// The token of the thread that began a call counts, wherever its retries run.
TEST(ThreadLocalPool, GoesByTheThreadThatBegan) {
  Fixture f({PoolType::per_thread, 0});
  const auto token = ThreadToken::current();
  const int mine = f.share();
  std::thread([&] { EXPECT_EQ(f.pool.share("k", token).value()->number, mine); }).join();
}

TEST(ThreadLocalPool, WithACapThreadsShare) {
  Fixture f({PoolType::per_thread, 2});
  std::set<int> seen{f.share()};
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::atomic<int> here{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const int n = f.share();
      {
        std::lock_guard lock(mutex);
        seen.insert(n);
      }
      ++here;
      while (here < 8) std::this_thread::yield();
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(seen.size(), 2u);
}

TEST(ReusablePool, LendsEachToOneAtATime) {
  Fixture f({PoolType::reusable, 2});
  auto a = f.borrow(), b = f.borrow();
  ASSERT_TRUE(a && b);
  EXPECT_NE((**a)->number, (**b)->number);
  EXPECT_FALSE(f.borrow()) << "the third must wait";
}

TEST(ReusablePool, PrefersAnIdleOne) {
  Fixture f({PoolType::reusable, 2});
  f.borrow();
  auto again = f.borrow();
  EXPECT_EQ((**again)->number, 0);
  EXPECT_EQ(f.made, 1);
}

TEST(ReusablePool, ServesWaitersInOrder) {
  Fixture f({PoolType::reusable, 1});
  auto held = f.borrow();
  std::vector<int> order;
  Pool::Lease first, second;
  f.pool.borrow("k", {}, f.now, f.now + milliseconds(100), [&](auto l) { order.push_back(1); first = std::move(*l); });
  f.pool.borrow("k", {}, f.now, f.now + milliseconds(100), [&](auto l) { order.push_back(2); second = std::move(*l); });
  held.reset();
  EXPECT_EQ(order, std::vector{1});
  first.release();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_EQ(f.made, 1);
}

TEST(ReusablePool, DiscardsWhatIsTaintedOrDead) {
  Fixture f({PoolType::reusable, 1});
  auto a = f.borrow();
  (*a)->taint();
  a.reset();
  EXPECT_EQ(f.discarded, std::set{0});
  auto b = f.borrow();
  EXPECT_EQ((**b)->number, 1);
  (**b)->dead = true;
  b.reset();
  EXPECT_EQ((**f.borrow())->number, 2);
}

TEST(ReusablePool, ATaintedOneIsReplacedForWhoWaits) {
  Fixture f({PoolType::reusable, 1});
  auto a = f.borrow();
  int got = -1;
  f.pool.borrow("k", {}, f.now, f.now + milliseconds(100), [&](auto l) { got = (*l)->number; });
  (*a)->taint();
  a.reset();
  EXPECT_EQ(got, 1);
}

TEST(ReusablePool, AWaitEndsByItsDeadlineAndTellsWhatThePoolLookedLike) {
  Fixture f({PoolType::reusable, 1});
  auto held = f.borrow();
  std::optional<Error> told;
  f.pool.borrow("k", {}, f.now, f.now + milliseconds(100), [&](auto l) { told = l.error(); });
  EXPECT_EQ(f.pool.expire(f.now + milliseconds(99)), f.now + milliseconds(100));
  EXPECT_FALSE(told);
  EXPECT_EQ(f.pool.expire(f.now + milliseconds(100)), std::nullopt);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->code(), Errc::timed_out);
  for (auto part : {"size 1", "in use 1", "idle 0", "waiting 1", "100 ms"}) {
    EXPECT_NE(told->message().find(part), std::string::npos) << part << " in: " << told->message();
  }
}

TEST(ReusablePool, RefusesMoreWaitersThanItsBound) {
  Fixture f({PoolType::reusable, 1, 1});
  auto held = f.borrow();
  EXPECT_FALSE(f.borrow());
  auto refused = f.borrow();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->error().code(), Errc::overloaded);
}

TEST(PoolMap, AClosedOneTellsWhy) {
  Fixture f({PoolType::reusable, 1});
  auto held = f.borrow();
  std::optional<Error> told;
  f.pool.borrow("k", {}, f.now, f.now + milliseconds(100), [&](auto l) { told = l.error(); });
  EXPECT_EQ(f.pool.clear(Error(Errc::closed, "over")).size(), 1u);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->code(), Errc::closed);
  EXPECT_EQ(f.borrow()->error().code(), Errc::closed);
  held.reset();  // giving back to a closed pool is no error
}

TEST(PoolMap, ExclusiveMeansExclusiveUnderThreads) {
  Fixture f({PoolType::reusable, 4});
  std::array<std::atomic<int>, 64> users{};
  std::atomic<int> done{0}, together{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        f.pool.borrow("k", {}, f.now, f.now + milliseconds(100), [&](Result<Pool::Lease> lease) {
          auto& count = users[static_cast<std::size_t>((*lease)->number) % users.size()];
          if (count.fetch_add(1) != 0) ++together;
          count.fetch_sub(1);
          ++done;
        });
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(done, 16000);
  EXPECT_EQ(together, 0);
  EXPECT_LE(f.made, 4);
}

}  // namespace
}  // namespace hbmux
