// Pools of anything by key, as HBase's PoolMap: who calls decides which of a key's resources is used.
#pragma once

#include <hbmux/detail/completion.h>
#include <hbmux/detail/pool_directory.h>
#include <hbmux/detail/pool_host.h>
#include <hbmux/detail/scoped_hold.h>
#include <hbmux/detail/sub_pool.h>
#include <hbmux/error.h>
#include <hbmux/pool/borrow_request.h>
#include <hbmux/pool/connector.h>
#include <hbmux/pool/options.h>
#include <hbmux/pool/runtime.h>
#include <hbmux/pool/statistics.h>
#include <hbmux/request_scope.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hbmux {

/// A map from keys to pools of resources. Generic: `Key` needs equality and a hash; how a T is opened and judged is the connector's
/// business, and how many there are, for how long, and what happens when there are no more, that of the options.
///
///     PoolMap<std::string, Line> pool(options, std::make_shared<LineConnector>(executor), make_pool_runtime(executor));
///     auto line = pool.borrow("server:7", 2s);           // or co_await pool.async_borrow(...)
///     if (!line) return line.error();
///     (*line)->ask("...");                               // given back at the end of the lease
///
/// Thread-safe. Handlers run without a lock held, on the thread that brings what they wait for. A map that is destroyed is closed first.
template <class Key, class T, class Hash = std::hash<Key>>
class PoolMap {
  using SubPool = detail::SubPool<Key, T>;
  using Hold = detail::ScopedHold<SubPool>;

 public:
  using Connector = PoolConnector<Key, T>;
  using Resource = std::shared_ptr<T>;
  using TimePoint = std::chrono::steady_clock::time_point;
  using Lease = typename SubPool::Lease;
  using Handler = typename SubPool::Handler;

  struct Entry {
    Key key;
    PoolCounts counts;
    std::vector<Resource> resources;
  };
  /// A wait for a resource, to end it early. Copies are the same wait.
  class Ticket {
   public:
    Ticket() = default;
    /// Any thread: its handler receives Errc::cancelled, unless the wait has ended.
    void cancel() const {
      if (auto line = line_.lock()) line->cancel(id_);
    }

   private:
    friend class PoolMap;
    Ticket(const std::shared_ptr<detail::WaitLine>& line, std::uint64_t id) : line_(line), id_(id) {}
    std::weak_ptr<detail::WaitLine> line_;
    std::uint64_t id_ = 0;
  };

  PoolMap(const PoolOptions& options, std::shared_ptr<Connector> connector, std::shared_ptr<PoolRuntime> runtime)
      : core_(std::make_shared<Core>(options, std::move(connector), std::move(runtime))) {
    core_->reap_later();
  }
  ~PoolMap() { close(Error(Errc::closed, "the pool was closed")); }
  PoolMap(const PoolMap&) = delete;
  PoolMap& operator=(const PoolMap&) = delete;

  PoolOptions options() const {
    std::lock_guard lock(core_->mutex);
    return core_->options;
  }
  /// From now on, for what is open too: pools shrink and grow. Errc::invalid_argument when the type differs, which cannot change.
  Result<void> set_options(const PoolOptions& options) {
    {
      std::lock_guard lock(core_->mutex);
      if (options.type != core_->options.type) return Error(Errc::invalid_argument, "the type of a pool cannot change");
      core_->options = options;
      core_->places.set_max(options.total_max);
    }
    for (auto& pool : core_->all()) pool->set_options(options);
    core_->relax();
    return {};
  }

  // ---------------------------------------------------------------- borrowing

  /// The quickest way for shared types, without a lock, an allocation, or a write that other threads could see: a resource that is open; null when
  /// there is more to it, for share() or borrow(). The reference is good until this thread's next call of a PoolMap of this type.
  const Resource* at_hand(const Key& key, const ThreadToken& thread) {
    auto* note = core_->find(key);
    return note == nullptr ? nullptr : note->pool->choose(note->snapshot, thread);
  }
  /// Shared types: a resource that is at hand or can be opened at once; null when one has to be waited for, with borrow(). No lease: it may
  /// be used for as long as the pointer is kept.
  Result<Resource> share(const Key& key, const ThreadToken& thread) {
    for (;;) {
      auto* note = core_->find(key);
      if (note == nullptr) return core_->closed_error();
      if (const Resource* resource = note->pool->choose(note->snapshot, thread)) return *resource;
      const std::shared_ptr<SubPool> pool = note->pool;
      auto resource = pool->share(thread);
      if (resource || !pool->is_disposed()) return resource;
    }
  }

