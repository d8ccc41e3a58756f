// The three types of pools: who gets what.
#include "tests/pool/fake_pool.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>

namespace hbmux::test {
namespace {

using Reasons = std::vector<std::pair<int, CloseReason>>;

TEST(RoundRobinPool, GrowsByOneToItsSizeAndThenTakesTurns) {
  PoolFixture f(options_of(PoolType::round_robin, 3));
  EXPECT_EQ((std::vector{f.share(), f.share(), f.share()}), (std::vector{0, 1, 2}));
  // Each thread takes turns by itself, from a place of its own.
  const std::vector turn{f.share(), f.share(), f.share()};
  EXPECT_EQ(std::set<int>(turn.begin(), turn.end()), (std::set{0, 1, 2}));
  EXPECT_EQ((std::vector{f.share(), f.share(), f.share()}), turn);
}

TEST(RoundRobinPool, ReplacesTheDead) {
  PoolFixture f(options_of(PoolType::round_robin, 2));
  auto first = f.pool.share("k", {}).value();
  f.share();
  first->dead = true;
  std::set<int> seen;
  for (int i = 0; i < 10; ++i) seen.insert(f.share());
  EXPECT_EQ(seen, (std::set{1, 2}));
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{0, CloseReason::dead}}));
}

TEST(RoundRobinPool, KeepsKeysApart) {
  PoolFixture f(options_of(PoolType::round_robin, 1));
  EXPECT_NE(f.share("a"), f.share("b"));
  EXPECT_EQ(f.share("a"), f.share("a"));
}

TEST(RoundRobinPool, PassesOnWhyNothingCouldBeOpened) {
  auto options = options_of(PoolType::round_robin, 1);
  options.open_delay = milliseconds(0);
  PoolFixture f(options);
  f.connector->refuse = true;
  EXPECT_EQ(f.pool.share("k", {}).error().code(), Errc::cannot_connect);
  f.connector->refuse = false;
  EXPECT_EQ(f.share(), 0);
}

// While one opens, the others serve; only who finds nothing open waits.
TEST(RoundRobinPool, WaitsOnlyForTheFirst) {
  PoolFixture f(options_of(PoolType::round_robin, 2));
  f.connector->at_once = false;
  EXPECT_EQ(f.pool.share("k", {}).value(), nullptr);
  auto waits = f.borrow();
  EXPECT_TRUE(waits->waits());
  f.connector->finish();
  ASSERT_FALSE(waits->waits());
  EXPECT_EQ(waits->number(), 0);
  EXPECT_EQ(f.share(), 0) << "the second still opens";
  f.connector->finish();
  EXPECT_EQ((std::set{f.share(), f.share()}), (std::set{0, 1}));
}

TEST(RoundRobinPool, ChoosesWhoHasLeastToDo) {
  auto options = options_of(PoolType::round_robin, 3);
  options.choice = PoolChoice::fewest_calls;
  PoolFixture f(options);
  std::vector<std::shared_ptr<Socket>> sockets;
  for (int i = 0; i < 3; ++i) sockets.push_back(f.pool.share("k", {}).value());
  for (auto& socket : sockets) socket->calls = 5;
  sockets[1]->calls = 2;
  EXPECT_EQ((std::vector{f.share(), f.share()}), (std::vector{1, 1})) << "a slow one gets nothing while another has less to do";
  options.choice = PoolChoice::fewest_bytes;
  sockets[0]->bytes = sockets[1]->bytes = 10;
  ASSERT_TRUE(f.pool.set_options(options));
  EXPECT_EQ(f.share(), 2);
  options.choice = PoolChoice::sticky;
  ASSERT_TRUE(f.pool.set_options(options));
  const int mine = f.share();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(f.share(), mine);
}

TEST(ThreadLocalPool, GivesEachThreadItsOwnAndForgetsEndedThreads) {
  PoolFixture f(options_of(PoolType::per_thread, 0));
  const int mine = f.share();
  int other = -1;
  std::thread([&] {
    other = f.share();
    EXPECT_EQ(f.share(), other);
  }).join();
  EXPECT_NE(mine, other);
  EXPECT_EQ(f.share(), mine);
  f.pool.reap();
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{other, CloseReason::thread}}));
}

TEST(ThreadLocalPool, NeverHandsOutADeadOneTwice) {
  PoolFixture f(options_of(PoolType::per_thread, 0));
  auto mine = f.pool.share("k", ThreadToken::current()).value();
  mine->dead = true;
  EXPECT_EQ(f.share(), 1);
  EXPECT_EQ(f.share(), 1);
}

// The token of the thread that began a call counts, wherever its retries run.
TEST(ThreadLocalPool, GoesByTheThreadThatBegan) {
  PoolFixture f(options_of(PoolType::per_thread, 0));
  const auto token = ThreadToken::current();
  const int mine = f.share();
  std::thread([&] { EXPECT_EQ(f.share("k", token), mine); }).join();
}

