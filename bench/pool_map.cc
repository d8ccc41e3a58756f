// What it costs to be handed a pooled resource, by threads, types and sizes. One line for each measurement:
//   pool=hbmux type=RoundRobin size=1 threads=8 ns=41.2 ops=...
// `ns`: of a core, for one hand-out: wall time, times the threads that can run at once, over all hand-outs.
#include <hbmux/pool_map.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hbmux::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Socket {
  std::atomic<bool> usable{true};
};

class Connector final : public PoolConnector<std::string, Socket> {
 public:
  void open(const std::string&, TimePoint, Opened done) override { done(std::make_shared<Socket>()); }
  bool is_alive(const Socket& socket) const noexcept override { return socket.usable.load(std::memory_order_acquire); }
};

/// What somebody would write: a lock around a deque. With `full` it keeps the books that a PoolMap keeps: whether one is alive and suits the
/// key, who holds it since when and where, whether anybody waits, how many were lent, when it must go and is to be probed; and what was lent
/// keeps its pool. Without, it only lends.
class MutexAndDeque : public std::enable_shared_from_this<MutexAndDeque> {
 public:
  struct Item {
    std::shared_ptr<Socket> socket;
    Clock::time_point last_used, lent_at, retire_at = Clock::time_point::max(), probe_at = Clock::time_point::max();
    std::uint64_t holder = 0;
    std::string_view where;
    bool lent = false, leak_told = false;
  };
  class Lease {
   public:
    Lease(std::shared_ptr<MutexAndDeque> pool, std::unique_ptr<Item> item) : pool_(std::move(pool)), item_(std::move(item)) {}
    Lease(Lease&&) noexcept = default;
    ~Lease() {
      if (item_) pool_->put(std::move(item_));
    }

   private:
    std::shared_ptr<MutexAndDeque> pool_;
    std::unique_ptr<Item> item_;
  };

  MutexAndDeque(std::string key, std::size_t size, bool full) : key_(std::move(key)), size_(size), full_(full) {
    for (std::size_t i = 0; i < size; ++i) idle_.push_back(std::make_unique<Item>(std::make_shared<Socket>()));
  }
  const std::string& key() const noexcept { return key_; }
  std::unique_ptr<Item> take(std::uint64_t holder) {
    const auto now = Clock::now();
    std::unique_lock lock(mutex_);
    if (idle_.empty() || (full_ && waiting_ != 0)) return nullptr;
    auto item = std::move(idle_.back());
    idle_.pop_back();
    item->lent_at = now;
    item->holder = holder;
    if (!full_) return item;
    if (!connector_->is_alive(*item->socket) || !connector_->matches(*item->socket, key_)) return nullptr;
    item->where = "bench";
    item->lent = true;
    item->leak_told = false;
    ++borrowed_;
    return item;
  }
  Lease lend(std::uint64_t holder) { return Lease(shared_from_this(), take(holder)); }
  void put(std::unique_ptr<Item> item) {
    const auto now = Clock::now();
    std::lock_guard lock(mutex_);
    item->last_used = now;
    if (full_) {
      if (item->retire_at <= now || idle_.size() >= size_ || !connector_->is_alive(*item->socket)) return;
      item->lent = false;
      if (probe_period_.count() > 0) item->probe_at = now + probe_period_;
    }
    idle_.push_back(std::move(item));
  }

 private:
  const std::string key_;
  const std::size_t size_;
  const bool full_;
  const std::chrono::milliseconds probe_period_{0};
  const std::shared_ptr<PoolConnector<std::string, Socket>> connector_ = std::make_shared<Connector>();
  std::mutex mutex_;
  std::size_t waiting_ = 0;
  std::uint64_t borrowed_ = 0;
  std::deque<std::unique_ptr<Item>> idle_;
};

/// The same for each key, found in a map.
class DequesByKey {
 public:
  explicit DequesByKey(std::size_t size) : size_(size) {}
  MutexAndDeque::Lease borrow(const std::string& key, std::uint64_t holder) {
    std::shared_ptr<MutexAndDeque> pool;
    {
      std::lock_guard lock(mutex_);
      auto& found = pools_[key];
      if (!found) found = std::make_shared<MutexAndDeque>(key, size_, true);
      pool = found;
    }
    return pool->lend(holder);
  }

