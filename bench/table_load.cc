#include "bench/table_load.h"

#include "bench/frames.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace hbmux::bench {
namespace {

/// A sequence of rows; each thread or chain of calls has its own.
class Rows {
 public:
  Rows(std::size_t number, std::uint32_t rows) : state_(0x9e3779b97f4a7c15 * (number + 1)), rows_(rows) {}
  std::uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>((state_ >> 32) * rows_ >> 32);
  }

 private:
  std::uint64_t state_;
  std::uint32_t rows_;
};

/// A row's key in a buffer of the caller's stack.
class Key {
 public:
  explicit Key(std::uint32_t number) { write_row(text_, number); }
  std::string_view view() const { return {text_, kRowSize}; }

 private:
  char text_[kRowSize];
};

Put put_of(std::uint32_t number) {
  char value[kValueSize];
  std::fill_n(value, kValueSize, '.');
  write_row(value, number);
  Put put(std::string_view(value, kRowSize));
  put.add("f", "q", std::string_view(value, kValueSize));
  return put;
}

void tell_first(const Error& error) {
  static std::atomic<bool> told{false};
  if (!told.exchange(true)) std::fprintf(stderr, "%s\n", error.to_string().c_str());
}

std::uint64_t nanoseconds_since(Clock::time_point start, Clock::time_point now = Clock::now()) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(now - start).count());
}

void add(Measurement& to, const Measurement& part) {
  to.calls += part.calls;
  to.wrong += part.wrong;
  to.latency.add(part.latency);
}

bool blocking_call(const Table& table, bool put, std::uint32_t row) {
  if (!put) return is_row(table.get(Get(Key(row).view())), row);
  const auto done = table.put(put_of(row));
  if (!done) tell_first(done.error());
  return done.has_value();
}

/// What one lane counted: handlers of one connection run on one lane, those of several on several.
class LanePart {
 public:
  static LanePart& of(std::deque<LanePart>& parts, std::mutex& mutex, std::uint64_t run) {
    thread_local LanePart* mine = nullptr;
    thread_local std::uint64_t mine_of = 0;
    if (mine == nullptr || mine_of != run) {
      std::lock_guard lock(mutex);
      mine = &parts.emplace_back();
      mine_of = run;
    }
    return *mine;
  }
  Measurement m;
};

/// Calls in flight, each a chain whose handler starts the next call.
class AsyncLoad {
 public:
  AsyncLoad(const Table& table, const TableLoadOptions& options) : table_(table), put_(options.op == "put") {
    static std::atomic<std::uint64_t> runs{0};
    run_ = ++runs;
    for (int i = 0; i < options.n; ++i) {
      chains_.push_back(Chain{*this, Rows(static_cast<std::size_t>(i), options.rows), 0, 0, {}});
    }
    left_ = options.n;
  }

  Measurement run(double seconds) {
    const auto before = Usage::now();
    for (auto& chain : chains_) begin(chain);
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop_ = true;
    for (int left = left_; left > 0; left = left_) left_.wait(left);
    Measurement m;
    m.used(before, Usage::now());
    for (const auto& part : parts_) add(m, part.m);
    return m;
  }

 private:
  struct Chain {
    AsyncLoad& load;
    Rows rows;
    std::uint32_t row = 0;
    std::uint32_t calls = 0;
    Clock::time_point started;

    /// One call in eight is timed: a clock costs as much as a twentieth of a call, and the bare client reads one for
    /// each batch only.
    bool is_timed() const { return calls % 8 == 0; }
  };

  void begin(Chain& chain) {
    chain.row = chain.rows.next();
    ++chain.calls;
    if (chain.is_timed()) chain.started = Clock::now();
    if (put_) {
      table_.async_put(put_of(chain.row), [&chain](Result<void> done) {
        if (!done) tell_first(done.error());
        chain.load.finish(chain, done.has_value());
      });
    } else {
      table_.async_get(Get(Key(chain.row).view()),
                       [&chain](Result<Row> reply) { chain.load.finish(chain, is_row(reply, chain.row)); });
    }
  }
  void finish(Chain& chain, bool right) {
    auto& m = LanePart::of(parts_, mutex_, run_).m;
    if (chain.is_timed()) m.latency.record(nanoseconds_since(chain.started));
    ++m.calls;
    m.wrong += !right;
    if (!stop_.load(std::memory_order_relaxed)) return begin(chain);
    if (left_.fetch_sub(1) == 1) left_.notify_one();
  }

  const Table& table_;
  const bool put_;
  std::uint64_t run_ = 0;
  std::deque<Chain> chains_;
  std::mutex mutex_;
  std::deque<LanePart> parts_;
  std::atomic<bool> stop_{false};
  std::atomic<int> left_{0};
};

void check(const TableLoadOptions& options) {
  if (options.op != "get" && options.op != "put") throw std::runtime_error("no such operation: " + options.op);
  if (options.n < 1 || options.n > 65536)
    throw std::runtime_error("as many threads or calls: " + std::to_string(options.n));
}

}  // namespace

bool is_row(const Result<Row>& reply, std::uint32_t number) noexcept {
  if (!reply) return tell_first(reply.error()), false;
  if (reply->size() != 1) return false;
  const auto value = (*reply)[0].value();
  return value.size() == kValueSize && value.starts_with(Key(number).view());
}

void load_rows(const Table& table, std::uint32_t rows) {
  constexpr std::uint32_t kBatch = 1000;
  for (std::uint32_t first = 0; first < rows; first += kBatch) {
    std::vector<Action> actions;
    for (auto row = first; row < rows && row < first + kBatch; ++row) actions.emplace_back(put_of(row));
    for (const auto& done : table.batch(std::move(actions))) done.value();
  }
}

Measurement run_blocking(const Table& table, const TableLoadOptions& options) {
  check(options);
  const bool put = options.op == "put";
  std::atomic<bool> stop{false};
  std::vector<Measurement> parts(static_cast<std::size_t>(options.n));
  std::vector<std::thread> workers;
  const auto before = Usage::now();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    workers.emplace_back([&, i] {
      const Table mine = table;
      Rows rows(i, options.rows);
      auto started = Clock::now();
      while (!stop.load(std::memory_order_relaxed)) {
        const bool right = blocking_call(mine, put, rows.next());
        const auto now = Clock::now();
        parts[i].latency.record(nanoseconds_since(started, now));
        ++parts[i].calls;
        parts[i].wrong += !right;
        started = now;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
  stop = true;
  for (auto& worker : workers) worker.join();
  Measurement m;
  m.used(before, Usage::now());
  for (const auto& part : parts) add(m, part);
  return m;
}

Measurement run_async(const Table& table, const TableLoadOptions& options) {
  check(options);
  return AsyncLoad(table, options).run(options.seconds);
}

}  // namespace hbmux::bench
