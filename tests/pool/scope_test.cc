// Request scopes: what a request borrowed once, it keeps until its end, and others get it then.
#include "tests/pool/fake_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <barrier>
#include <stdexcept>
#include <thread>

namespace hbmux::test {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using Pool = PoolFixture::Pool;
using Reasons = std::vector<std::pair<int, CloseReason>>;

int number_of(const Result<Pool::Lease>& lease) { return (*lease)->number; }

TEST(RequestScope, BorrowsOnceForEachKey) {
  PoolFixture f(options_of(PoolType::reusable, 5));
  {
    RequestScope scope;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(number_of(f.pool.borrow(scope, "a", 0s)), 0);
    EXPECT_EQ(number_of(f.pool.borrow(scope, "b", 0s)), 1);
    EXPECT_EQ(f.counts("a").in_use, 1u) << "between its calls too";
    EXPECT_EQ(f.counts("a").borrowed, 1u);
    EXPECT_EQ(number_of(f.pool.borrow("a", 0s)), 2) << "nobody else sees it";
  }
  EXPECT_EQ(f.counts("a").in_use, 0u);
  EXPECT_EQ(f.counts("a").idle, 2u);
  EXPECT_EQ(f.counts("b").idle, 1u);
}

// A function that is called within a request need not know about it, and must not wait for what its caller holds.
TEST(RequestScope, NestedOnesUseTheOuterOne) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  RequestScope outer;
  {
    auto lease = f.pool.borrow(outer, "a", 0s);
    RequestScope inner(outer.ref());
    EXPECT_EQ(number_of(f.pool.borrow(inner, "a", 0s)), 0) << "while the outer one uses it";
    EXPECT_EQ(number_of(f.pool.borrow(inner, "b", 0s)), 1);
  }
  EXPECT_EQ(f.counts("a").in_use + f.counts("b").in_use, 2u) << "the outer one gives them back";
  outer.end();
  EXPECT_EQ(f.counts("a").in_use + f.counts("b").in_use, 0u);
  RequestScope late(outer.ref());
  EXPECT_EQ(number_of(f.pool.borrow(late, "a", 0s)), 0);
  EXPECT_EQ(f.counts("a").in_use, 1u) << "within one that has ended it is one of its own";
}

TEST(RequestScope, GivesBackAtAnException) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  const auto request = [&] {
    RequestScope scope;
    static_cast<void>(f.pool.borrow(scope, "a", 0s));
    throw std::runtime_error("half way");
  };
  EXPECT_THROW(request(), std::runtime_error);
  EXPECT_EQ(number_of(f.pool.borrow("a", 0s)), 0);
}

// What is in use when the scope ends stays with its user, and with nobody else, until it is done with it.
TEST(RequestScope, LeasesMayOutliveIt) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  std::optional<RequestScope> scope(std::in_place);
  const auto carried = scope->ref();
  auto lease = f.pool.borrow(*scope, "a", 0s);
  scope.reset();
  EXPECT_EQ(f.pool.borrow("a", 0s).error().code(), Errc::timed_out);
  lease->release();
  EXPECT_EQ(number_of(f.pool.borrow("a", 0s)), 0);
  // Who still carries it then borrows for itself.
  BorrowRequest late;
  late.scope = carried;
  f.pool.borrow("a", late, [](Result<Pool::Lease> own) { EXPECT_TRUE(own); });
  EXPECT_EQ(f.counts("a").in_use, 0u);
}

TEST(RequestScope, WaitersAreServedAtItsEnd) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  RequestScope scope;
  static_cast<void>(f.pool.borrow(scope, "k", 0s));
  auto waits = f.borrow();
  EXPECT_TRUE(waits->waits());
  scope.end();
  ASSERT_FALSE(waits->waits());
  EXPECT_EQ(waits->number(), 0);
}