TEST(ThreadLocalPool, WithACapThreadsShare) {
  PoolFixture f(options_of(PoolType::per_thread, 2));
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

TEST(ThreadLocalPool, EachWaitsForItsOwn) {
  PoolFixture f(options_of(PoolType::per_thread, 0));
  f.connector->at_once = false;
  auto mine = f.borrow();
  std::shared_ptr<PoolFixture::Borrowing> others;
  std::thread([&] { others = f.borrow(); }).join();
  EXPECT_TRUE(mine->waits() && others->waits());
  f.connector->finish();
  EXPECT_TRUE(!mine->waits() && others->waits());
  f.connector->finish();
  ASSERT_FALSE(others->waits());
  EXPECT_NE(mine->number(), others->number());
}

TEST(ReusablePool, LendsEachToOneAtATime) {
  PoolFixture f(options_of(PoolType::reusable, 2));
  auto a = f.borrow(), b = f.borrow(), c = f.borrow();
  EXPECT_NE(a->number(), b->number());
  EXPECT_TRUE(c->waits());
}

// Each gives back at once what serves the next: the stack must not grow with the queue.
TEST(ReusablePool, ALongQueueOfHandlersThatGiveBackAtOnce) {
  auto options = options_of(PoolType::reusable, 1);
  options.waiting_max = 200000;
  PoolFixture f(options);
  auto first = f.borrow();
  int served = 0;
  for (int i = 0; i < 100000; ++i) {
    BorrowRequest request;
    request.now = f.runtime->now();
    request.deadline = request.now + std::chrono::seconds(1);
    f.pool.borrow("k", request, [&](Result<PoolFixture::Pool::Lease> lease) { served += lease ? 1 : 0; });
  }
  EXPECT_EQ(served, 0);
  first->told.reset();
  EXPECT_EQ(served, 100000);
}

TEST(ReusablePool, PrefersTheIdleOneThatWasUsedLast) {
  PoolFixture f(options_of(PoolType::reusable, 2));
  auto a = f.borrow(), b = f.borrow();
  a->give_back();
  b->give_back();
  EXPECT_EQ(f.borrow()->number(), 1);
  EXPECT_EQ(f.connector->made, 2);
}

TEST(ReusablePool, ServesWaitersInOrder) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  auto held = f.borrow(), first = f.borrow(), second = f.borrow();
  held->give_back();
  EXPECT_TRUE(!first->waits() && second->waits());
  first->give_back();
  EXPECT_FALSE(second->waits());
  EXPECT_EQ(f.connector->made, 1);
}

// Who comes while others wait does not overtake them, even when one is idle for a moment.
TEST(ReusablePool, NobodyOvertakes) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  f.connector->at_once = false;
  auto first = f.borrow(), second = f.borrow();
  f.connector->finish();
  EXPECT_TRUE(!first->waits() && second->waits());
}

TEST(ReusablePool, DiscardsWhatIsTaintedDeadOrDoesNotMatch) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  auto a = f.borrow();
  (*a->told)->taint();
  a->give_back();
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{0, CloseReason::failed}}));
  auto b = f.borrow();
  EXPECT_EQ(b->number(), 1);
  (**b->told)->dead = true;
  b->give_back();
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{1, CloseReason::dead}}));
  auto c = f.borrow();
  auto socket = (*c->told)->resource();
  c->give_back();
  socket->dead = true;  // while idle
  EXPECT_EQ(f.borrow()->number(), 3);
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{2, CloseReason::dead}}));
}

TEST(ReusablePool, TheConnectorSaysWhichErrorsItSurvives) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  auto a = f.borrow();
  (*a->told)->failed(Error(Errc::table_not_found, "no table"));
  a->give_back();
  auto b = f.borrow();
  EXPECT_EQ(b->number(), 0);
  (*b->told)->failed(Error(Errc::timed_out, "half an answer"));
  b->give_back();
  EXPECT_EQ(f.borrow()->number(), 1);
}

TEST(ReusablePool, ATaintedOneIsReplacedForWhoWaits) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  auto a = f.borrow(), b = f.borrow();
  (*a->told)->taint();
  a->give_back();
  ASSERT_FALSE(b->waits());
  EXPECT_EQ(b->number(), 1);
}

TEST(PoolMap, ExclusiveMeansExclusiveUnderThreads) {
  PoolFixture f(options_of(PoolType::reusable, 4));
  std::atomic<int> done{0}, together{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        f.pool.borrow("k", {}, [&](Result<PoolFixture::Pool::Lease> lease) {
          if ((*lease)->users.fetch_add(1) != 0) ++together;
          (*lease)->users.fetch_sub(1);
          ++done;
        });
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(done, 16000);
  EXPECT_EQ(together, 0);
  EXPECT_LE(f.connector->made, 4);
}

}  // namespace
}  // namespace hbmux::test
