// Connectors to build upon: those that block, and those with several addresses for one thing.
#include "tests/pool/fake_pool.h"

#include <hbmux/pool/address_connector.h>
#include <hbmux/pool/blocking_connector.h>

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

namespace hbmux::test {
namespace {

using namespace std::chrono_literals;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr TimePoint kStart{1h};

// ---------------------------------------------------------------- addresses

TEST(AddressList, GivesEachItsTurn) {
  AddressList<std::string> list({"a", "b", "c"}, 10s);
  EXPECT_EQ(list.candidates(kStart), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(list.candidates(kStart), (std::vector<std::string>{"b", "c", "a"}));
}

TEST(AddressList, SparesAreForLater) {
  AddressList<std::string> list({"a", "b"}, 10s, AddressOrder::as_listed);
  EXPECT_EQ(list.candidates(kStart).front(), "a");
  EXPECT_EQ(list.candidates(kStart).front(), "a");
  list.failed("a", kStart);
  EXPECT_EQ(list.candidates(kStart), (std::vector<std::string>{"b"}));
}

TEST(AddressList, AFailedOneComesBackAfterItsRetryTime) {
  AddressList<std::string> list({"a", "b"}, 10s, AddressOrder::as_listed);
  list.failed("a", kStart);
  EXPECT_EQ(list.failed(kStart + 9999ms), (std::vector<std::string>{"a"}));
  EXPECT_EQ(list.candidates(kStart + 9999ms), (std::vector<std::string>{"b"}));
  EXPECT_EQ(list.candidates(kStart + 10s), (std::vector<std::string>{"a", "b"}));
  list.failed("a", kStart + 10s);
  list.succeeded("a");
  EXPECT_EQ(list.candidates(kStart + 10s).size(), 2u);
}

// Better one that failed than none: it may be back.
TEST(AddressList, WhenAllHaveFailedTheFirstToComeBackIsTried) {
  AddressList<std::string> list({"a", "b"}, 10s);
  list.failed("b", kStart);
  list.failed("a", kStart + 1s);
  EXPECT_EQ(list.candidates(kStart + 2s), (std::vector<std::string>{"b"}));
  EXPECT_TRUE(AddressList<std::string>({}, 10s).candidates(kStart).empty());
}

TEST(AddressList, KeepsWhatItKnowsOfThoseThatStay) {
  AddressList<std::string> list({"a", "b"}, 10s, AddressOrder::as_listed);
  list.failed("a", kStart);
  list.replace({"a", "c"});
  EXPECT_EQ(list.candidates(kStart), (std::vector<std::string>{"c"}));
}

/// Opens by address; some addresses are down.
class ReplicaConnector final : public PoolConnector<std::string, Socket> {
 public:
  void open(const std::string& address, TimePoint, Opened done) override {
    tried.push_back(address);
    if (down.contains(address)) return done(Error(Errc::cannot_connect, address + " refused"));
    done(std::make_shared<Socket>(made++, address));
  }
  bool is_alive(const Socket& socket) const noexcept override { return !socket.dead; }
  void invalidate(const Resource&, CloseReason) override { ++closed; }

  std::set<std::string> down;
  std::vector<std::string> tried;
  int made = 0, closed = 0;
};

struct Replicas : ::testing::Test {
  using Tried = std::vector<std::string>;
  Replicas() {
    PoolOptions options = options_of(PoolType::reusable, 3);
    options.open_delay = milliseconds(0);
    auto runtime_clock = [runtime = runtime] { return runtime->now(); };
    auto resolve = [this](const std::string&) { return addresses; };
    connector = std::make_shared<AddressConnector<std::string, std::string, Socket>>(inner, resolve, 10s, AddressOrder::as_listed,
                                                                                     runtime_clock);
    pool.emplace(options, connector, runtime);
  }
  Result<PoolMap<std::string, Socket>::Lease> borrow() { return pool->borrow("service", 0s); }
  Tried take_tried() { return std::exchange(inner->tried, {}); }

  std::shared_ptr<VirtualRuntime> runtime = std::make_shared<VirtualRuntime>();
  std::shared_ptr<ReplicaConnector> inner = std::make_shared<ReplicaConnector>();
  std::vector<std::string> addresses{"a", "b", "c"};
  std::shared_ptr<AddressConnector<std::string, std::string, Socket>> connector;
  std::optional<PoolMap<std::string, Socket>> pool;
};

TEST_F(Replicas, TheNextOneIsTriedAtOnce) {
  inner->down = {"a", "b"};
  auto lease = borrow();
  ASSERT_TRUE(lease) << lease.error();
  EXPECT_EQ((*lease)->key, "c");
  EXPECT_EQ(take_tried(), (Tried{"a", "b", "c"}));
  auto second = borrow();
  EXPECT_EQ(take_tried(), (Tried{"c"})) << "the others are known to have failed";
  EXPECT_EQ(connector->failed("service"), (Tried{"a", "b"}));
}

TEST_F(Replicas, TheFailedComeBack) {
  inner->down = {"a"};
  static_cast<void>(borrow());
  inner->down.clear();
  runtime->advance(10s);
  take_tried();
  auto first = borrow(), second = borrow();
  EXPECT_EQ((*second)->key, "a");
}

TEST_F(Replicas, WhenNoneAnswersTheErrorSaysSo) {
  inner->down = {"a", "b", "c"};
  const auto lease = borrow();
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().code(), Errc::cannot_connect);
  EXPECT_NE(lease.error().to_string().find("none of 3 addresses"), std::string::npos) << lease.error();
  addresses.clear();
  runtime->advance(1s);
  EXPECT_EQ(borrow().error().code(), Errc::cannot_resolve);
}

TEST_F(Replicas, TheInnerConnectorJudges) {
  {
    auto lease = borrow();
    (*lease)->dead = true;
  }
  EXPECT_EQ(inner->closed, 1);
}

// ---------------------------------------------------------------- blocking

class SlowConnector final : public BlockingConnector<std::string, Socket> {
 public:
  using BlockingConnector::BlockingConnector;
  ~SlowConnector() override { *destroyed = true; }
  Result<Resource> connect(const std::string& key, TimePoint) override {
    most = std::max(most.load(), ++now);
    opened_by.insert(std::this_thread::get_id());
    release.wait();
    --now;
    return std::make_shared<Socket>(made++, key);
  }
  bool answers(Socket& socket) override {
    ++asked;
    return !socket.dead;
  }
  struct Ids {
    void insert(std::thread::id id) {
      std::lock_guard lock(mutex);
      ids.insert(id);
    }
    std::mutex mutex;
    std::set<std::thread::id> ids;
  } opened_by;
  std::atomic<int> now{0}, most{0}, made{0}, asked{0};
  std::promise<void> go;
  std::shared_future<void> release = go.get_future().share();
  std::shared_ptr<std::atomic<bool>> destroyed = std::make_shared<std::atomic<bool>>(false);
};

TEST(BlockingConnector, OpensOnThreadsOfItsOwn) {
  auto connector = std::make_shared<SlowConnector>(2);
  PoolMap<std::string, Socket> pool(options_of(PoolType::reusable, 8), connector, make_pool_runtime());
  std::vector<std::future<Result<PoolMap<std::string, Socket>::Lease>>> leases;
  std::vector<std::promise<Result<PoolMap<std::string, Socket>::Lease>>> told(5);
  for (auto& promise : told) {
    leases.push_back(promise.get_future());
    BorrowRequest request;
    pool.borrow("k", request, [&promise](Result<PoolMap<std::string, Socket>::Lease> lease) { promise.set_value(std::move(lease)); });
  }
  connector->go.set_value();  // this thread has got here: nobody blocked it
  for (auto& lease : leases) EXPECT_TRUE(lease.get());
  EXPECT_LE(connector->most, 2);
  EXPECT_FALSE(connector->opened_by.ids.contains(std::this_thread::get_id()));
}

TEST(BlockingConnector, AnOpeningTakesNoLongerThanItMay) {
  auto connector = std::make_shared<SlowConnector>(1);
  auto options = options_of(PoolType::reusable, 1);
  options.open_timeout = 20ms;
  PoolMap<std::string, Socket> pool(options, connector, make_pool_runtime());
  EXPECT_EQ(pool.borrow("k", 10s).error().code(), Errc::timed_out) << "though connect() still blocks";
  connector->go.set_value();
}

TEST(BlockingConnector, Probes) {
  auto connector = std::make_shared<SlowConnector>(1);
  connector->go.set_value();
  auto options = options_of(PoolType::reusable, 1);
  options.probe_period = 1ms;
  options.reaper_period = 1ms;
  PoolMap<std::string, Socket> pool(options, connector, make_pool_runtime());
  {
    auto lease = pool.borrow("k", 10s);
    EXPECT_EQ((*lease)->number, 0);
  }
  while (connector->asked == 0) std::this_thread::yield();
}

// The pool goes while an opening is under way; the last who holds the connector is then that opening.
TEST(BlockingConnector, MayEndOnItsOwnThread) {
  auto destroyed = std::make_shared<std::atomic<bool>>();
  std::promise<void> go;
  // On a thread of its own, since threads remember what they have found.
  std::thread user([&] {
    auto connector = std::make_shared<SlowConnector>(1);
    destroyed = connector->destroyed;
    go = std::move(connector->go);
    PoolMap<std::string, Socket> pool(options_of(PoolType::reusable, 1), connector, make_pool_runtime());
    BorrowRequest request;
    pool.borrow("k", request, [](auto lease) { EXPECT_EQ(lease.error().code(), Errc::closed); });
    while (connector->now == 0) std::this_thread::yield();
  });
  user.join();
  EXPECT_FALSE(*destroyed);
  go.set_value();
  while (!*destroyed) std::this_thread::yield();
}

}  // namespace
}  // namespace hbmux::test
