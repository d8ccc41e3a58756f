// Random lives of pools, step by step beside a simple model of who waits and who holds what.
//
// HBMUX_POOL_SEEDS: how many seeds (2000); HBMUX_POOL_SEED: the first one, and with HBMUX_POOL_SEEDS=1 only it.
#include "tests/pool/fake_pool.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <list>
#include <random>
#include <set>

namespace hbmux::test {
namespace {

using namespace std::chrono_literals;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// One pool, and the model of it.
class Life {
 public:
  Life(PoolType type, std::uint64_t seed) : random_(seed), type_(type), options_(random_options()), f_(options_) {
    f_.connector->at_once = chance(50);
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      step();
      f_.runtime->run();
      check();
    }
    end();
  }

 private:
  static constexpr int kKeys = 3;
  struct Waiter {
    std::uint64_t id;
    std::string key;
    bool internal;
    PoolRuntime::TimePoint deadline;
    std::shared_ptr<PoolFixture::Borrowing> borrowing;
  };
  struct Holder {
    std::string key;
    std::shared_ptr<PoolFixture::Borrowing> borrowing;
  };

  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  std::string key() { return "key" + std::to_string(below(kKeys)); }

  PoolOptions random_options() {
    PoolOptions options;
    options.type = type_;
    options.size = static_cast<std::size_t>(type_ == PoolType::per_thread && chance(50) ? 0 : 1 + below(4));
    options.size_min = static_cast<std::size_t>(chance(30) ? below(3) : 0);
    options.total_max = static_cast<std::size_t>(chance(30) ? 2 + below(6) : 0);
    options.waiting_max = chance(20) ? 3 : 1000;
    options.choice = static_cast<PoolChoice>(below(4));
    options.eviction = static_cast<PoolEviction>(below(2));
    options.idle_timeout = milliseconds(chance(30) ? 50 + below(500) : 0);
    options.lifetime_max = milliseconds(chance(30) ? 100 + below(1000) : 0);
    options.lifetime_jitter = 0.1 * below(10);
    options.reaper_period = milliseconds(10 + below(200));
    options.probe_period = milliseconds(chance(30) ? 20 + below(200) : 0);
    options.open_timeout = milliseconds(chance(50) ? 30 + below(100) : 0);
    options.open_attempts = 1 + below(3);
    options.open_delay = milliseconds(below(30));
    options.leak_after = milliseconds(chance(30) ? 50 : 0);
    return options;
  }

  void step() {
    const int what = below(100);
    if (what < 35) {
      borrow();
    } else if (what < 60) {
      give_back();
    } else if (what < 72) {
      f_.connector->refuse = chance(20);
      f_.connector->finish();
    } else if (what < 85) {
      f_.runtime->advance(milliseconds(below(60)));
    } else if (what < 90) {
      kill();
    } else if (what < 94) {
      cancel();
    } else if (what < 96) {
      const bool before = f_.connector->answers_probes;
      f_.connector->answers_probes = !before;
    } else if (what < 98) {
      options_ = random_options();
      ASSERT_TRUE(f_.pool.set_options(options_));
    } else {
      f_.connector->at_once = chance(50);
      f_.pool.warm_up(key(), [](Result<void>) {});
    }
  }