  /// Lends a resource of `key` to `handler`, which runs once: within this call when one is at hand or can be opened at once, else when one comes free, was
  /// opened, or nothing more is to be expected. Errors: timed_out after the request's deadline and overloaded beyond waiting_max (both tell
  /// what the pool looked like), closed, cancelled, and why nothing could be opened.
  Ticket borrow(const Key& key, const BorrowRequest& request, Handler handler) {
    for (;;) {
      auto* found = core_->find(key);
      if (found == nullptr) return handler(core_->closed_error()), Ticket();
      if (request.scope && !found->pool->is_shared()) {
        const std::shared_ptr<SubPool> pool = found->pool;
        const auto& scope = request.scope.state();
        const auto hold = scope->template hold<Hold>(pool.get(), [&] { return Hold::make(pool, scope); });
        if (hold) {
          const auto id = hold->borrow(request, std::move(handler));
          return id == 0 ? Ticket() : Ticket(hold, id);
        }
        if (pool->is_disposed()) continue;
      }
      if (Lease lease = found->pool->lend_idle(found->pool, request)) return handler(std::move(lease)), Ticket();
      const std::shared_ptr<SubPool> pool = found->pool;
      if (const auto id = pool->borrow(request, std::move(handler))) return *id == 0 ? Ticket() : Ticket(pool, *id);
    }
  }
  /// Waits on this thread, which must not be the one that opens resources or runs the timers. A `patience` of 0 does not wait.
  Result<Lease> borrow(const Key& key, std::chrono::nanoseconds patience, std::string_view where = {},
                       std::source_location place = std::source_location::current()) {
    return wait_for(key, core_->request(patience, where, place));
  }
  /// The same in a request scope: exclusive types lend what the scope has for the key, or borrow it for the scope.
  Result<Lease> borrow(const RequestScope& scope, const Key& key, std::chrono::nanoseconds patience, std::string_view where = {}) {
    BorrowRequest request = core_->request(patience, where, {});
    request.scope = scope;
    return wait_for(key, request);
  }
  /// Completes with Result<Lease>. Cancelling ends the wait.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_borrow(const Key& key, std::chrono::nanoseconds patience, Token&& token = {}) {
    return async_borrow(RequestScope::Ref(), key, patience, std::forward<Token>(token));
  }
  /// The same in a request scope; an empty one is none.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_borrow(const RequestScope::Ref& scope, const Key& key, std::chrono::nanoseconds patience, Token&& token = {}) {
    return detail::initiate<Result<Lease>>(
        [this, scope, key, patience](detail::Completion<Result<Lease>> done) {
          BorrowRequest request = core_->request(patience, {}, {});
          request.scope = scope;
          start_borrow(key, request, std::move(done));
        },
        std::forward<Token>(token));
  }

  /// Opens the minimum for a key before anybody asks; `handler` is told when that is done, or why it could not be (it goes on being tried). To
  /// fail at once at the start of a program: wait for it.
  void warm_up(const Key& key, detail::UniqueFunction<void(Result<void>)> handler) {
    auto* found = core_->find(key);
    if (found == nullptr) return handler(core_->closed_error());
    const std::shared_ptr<SubPool> pool = found->pool;
    pool->warm_up(std::move(handler));
  }

  // ---------------------------------------------------------------- the rest

  /// What the pool does by itself every reaper_period.
  void reap() { core_->reap(); }

  /// For good: borrowers get `reason`, all resources are let go of with CloseReason::closed, also those that are lent. Later borrowings fail with it too. The
  /// resources, for those who want to do more.
  std::vector<Resource> close(const Error& reason) { return core_->close(reason); }

  std::vector<Entry> statistics() const {
    std::vector<Entry> out;
    for (auto& pool : core_->all()) out.push_back({pool->key(), pool->counts(), pool->resources()});
    return out;
  }
  /// What is open for a key.
  std::vector<Resource> resources(const Key& key) const {
    for (auto& pool : core_->all()) {
      if (pool->key() == key) return pool->resources();
    }
    return {};
  }
  /// Resources of all keys, those that are opening included.
  std::size_t total() const noexcept { return core_->places.count(); }

 private:
  /// Shared with whatever is under way.
  class Core final : public detail::PoolHost, public std::enable_shared_from_this<Core> {
   public:
    Core(const PoolOptions& o, std::shared_ptr<Connector> c, std::shared_ptr<PoolRuntime> r)
        : PoolHost(std::move(r), o.total_max), options(o), id_(next_id()), connector_(std::move(c)) {}

    /// This thread's note of a key's sub-pool, which is made at need; null when the map is closed. Good until this thread's next call.
    typename detail::PoolDirectory<SubPool>::Note* find(const Key& key) {
      const std::size_t hash = Hash()(key);
      auto& directory = detail::PoolDirectory<SubPool>::of_this_thread();
      if (auto* noted = directory.find(id_, hash, key)) {
        if (!gone_.load(std::memory_order_acquire) && !noted->pool->is_disposed()) return noted;
      }
      std::lock_guard lock(mutex);
      if (closed_) return nullptr;
      auto& pool = pools_[key];
      if (!pool) {
        pool = std::make_shared<SubPool>(key, options, connector_, this->shared_from_this(), hash);
      }
      return &directory.note(id_, hash, pool);
    }
    std::vector<std::shared_ptr<SubPool>> all() const {
      std::lock_guard lock(mutex);
      std::vector<std::shared_ptr<SubPool>> pools;
      pools.reserve(pools_.size());
      for (const auto& [key, pool] : pools_) pools.push_back(pool);
      return pools;
    }
    Error closed_error() const {
      std::lock_guard lock(mutex);
      return closed_.value_or(Error(Errc::closed, "the pool was closed"));
    }
    BorrowRequest request(std::chrono::nanoseconds patience, std::string_view where, std::source_location place) const {
      BorrowRequest request;
      request.thread = ThreadToken::current();
      request.now = runtime().now();
      request.deadline = patience == std::chrono::nanoseconds::max() ? TimePoint::max() : request.now + patience;
      request.where = where;
      request.place = place;
      return request;
    }

    std::vector<Resource> close(const Error& reason) {
      std::vector<std::shared_ptr<SubPool>> pools;
      {
        std::lock_guard lock(mutex);
        if (!closed_) closed_ = reason;
        gone_.store(true, std::memory_order_release);
        for (auto& [key, pool] : pools_) pools.push_back(pool);
        pools_.clear();
        starved_.clear();
        starving.store(0, std::memory_order_release);
      }
      std::vector<Resource> resources;
      for (auto& pool : pools) {
        for (auto& resource : pool->resources()) resources.push_back(std::move(resource));
        pool->close(reason);
      }
      return resources;
    }

    void reap() {
      const TimePoint now = runtime().now();
      for (auto& pool : all()) pool->reap(now);
      {
        std::lock_guard lock(mutex);
        std::erase_if(pools_, [](const auto& entry) { return entry.second->dispose(); });
      }
      if (starving.load(std::memory_order_acquire) != 0) make_room();
    }
    void reap_later() {
      std::chrono::milliseconds period{0};
      {
        std::lock_guard lock(mutex);
        period = options.reaper_period;
        if (options.leak_after.count() > 0) period = std::min(period, options.leak_after);
        if (options.probe_period.count() > 0) period = std::min(period, options.probe_period);
      }
      if (period.count() <= 0) return;
      runtime().call_at(runtime().now() + period, [weak = this->weak_from_this()] {
        auto self = weak.lock();
        if (!self || self->gone_.load(std::memory_order_acquire)) return;
        self->reap();
        self->reap_later();
      });
    }

    void watch(TimePoint deadline) override {
      {
        std::lock_guard lock(watch_mutex_);
        if (deadline >= watched_) return;
        watched_ = deadline;
      }
      runtime().call_at(deadline, [weak = this->weak_from_this(), deadline] {
        if (auto self = weak.lock()) self->expire(deadline);
      });
    }

    mutable std::mutex mutex;
    PoolOptions options;

   private:
    static std::uint64_t next_id() noexcept {
      static std::atomic<std::uint64_t> next{1};
      return next.fetch_add(1, std::memory_order_relaxed);
    }

    void expire(TimePoint watched) {
      {
        std::lock_guard lock(watch_mutex_);
        if (watched_ != watched) return;  // an earlier one was set meanwhile
        watched_ = TimePoint::max();
      }
      TimePoint next = TimePoint::max();
      const TimePoint now = runtime().now();
      for (auto& pool : all()) next = std::min(next, pool->expire(now));
      if (next != TimePoint::max()) watch(next);
    }

    void line_up(std::shared_ptr<void> who) override {
      {
        std::lock_guard lock(mutex);
        if (closed_) return;
        for (const auto& waiting : starved_) {
          if (waiting.lock() == who) return;
        }
        starved_.push_back(std::move(who));
        starving.store(starved_.size(), std::memory_order_release);
      }
      make_room();
    }
    // Not within whatever it was that made room: the stack would grow with the line.
    void feed() override {
      runtime().post([weak = this->weak_from_this()] {
        auto self = weak.lock();
        if (!self) return;
        std::shared_ptr<void> first;
        {
          std::lock_guard lock(self->mutex);
          if (self->starved_.empty()) return;
          first = self->starved_.front().lock();
          self->starved_.pop_front();
          self->starving.store(self->starved_.size(), std::memory_order_release);
        }
        if (first) static_cast<SubPool*>(first.get())->try_again();
        if (!self->places.is_full()) self->relax();
      });
    }
    // The idle one that was used longest ago, whoever's it is, goes.
    void make_room() {
      std::shared_ptr<SubPool> victim;
      TimePoint since = TimePoint::max();
      for (auto& pool : all()) {
        const auto idle = pool->evictable_since();
        if (!idle || *idle >= since) continue;
        since = *idle;
        victim = pool;
      }
      if (victim) victim->evict();
    }

    const std::uint64_t id_;
    const std::shared_ptr<Connector> connector_;
    std::unordered_map<Key, std::shared_ptr<SubPool>, Hash> pools_;
    std::optional<Error> closed_;
    std::atomic<bool> gone_{false};
    std::deque<std::weak_ptr<void>> starved_;
    std::mutex watch_mutex_;
    TimePoint watched_ = TimePoint::max();
  };

  Result<Lease> wait_for(const Key& key, const BorrowRequest& request) {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<Result<Lease>> lease;
    borrow(key, request, [&](Result<Lease> got) {
      std::lock_guard lock(mutex);
      lease.emplace(std::move(got));
      ended.notify_one();
    });
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return lease.has_value(); });
    return std::move(*lease);
  }
  void start_borrow(const Key& key, const BorrowRequest& request, detail::Completion<Result<Lease>> done) {
    // What is at hand comes within borrow(), where a handler must not run yet.
    struct Pending {
      std::mutex mutex;
      bool inside = true;
      std::optional<Result<Lease>> early;
      detail::UniqueFunction<void(Result<Lease>)> finish;
    };
    auto pending = std::make_shared<Pending>();
    pending->finish = std::move(done.finish);
    const Ticket ticket = borrow(key, request, [pending](Result<Lease> lease) {
      {
        std::lock_guard lock(pending->mutex);
        if (pending->inside) {
          pending->early.emplace(std::move(lease));
          return;
        }
      }
      pending->finish(std::move(lease));
    });
    std::unique_lock lock(pending->mutex);
    pending->inside = false;
    if (pending->early) {
      lock.unlock();
      core_->runtime().post([pending] { pending->finish(std::move(*pending->early)); });
      return;
    }
    lock.unlock();
    if (done.cancel && !done.cancel->arm([ticket] { ticket.cancel(); })) ticket.cancel();
  }

  const std::shared_ptr<Core> core_;
};

}  // namespace hbmux
