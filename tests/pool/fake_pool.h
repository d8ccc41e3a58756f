// Sockets that are none, opened when the test says so, on time that the test moves.
#pragma once

#include <hbmux/pool_map.h>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::test {

using std::chrono::milliseconds;

/// Time stands still until advance(); what is posted runs in run().
class VirtualRuntime final : public PoolRuntime {
 public:
  TimePoint now() const noexcept override { return TimePoint(std::chrono::nanoseconds(now_.load())); }
  void post(Task task) override {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  void call_at(TimePoint at, Task task) override {
    std::lock_guard lock(mutex_);
    timers_.emplace(at, std::move(task));
  }
  /// Runs what is posted and due, until nothing is.
  void run() {
    while (auto task = next()) task();
  }
  /// On the way, timers run at their own times.
  void advance(std::chrono::nanoseconds time) {
    const TimePoint until = now() + time;
    run();
    for (;;) {
      {
        std::lock_guard lock(mutex_);
        if (timers_.empty() || timers_.begin()->first > until) break;
        now_ = std::max(now(), timers_.begin()->first).time_since_epoch().count();
      }
      run();
    }
    now_ = until.time_since_epoch().count();
  }

 private:
  Task next() {
    std::lock_guard lock(mutex_);
    if (!posted_.empty()) {
      Task task = std::move(posted_.front());
      posted_.pop_front();
      return task;
    }
    if (timers_.empty() || timers_.begin()->first > now()) return nullptr;
    return std::move(timers_.extract(timers_.begin()).mapped());
  }

  std::mutex mutex_;
  std::atomic<std::int64_t> now_{std::chrono::nanoseconds(std::chrono::hours(1)).count()};
  std::deque<Task> posted_;
  std::multimap<TimePoint, Task> timers_;
};

struct Socket {
  Socket(int n, std::string k) : number(n), key(std::move(k)) {}
  const int number;
  const std::string key;
  std::atomic<bool> dead{false};
  std::atomic<std::size_t> calls{0};
  std::atomic<std::size_t> bytes{0};
  std::atomic<int> users{0};
  milliseconds lifetime{0};  ///< 0: the pool's.
};

/// Opens at once, or when the test calls finish(). Counts everything.
class SocketConnector final : public PoolConnector<std::string, Socket> {
 public:
  void open(const std::string& key, TimePoint, Opened done) override {
    {
      std::lock_guard lock(mutex);
      ++openings;
      if (!at_once) {
        pending.emplace_back(key, std::move(done));
        return;
      }
    }
    done(make(key));
  }
  bool is_alive(const Socket& socket) const noexcept override { return !socket.dead; }
  bool matches(const Socket& socket, const std::string& key) const noexcept override { return socket.key == key; }
  PoolLoad load(const Socket& socket) const noexcept override { return {socket.calls, socket.bytes}; }
  std::optional<milliseconds> lifetime(const Socket& socket) const noexcept override {
    return socket.lifetime.count() == 0 ? std::nullopt : std::optional(socket.lifetime);
  }
  bool survives(const Socket&, const Error& error) const noexcept override { return error.code() == Errc::table_not_found; }
  void probe(const Resource& socket, Probed done) override {
    ++probes;
    done(!socket->dead && answers_probes);
  }
  void invalidate(const Resource& socket, CloseReason reason) override {
    std::lock_guard lock(mutex);
    closed.emplace_back(socket->number, reason);
  }
  void leaked(const std::string&, const PoolLeak& leak) override { leaks.push_back(leak); }

  Result<Resource> make(const std::string& key) {
    if (refuse) return Error(Errc::cannot_connect, "refused");
    auto socket = std::make_shared<Socket>(made++, key);
    socket->lifetime = next_lifetime;
    return socket;
  }
  /// Ends the opening that began first; false when there is none.
  bool finish() {
    std::pair<std::string, Opened> first;
    {
      std::lock_guard lock(mutex);
      if (pending.empty()) return false;
      first = std::move(pending.front());
      pending.pop_front();
    }
    first.second(make(first.first));
    return true;
  }
  std::vector<std::pair<int, CloseReason>> take_closed() {
    std::lock_guard lock(mutex);
    return std::exchange(closed, {});
  }

  std::mutex mutex;
  std::atomic<bool> at_once{true}, refuse{false}, answers_probes{true};
  std::atomic<int> made{0}, openings{0}, probes{0};
  milliseconds next_lifetime{0};
  std::deque<std::pair<std::string, Opened>> pending;
  std::vector<std::pair<int, CloseReason>> closed;
  std::vector<PoolLeak> leaks;
};

/// A pool of them, and short words for what tests do with it.
struct PoolFixture {
  using Pool = PoolMap<std::string, Socket>;

  explicit PoolFixture(const PoolOptions& options) : pool(options, connector, runtime) {}

  /// The number of what a thread is given.
  int share(const std::string& key = "k", const ThreadToken& thread = ThreadToken::current()) {
    return pool.share(key, thread).value()->number;
  }
  /// What a borrower was told; filled in later for those who wait.
  struct Borrowing {
    std::optional<Result<Pool::Lease>> told;
    Pool::Ticket ticket;
    bool waits() const { return !told; }
    int number() const { return (**told)->number; }
    void give_back() { told.reset(); }
  };
  std::shared_ptr<Borrowing> borrow(const std::string& key = "k", milliseconds patience = milliseconds(100), bool internal = false) {
    auto borrowing = std::make_shared<Borrowing>();
    BorrowRequest request;
    request.thread = ThreadToken::current();
    request.now = runtime->now();
    request.deadline = request.now + patience;
    request.internal = internal;
    request.where = "the test";
    borrowing->ticket = pool.borrow(key, request, [borrowing](Result<Pool::Lease> lease) { borrowing->told.emplace(std::move(lease)); });
    return borrowing;
  }
  PoolCounts counts(const std::string& key = "k") const {
    for (const auto& entry : pool.statistics()) {
      if (entry.key == key) return entry.counts;
    }
    return {};
  }

  std::shared_ptr<VirtualRuntime> runtime = std::make_shared<VirtualRuntime>();
  std::shared_ptr<SocketConnector> connector = std::make_shared<SocketConnector>();
  Pool pool;
};

inline PoolOptions options_of(PoolType type, std::size_t size) {
  PoolOptions options;
  options.type = type;
  options.size = size;
  return options;
}

}  // namespace hbmux::test