 private:
  const std::size_t size_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<MutexAndDeque>> pools_;
};

template <class Work>
void measure(const std::string& what, std::size_t size, unsigned threads, double seconds, Work work) {
  std::atomic<unsigned> ready{0};
  std::atomic<bool> go{false}, stop{false};
  std::vector<std::uint64_t> counts(threads);
  std::vector<std::thread> running;
  for (unsigned t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      const auto token = ThreadToken::current();
      std::uint64_t count = 0;
      ++ready;
      while (!go.load(std::memory_order_acquire)) std::this_thread::yield();
      while (!stop.load(std::memory_order_relaxed)) {
        for (int i = 0; i < 64; ++i) work(token);
        count += 64;
      }
      counts[t] = count;
    });
  }
  while (ready < threads) std::this_thread::yield();
  const auto began = Clock::now();
  go = true;
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  for (auto& thread : running) thread.join();
  const double took = std::chrono::duration<double>(Clock::now() - began).count();
  std::uint64_t ops = 0;
  for (const auto count : counts) ops += count;
  const unsigned at_once = std::min(threads, std::max(1u, std::thread::hardware_concurrency()));
  std::printf("%s size=%zu threads=%u ns=%.1f ops=%llu\n", what.c_str(), size, threads, took * at_once * 1e9 / static_cast<double>(ops),
              static_cast<unsigned long long>(ops));
  std::fflush(stdout);
}

void run(PoolType type, std::size_t size, unsigned threads, double seconds) {
  PoolOptions options;
  options.type = type;
  options.size = type == PoolType::per_thread ? 0 : size;
  PoolMap<std::string, Socket> pool(options, std::make_shared<Connector>(), make_pool_runtime());
  const std::string key = "server-17.example.org:16020/ada/ClientService";
  const std::string what = "pool=hbmux type=" + std::string(to_string(type));
  if (type != PoolType::reusable) {
    return measure(what, options.size, threads, seconds, [&](const ThreadToken& token) {
      if (pool.at_hand(key, token) == nullptr) pool.share(key, token).value();
    });
  }
  measure(what, size, threads, seconds, [&](const ThreadToken& token) {
    BorrowRequest request;
    request.thread = token;
    request.now = Clock::now();
    pool.borrow(key, request, [](Result<PoolMap<std::string, Socket>::Lease> lease) {
      if (!lease) std::abort();
    });
  });
}

void run_deque(std::size_t size, unsigned threads, double seconds) {
  const std::string key = "server-17.example.org:16020/ada/ClientService";
  MutexAndDeque bare(key, size, false);
  measure("pool=deque books=few type=Reusable", size, threads, seconds, [&](const ThreadToken& token) {
    if (auto item = bare.take(token.id())) bare.put(std::move(item));
  });
  const auto one = std::make_shared<MutexAndDeque>(key, size, true);
  measure("pool=deque books=same type=Reusable", size, threads, seconds, [&](const ThreadToken& token) { one->lend(token.id()); });
  DequesByKey keyed(size);
  measure("pool=deque books=same keys=yes type=Reusable", size, threads, seconds,
          [&](const ThreadToken& token) { keyed.borrow(key, token.id()); });
}

}  // namespace
}  // namespace hbmux::bench

int main(int argc, char** argv) {
  using namespace hbmux;
  double seconds = 0.5;
  std::vector<unsigned> threads{1, 2, 4, 8, 16, 64};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--seconds") {
      seconds = std::atof(argv[i + 1]);
    } else if (option == "--threads") {
      threads = {static_cast<unsigned>(std::atoi(argv[i + 1]))};
    } else {
      std::fprintf(stderr, "usage: bench_pool_map [--seconds S] [--threads N]\n");
      return 2;
    }
  }
  for (const unsigned n : threads) {
    for (const std::size_t size : {1, 4}) bench::run(PoolType::round_robin, size, n, seconds);
    bench::run(PoolType::per_thread, 0, n, seconds);
    for (const std::size_t size : {std::size_t{1}, std::size_t{64}}) {
      if (size < n) continue;  // nobody is to wait here
      bench::run(PoolType::reusable, size, n, seconds);
      bench::run_deque(size, n, seconds);
    }
  }
}
