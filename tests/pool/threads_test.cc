// A pool in the hands of real threads: whoever has one alone has it alone, everybody is told once, and everything is closed in the end.
//
// HBMUX_POOL_THREAD_STEPS: steps of each thread (3000).
#include "tests/pool/fake_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>

#include <cstdlib>
#include <random>
#include <set>
#include <thread>

namespace hbmux::test {
namespace {

using namespace std::chrono_literals;

int steps() {
  const char* text = std::getenv("HBMUX_POOL_THREAD_STEPS");
  return text == nullptr ? 3000 : std::atoi(text);
}

/// Opens on other threads, a moment later.
class LateConnector final : public PoolConnector<std::string, Socket> {
 public:
  explicit LateConnector(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  void open(const std::string& key, TimePoint, Opened done) override {
    boost::asio::post(executor_, [this, key, done = std::move(done)]() mutable {
      const int number = made++;
      if (number % 10 == 9) return done(Error(Errc::cannot_connect, "refused"));
      ++opened;
      done(std::make_shared<Socket>(number, key));
    });
  }
  bool is_alive(const Socket& socket) const noexcept override { return !socket.dead; }
  PoolLoad load(const Socket& socket) const noexcept override { return {socket.calls, 0}; }
  void invalidate(const Resource&, CloseReason) override { ++closed; }

  std::atomic<int> made{0}, opened{0}, closed{0};

 private:
  const boost::asio::any_io_executor executor_;
};

class PoolThreads : public ::testing::TestWithParam<PoolType> {};

TEST_P(PoolThreads, RandomSteps) {
  boost::asio::thread_pool openers(2);
  auto connector = std::make_shared<LateConnector>(openers.get_executor());
  PoolOptions options;
  options.type = GetParam();
  options.size = 3;
  options.size_min = 1;
  options.total_max = 6;
  options.idle_timeout = 5ms;
  options.lifetime_max = 20ms;
  options.probe_period = 3ms;
  options.reaper_period = 2ms;
  options.open_delay = 1ms;
  options.open_attempts = 2;
  std::atomic<int> begun{0}, told{0}, together{0}, dead{0};
  {
    PoolMap<std::string, Socket> pool(options, connector, make_pool_runtime());
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        std::mt19937 random(t);
        for (int i = 0; i < steps(); ++i) {
          const std::string key = "key" + std::to_string(random() % 3);
          BorrowRequest request;
          request.thread = ThreadToken::current();
          request.deadline = PoolRuntime::TimePoint::clock::now() + std::chrono::microseconds(random() % 3000);
          request.internal = random() % 50 == 0;
          const bool taint = random() % 20 == 0, kill = random() % 50 == 0;
          ++begun;
          auto ticket = pool.borrow(key, request, [&, taint, kill](Result<PoolMap<std::string, Socket>::Lease> lease) {
            ++told;
            if (!lease) return;
            Socket& socket = **lease;
            if (lease->is_exclusive()) {
              if (socket.users.fetch_add(1) != 0) ++together;
              socket.users.fetch_sub(1);
            }
            if (taint) lease->taint();
            if (kill) socket.dead = true;
          });
          if (random() % 10 == 0) ticket.cancel();
          if (random() % 10 == 0 && GetParam() != PoolType::reusable) static_cast<void>(pool.share(key, request.thread));
          if (random() % 200 == 0) {
            PoolOptions other = options;
            other.size = 1 + random() % 4;
            EXPECT_TRUE(pool.set_options(other));
          }
          if (random() % 500 == 0) pool.reap();
          if (random() % 100 == 0) static_cast<void>(pool.statistics());
          if (random() % 8 == 0) std::this_thread::yield();
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  openers.join();
  EXPECT_EQ(told, begun);
  EXPECT_EQ(together, 0);
  EXPECT_EQ(connector->closed, connector->opened);
}

INSTANTIATE_TEST_SUITE_P(Types, PoolThreads,
                         ::testing::Values(PoolType::round_robin, PoolType::per_thread, PoolType::reusable),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace hbmux::test
