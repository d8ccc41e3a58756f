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

/// What somebody would write who needs no more than to lend: a lock around a deque, with the same notes about each.
class MutexAndDeque {
 public:
  struct Item {
    std::shared_ptr<Socket> socket;
    Clock::time_point last_used, lent_at;
    std::uint64_t holder = 0;
  };
  explicit MutexAndDeque(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) idle_.push_back(std::make_unique<Item>(std::make_shared<Socket>()));
  }
  std::unique_ptr<Item> take(std::uint64_t holder) {
    const auto now = Clock::now();
    std::unique_lock lock(mutex_);
    if (idle_.empty()) return nullptr;
    auto item = std::move(idle_.back());
    idle_.pop_back();
    item->lent_at = now;
    item->holder = holder;
    return item;
  }
  void put(std::unique_ptr<Item> item) {
    item->last_used = Clock::now();
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(item));
  }

 private:
  std::mutex mutex_;
  std::deque<std::unique_ptr<Item>> idle_;
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
  MutexAndDeque pool(size);
  measure("pool=deque type=Reusable", size, threads, seconds, [&](const ThreadToken& token) {
    if (auto item = pool.take(token.id())) pool.put(std::move(item));
  });
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