  void borrow() {
    BorrowRequest request;
    request.thread = ThreadToken::current();
    request.now = f_.runtime->now();
    request.deadline = request.now + milliseconds(chance(20) ? 0 : below(200));
    request.internal = chance(5);
    const std::uint64_t id = ++last_id_;
    const std::string key = this->key();
    auto borrowing = std::make_shared<PoolFixture::Borrowing>();
    waiting_.push_back({id, key, request.internal, request.deadline, borrowing});
    borrowing->ticket = f_.pool.borrow(
        key, request, [this, id](Result<PoolFixture::Pool::Lease> lease) { told(id, std::move(lease)); });
  }
  // Whoever is told waits no more; nobody who came first, for the same key and as urgently, may still wait when it got one.
  void told(std::uint64_t id, Result<PoolFixture::Pool::Lease> lease) {
    const auto at = std::find_if(waiting_.begin(), waiting_.end(), [id](const Waiter& w) { return w.id == id; });
    ASSERT_NE(at, waiting_.end()) << "told twice";
    const Waiter waiter = std::move(*at);
    waiting_.erase(at);
    if (!lease) {
      if (lease.error().code() == Errc::timed_out && f_.runtime->now() < waiter.deadline) {
        EXPECT_NE(lease.error().message().find("nothing was opened"), std::string::npos) << lease.error();
      }
      return;
    }
    Socket& socket = **lease;
    EXPECT_FALSE(socket.dead) << "a dead one was handed out";
    EXPECT_EQ(socket.key, waiter.key);
    if (type_ == PoolType::reusable) {
      EXPECT_EQ(socket.users.fetch_add(1), 0) << "lent to two at once";
      for (const Waiter& other : waiting_) {
        EXPECT_FALSE(other.key == waiter.key && other.internal == waiter.internal && other.id < id) << "overtaken";
      }
    }
    waiter.borrowing->told.emplace(std::move(lease));
    held_.push_back({waiter.key, waiter.borrowing});
  }
  void give_back() {
    if (held_.empty()) return;
    const auto at = std::next(held_.begin(), below(static_cast<int>(held_.size())));
    auto borrowing = at->borrowing;
    held_.erase(at);
    auto& lease = **borrowing->told;
    lease->users = 0;
    if (chance(10)) lease.taint();
    if (chance(5)) lease->dead = true;
    borrowing->give_back();
  }
  void kill() {
    for (const auto& entry : f_.pool.statistics()) {
      for (const auto& socket : entry.resources) {
        if (chance(20)) socket->dead = true;
      }
    }
  }
  void cancel() {
    if (waiting_.empty()) return;
    const auto waiter = *std::next(waiting_.begin(), below(static_cast<int>(waiting_.size())));
    waiter.borrowing->ticket.cancel();
    EXPECT_TRUE(std::none_of(waiting_.begin(), waiting_.end(), [&](const Waiter& w) { return w.id == waiter.id; }));
  }

  void check() {
    const auto now = f_.runtime->now();
    std::map<std::string, std::size_t> waits;
    for (const Waiter& waiter : waiting_) {
      ++waits[waiter.key];
      EXPECT_GT(waiter.deadline, now) << "waits beyond its deadline";
    }
    std::size_t all = 0;
    for (const auto& entry : f_.pool.statistics()) {
      const PoolCounts& c = entry.counts;
      EXPECT_EQ(c.waiting, waits[entry.key]);
      EXPECT_EQ(c.open, c.in_use + c.idle);
      EXPECT_EQ(c.created, c.open + c.closed());
      if (type_ == PoolType::reusable && c.waiting != 0) EXPECT_EQ(c.idle, 0u) << "one is idle while somebody waits";
      if (type_ != PoolType::reusable && c.waiting != 0) EXPECT_EQ(c.open, 0u) << "somebody waits though one is open";
      all += c.open + c.opening;
    }
    EXPECT_EQ(f_.pool.total(), all);
  }
  void end() {
    for (auto& holder : held_) {
      if (chance(50)) {
        (**holder.borrowing->told)->users = 0;
        holder.borrowing->give_back();
        holder.borrowing = nullptr;
      }
    }
    f_.pool.close(Error(Errc::closed, "over"));
    EXPECT_TRUE(waiting_.empty()) << "not told of the end";
    for (auto& holder : held_) {
      if (holder.borrowing) holder.borrowing->give_back();
    }
    f_.connector->refuse = false;
    while (f_.connector->finish()) {
    }
    f_.runtime->advance(10s);
    EXPECT_EQ(f_.pool.total(), 0u);
    std::set<int> closed;
    for (const auto& [number, reason] : f_.connector->take_closed()) EXPECT_TRUE(closed.insert(number).second) << "closed twice";
    EXPECT_EQ(closed.size(), static_cast<std::size_t>(f_.connector->made)) << "not everything was closed";
  }

  std::mt19937_64 random_;
  const PoolType type_;
  PoolOptions options_;
  PoolFixture f_;
  std::uint64_t last_id_ = 0;
  std::list<Waiter> waiting_;
  std::list<Holder> held_;
};

class PoolModel : public ::testing::TestWithParam<PoolType> {};

TEST_P(PoolModel, RandomLives) {
  constexpr int kSteps = 400;
  const std::uint64_t first = number_from("HBMUX_POOL_SEED", 1), seeds = number_from("HBMUX_POOL_SEEDS", 2000);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    Life(GetParam(), seed).run(kSteps);
    if (HasFailure()) {
      FAIL() << "HBMUX_POOL_SEED=" << seed << " HBMUX_POOL_SEEDS=1 replays it";
    }
  }
  std::printf("%s: %llu steps, seeds %llu to %llu\n", std::string(to_string(GetParam())).c_str(),
              static_cast<unsigned long long>(seeds * kSteps), static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + seeds - 1));
}

INSTANTIATE_TEST_SUITE_P(Types, PoolModel,
                         ::testing::Values(PoolType::round_robin, PoolType::per_thread, PoolType::reusable),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace hbmux::test