// An unfinished exchange: the scope's later calls and everybody else get another.
TEST(RequestScope, TaintedOnesAreReplacedWithinIt) {
  PoolFixture f(options_of(PoolType::reusable, 2));
  {
    RequestScope scope;
    auto used = f.pool.borrow(scope, "k", 0s);
    {
      auto same = f.pool.borrow(scope, "k", 0s);
      same->taint();
    }
    EXPECT_EQ(number_of(f.pool.borrow(scope, "k", 0s)), 1);
    EXPECT_TRUE(f.connector->take_closed().empty()) << "the first use of it goes on";
    used->release();
    EXPECT_EQ(f.connector->take_closed(), (Reasons{{0, CloseReason::failed}}));
    (*f.pool.borrow(scope, "k", 0s))->dead = true;
    EXPECT_EQ(number_of(f.pool.borrow(scope, "k", 0s)), 2);
  }
  EXPECT_EQ(f.connector->take_closed(), (Reasons{{1, CloseReason::dead}}));
}

/// Calls of one scope that come together, while the first still waits.
struct Together : ::testing::Test {
  Together() : f(options_of(PoolType::reusable, 1)) { f.connector->at_once = false; }
  struct Told {
    std::optional<Result<Pool::Lease>> lease;
    Pool::Ticket ticket;
  };
  std::shared_ptr<Told> ask(std::chrono::milliseconds patience) {
    BorrowRequest request;
    request.now = f.runtime->now();
    request.deadline = request.now + patience;
    request.scope = scope;
    auto told = std::make_shared<Told>();
    told->ticket = f.pool.borrow("k", request, [told](Result<Pool::Lease> lease) { told->lease.emplace(std::move(lease)); });
    return told;
  }
  PoolFixture f;
  RequestScope scope;
};

TEST_F(Together, TheyGetTheSameOne) {
  auto first = ask(1s), second = ask(1s);
  EXPECT_EQ(f.counts().waiting, 1u) << "the second would wait for what its own scope gets";
  f.connector->finish();
  EXPECT_EQ(number_of(*first->lease), 0);
  EXPECT_EQ(number_of(*second->lease), 0);
}

TEST_F(Together, EachHasItsOwnPatience) {
  auto first = ask(1s), second = ask(2s), hasty = ask(100ms);
  f.runtime->advance(100ms);
  EXPECT_EQ(hasty->lease->error().code(), Errc::timed_out);
  EXPECT_FALSE(first->lease || second->lease);
  f.runtime->advance(1s);
  EXPECT_EQ(first->lease->error().code(), Errc::timed_out);
  EXPECT_FALSE(second->lease) << "it asks by itself now";
  f.connector->finish();
  EXPECT_EQ(number_of(*second->lease), 0);
}

TEST_F(Together, EachMayBeCancelled) {
  auto first = ask(1s), second = ask(1s);
  first->ticket.cancel();
  EXPECT_EQ(first->lease->error().code(), Errc::cancelled);
  f.connector->finish();
  EXPECT_EQ(number_of(*second->lease), 0);
}

TEST_F(Together, WhenAllAreCancelledNothingIsKept) {
  auto first = ask(1s), second = ask(1s);
  first->ticket.cancel();
  second->ticket.cancel();
  EXPECT_EQ(f.counts().waiting, 0u);
  f.connector->finish();
  EXPECT_EQ(f.counts().in_use, 0u);
  EXPECT_EQ(f.counts().idle, 1u);
}

TEST_F(Together, TheyAreToldTheSameFailure) {
  auto first = ask(1s), second = ask(1s);
  f.connector->refuse = true;
  f.connector->finish();
  EXPECT_EQ(first->lease->error().code(), Errc::cannot_connect);
  EXPECT_EQ(second->lease->error().code(), Errc::cannot_connect);
}

TEST_F(Together, AScopeThatEndsMeanwhileKeepsNothing) {
  auto first = ask(1s);
  scope.end();
  f.connector->finish();
  EXPECT_EQ(number_of(*first->lease), 0);
  first->lease.reset();
  EXPECT_EQ(f.counts().idle, 1u);
}

TEST(RequestScope, CostsSharedTypesNothing) {
  for (const auto type : {PoolType::round_robin, PoolType::per_thread}) {
    PoolFixture f(options_of(type, 2));
    RequestScope scope;
    std::set<int> seen;
    for (int i = 0; i < 4; ++i) seen.insert(number_of(f.pool.borrow(scope, "k", 0s)));
    EXPECT_EQ(seen.size(), type == PoolType::round_robin ? 2u : 1u) << "in turn, as without one";
    EXPECT_EQ(scope.ref().state().use_count(), 2) << "nothing refers to it but the scope itself and this";
  }
}

TEST(RequestScope, ALeakTellsWhereItWasOpened) {
  auto options = options_of(PoolType::reusable, 1);
  options.leak_after = 1s;
  PoolFixture f(options);
  const auto line = std::source_location::current().line() + 1;
  RequestScope scope;
  static_cast<void>(f.pool.borrow(scope, "k", 0s));
  f.runtime->advance(900ms);
  EXPECT_TRUE(f.connector->leaks.empty());
  f.runtime->advance(2s);
  ASSERT_EQ(f.connector->leaks.size(), 1u) << "told once";
  const PoolLeak& leak = f.connector->leaks[0];
  EXPECT_GE(leak.held, 1s);
  EXPECT_TRUE(leak.scope);
  EXPECT_NE(leak.where.find("scope_test.cc:" + std::to_string(line)), std::string::npos) << leak.where;
  scope.end();
  f.runtime->advance(5s);
  EXPECT_EQ(f.connector->leaks.size(), 1u);
}

// Each holds what the other wants: the time-out ends it, and says why.
TEST(RequestScope, TwoThatWantEachOthers) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  RequestScope first;
  const auto line = std::source_location::current().line() + 1;
  RequestScope second;
  static_cast<void>(f.pool.borrow(first, "a", 0s));
  static_cast<void>(f.pool.borrow(second, "b", 0s));
  std::optional<Result<Pool::Lease>> of_first, of_second;
  const auto want = [&](const char* key, const RequestScope& scope, milliseconds patience, auto& told) {
    BorrowRequest request;
    request.now = f.runtime->now();
    request.deadline = request.now + patience;
    request.scope = scope;
    f.pool.borrow(key, request, [&told](Result<Pool::Lease> lease) { told.emplace(std::move(lease)); });
  };
  want("b", first, 1s, of_first);
  want("a", second, 2s, of_second);
  f.runtime->advance(1s);
  ASSERT_TRUE(of_first);
  EXPECT_EQ(of_first->error().code(), Errc::timed_out);
  const std::string text = of_first->error().message();
  EXPECT_NE(text.find("each may hold what the other wants"), std::string::npos) << text;
  EXPECT_NE(text.find("scope_test.cc:" + std::to_string(line)), std::string::npos) << text;
  EXPECT_FALSE(of_second) << "the first still holds it";
  first.end();
  ASSERT_TRUE(of_second);
  EXPECT_EQ(number_of(*of_second), 0);
}

TEST(RequestScope, AWaitThatIsNobodysFaultDoesNotSaySo) {
  PoolFixture f(options_of(PoolType::reusable, 1));
  RequestScope first, second;
  static_cast<void>(f.pool.borrow(first, "a", 0s));
  static_cast<void>(f.pool.borrow(second, "b", 0s));
  const auto told = f.pool.borrow(first, "b", 0s);
  EXPECT_EQ(told.error().message().find("each may hold"), std::string::npos) << told.error().message();
  EXPECT_NE(told.error().message().find("in a request scope opened at scope_test.cc"), std::string::npos)
      << told.error().message();
}

/// With real time, and coroutines on one thread.
struct CoroutineScopes : ::testing::Test {
  void SetUp() override {
    connector = std::make_shared<SocketConnector>();
    pool.emplace(options_of(PoolType::reusable, 2), connector, make_pool_runtime(context.get_executor()));
  }
  void run() { context.run_for(10s); }
  PoolCounts counts() const { return pool->statistics().at(0).counts; }
  asio::io_context context{1};
  std::shared_ptr<SocketConnector> connector;
  std::optional<Pool> pool;
};

// Two sockets, two hundred requests of three calls each on one thread: a thread tells nothing here, the scope does.
TEST_F(CoroutineScopes, EachHasItsOwn) {
  int done = 0;
  bool mixed = false;
  for (int i = 0; i < 200; ++i) {
    auto request = [&]() -> asio::awaitable<void> {
      RequestScope scope;
      asio::steady_timer timer(co_await asio::this_coro::executor);
      int mine = -1;
      for (int call = 0; call < 3; ++call) {
        auto lease = co_await pool->async_borrow(scope, "k", 10s);
        Socket& socket = **lease;
        if (mine == -1) mine = socket.number;
        mixed |= socket.number != mine || socket.users.fetch_add(1) != 0;
        timer.expires_after(10us);
        co_await timer.async_wait(asio::use_awaitable);
        socket.users.fetch_sub(1);
      }
      ++done;
      if (done == 200) pool->close(Error(Errc::closed, "enough"));
    };
    asio::co_spawn(context, std::move(request), asio::detached);
  }
  run();
  EXPECT_EQ(done, 200);
  EXPECT_FALSE(mixed);
  EXPECT_EQ(connector->made, 2);
}

TEST_F(CoroutineScopes, CancellationGivesBack) {
  asio::cancellation_signal cancel;
  bool ended = false;
  auto request = [&]() -> asio::awaitable<void> {
    RequestScope scope;
    static_cast<void>(co_await pool->async_borrow(scope, "k", 10s));
    asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
    co_await timer.async_wait(asio::use_awaitable);
  };
  asio::co_spawn(context, std::move(request), asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) {
                   ended = true;
                   EXPECT_EQ(counts().in_use, 0u);
                   EXPECT_EQ(counts().idle, 1u);
                   pool->close(Error(Errc::closed, "enough"));
                 }));
  asio::post(context, [&] { asio::post(context, [&] { asio::post(context, [&] { cancel.emit(asio::cancellation_type::terminal); }); }); });
  run();
  EXPECT_TRUE(ended);
}

// Scopes that are used from many threads at once, some of which break what they have.
TEST(RequestScope, ManyThreadsInOne) {
  auto connector = std::make_shared<SocketConnector>();
  Pool pool(options_of(PoolType::reusable, 4), connector, make_pool_runtime());
  constexpr int kThreads = 4, kRounds = 200;
  std::optional<RequestScope> scopes[2];
  std::atomic<int> wrong{0};
  std::mutex mutex;
  std::set<Pool::Resource> seen;
  const auto begin_round = [&]() noexcept {
    for (auto& scope : scopes) scope.emplace();
    for (const auto& socket : seen) socket->users = 0;
    seen.clear();
  };
  begin_round();
  std::barrier round(kThreads * 2, begin_round);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads * 2; ++t) {
    threads.emplace_back([&, t] {
      const int mine = t % 2;
      for (int i = 0; i < kRounds; ++i, round.arrive_and_wait()) {
        for (int call = 0; call < 5; ++call) {
          auto lease = pool.borrow(*scopes[mine], "k", 10s);
          if (!lease) {
            ++wrong;
            continue;
          }
          const int user = (*lease)->users.exchange(mine + 1);
          if (user != 0 && user != mine + 1) ++wrong;
          {
            std::lock_guard lock(mutex);
            seen.insert(lease->resource());
          }
          if ((i * 7 + t + call) % 50 == 0) lease->taint();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& scope : scopes) scope.reset();
  EXPECT_EQ(wrong, 0);
  const PoolCounts counts = pool.statistics().at(0).counts;
  EXPECT_EQ(counts.in_use, 0u);
  EXPECT_EQ(counts.open, counts.idle);
}

}  // namespace
}  // namespace hbmux::test
