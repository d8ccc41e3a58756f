// The pool of one key: what its PoolState decides under a lock is done here, without one.
#pragma once

#include <hbmux/detail/bounded_depth.h>
#include <hbmux/detail/pool_host.h>
#include <hbmux/detail/pool_state.h>
#include <hbmux/detail/quick_mutex.h>
#include <hbmux/detail/wait_line.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::detail {

/// Thread-safe. Kept alive by its map, by leases, and by openings under way. Nothing is called with its lock held but the connector's questions
/// (is_alive and the like).
template <class Key, class T>
class SubPool final : public WaitLine, public std::enable_shared_from_this<SubPool<Key, T>> {
 public:
  class Lease;
  using Handler = UniqueFunction<void(Result<Lease>)>;
  using State = PoolState<Key, T, Handler>;
  using Slot = typename State::Slot;
  using Effects = typename State::Effects;
  using Connector = typename State::Connector;
  using Resource = typename State::Resource;
  using TimePoint = typename State::TimePoint;
  using WarmHandler = typename State::WarmHandler;

  SubPool(Key key, const PoolOptions& options, std::shared_ptr<Connector> connector, std::shared_ptr<PoolHost> host,
          std::uint64_t seed)
      : key_(std::move(key)),
        connector_(std::move(connector)),
        host_(std::move(host)),
        state_(key_, options, *connector_, host_->places, seed) {}

  const Key& key() const noexcept { return key_; }
  bool is_shared() const noexcept { return state_.is_shared(); }

  /// Shared types: what is at hand or can be had at once; null when one has to wait, with borrow().
  Result<Resource> share(const ThreadToken& thread) {
    BorrowRequest request;
    request.thread = thread;
    request.now = host_->runtime().now();
    for (int turn = 0;; ++turn) {
      grow(thread, request.now);
      Effects fx;
      std::optional<Result<Resource>> answer;
      {
        const Guard lock(*this);
        if (state_.closed()) {
          answer.emplace(*state_.closed());
        } else if (Slot* slot = state_.lend(request, request.now, fx)) {
          answer.emplace(slot->resource);
        } else if (turn > 0) {  // what was dropped has been replaced by then, if that can be done at once
          answer.emplace(state_.last_failure() ? Result<Resource>(*state_.last_failure()) : Result<Resource>(Resource()));
        }
      }
      perform(fx);
      if (answer) return std::move(*answer);
    }
  }

  /// What a thread may hand out by itself, until version() is another: shared types only.
  struct Snapshot {
    std::uint64_t version = 0;
    std::uint64_t thread = 0;  // per_thread: whose
    PoolChoice choice = PoolChoice::in_turn;
    std::vector<Resource> resources;
    std::size_t next = 0;
  };
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  /// Of `snapshot`, brought up to date; null when share() or borrow() has something to do.
  const Resource* choose(Snapshot& snapshot, const ThreadToken& thread) {
    if (snapshot.version != version() || snapshot.thread != thread.id()) take(snapshot, thread);
    auto& resources = snapshot.resources;
    if (resources.empty()) return nullptr;
    const PoolChoice choice = snapshot.choice;
    std::size_t at = (choice == PoolChoice::sticky ? thread.id() : snapshot.next++) % resources.size();
    if (choice == PoolChoice::fewest_calls || choice == PoolChoice::fewest_bytes) {
      at = least_loaded(resources.size(), at, [&](std::size_t i) { return load_for(choice, connector_->load(*resources[i])); });
    }
    return connector_->is_alive(*resources[at]) ? &resources[at] : nullptr;
  }

  /// Reusable: an idle one, when that is all there is to it; else an empty lease. `self` is this.
  Lease lend_idle(const std::shared_ptr<SubPool>& self, const BorrowRequest& request) {
    Lease lease;
    if (state_.is_shared() || request.now == TimePoint()) return lease;
    std::lock_guard lock(mutex_);
    if (Slot* slot = state_.lend_idle(request, request.now)) {
      lease.pool_ = self;
      lease.slot_ = slot;
    }
    return lease;
  }

  /// Lends to `handler`: within this call what is at hand or can be opened at once, else later. What cancel() wants; 0 when it has ended; nothing,
  /// and the handler as it was, when the sub-pool was disposed of.
  std::optional<std::uint64_t> borrow(const BorrowRequest& request, Handler&& handler) {
    const TimePoint now = request.now == TimePoint() ? host_->runtime().now() : request.now;
    if (state_.is_shared()) grow(request.thread, now);
    Effects fx;
    std::optional<Result<Lease>> answer;
    std::uint64_t id = 0;
    {
      const Guard lock(*this);
      if (is_disposed()) return std::nullopt;
      if (state_.closed()) {
        answer.emplace(*state_.closed());
      } else if (Slot* slot = state_.lend(request, now, fx)) {
        answer.emplace(lease(slot, slot->resource));
      } else if (auto waits = state_.wait(request, now, std::move(handler), fx)) {
        id = *waits;
      } else {
        answer.emplace(waits.error());
      }
    }
    perform(fx);
    if (answer) {
      if (!*answer) {
        const Error error = answer->error();
        tell({.kind = PoolEvent::Kind::gave_up, .error = &error});
      }
      return handler(std::move(*answer)), 0;
    }
    if (request.deadline <= now) return expire(now), 0;  // unless it could be opened at once
    if (request.deadline != TimePoint::max() && still_waits(id)) host_->watch(request.deadline);
    return id;
  }

  /// Ends a wait with Errc::cancelled; nothing when it has ended.
  void cancel(std::uint64_t id) override {
    std::pair<Handler, TimePoint> waiter;
    {
      std::lock_guard lock(mutex_);
      waiter = state_.forget(id);
    }
    if (!waiter.first) return;
    Error error(Errc::cancelled, "the wait for a connection was cancelled");
    tell({.kind = PoolEvent::Kind::gave_up, .time = now() - waiter.second, .error = &error});
    waiter.first(std::move(error));
  }
  /// Ends waits whose deadline has passed; the earliest deadline that is left, max() for none.
  TimePoint expire(TimePoint now) {
    TimePoint next;
    decide([&](Effects& fx) { next = state_.expire(now, fx); });
    return next;
  }
  void reap(TimePoint now) {
    decide([&](Effects& fx) { state_.reap(now, fx); });
  }
  void warm_up(WarmHandler&& handler) {
    decide([&](Effects& fx) { state_.warm_up(std::move(handler), host_->runtime().now(), fx); });
  }
  void set_options(const PoolOptions& options) {
    decide([&](Effects& fx) {
      state_.set_options(options);
      state_.reap(host_->runtime().now(), fx);
    });
  }
  /// There may be a place now.
  void try_again() {
    decide([&](Effects& fx) { state_.pump(host_->runtime().now(), fx); });
  }
  /// Since when the one that should make room first has been idle.
  std::optional<TimePoint> evictable_since() {
    std::lock_guard lock(mutex_);
    const Slot* slot = state_.evictable();
    return slot == nullptr ? std::nullopt : std::optional(slot->last_used);
  }
  bool evict() {
    bool evicted = false;
    decide([&](Effects& fx) {
      Slot* slot = state_.evictable();
      if ((evicted = slot != nullptr)) state_.evict(*slot, fx);
    });
    return evicted;
  }
  /// For good: borrowers get `reason`, and everything is let go of, what is lent too.
  void close(const Error& reason) {
    decide([&](Effects& fx) { state_.close(reason, now(), fx); });
  }

  /// It is not disposed of until unpin(). False when that has happened already.
  bool pin() {
    std::lock_guard lock(mutex_);
    if (is_disposed()) return false;
    ++pins_;
    return true;
  }
  void unpin() noexcept {
    std::lock_guard lock(mutex_);
    --pins_;
  }
  /// True when nothing is open, under way, awaited or to be kept: then it is closed, and its map forgets it.
  bool dispose() {
    const Guard lock(*this);
    if (pins_ != 0 || !state_.is_disposable()) return false;
    Effects none;
    state_.close(Error(Errc::closed, "nothing was open for this key"), TimePoint(), none);
    disposed_.store(true, std::memory_order_release);
    return true;
  }
  bool is_disposed() const noexcept { return disposed_.load(std::memory_order_acquire); }
  /// Who waits longest, and how many do; nothing when nobody does.
  std::optional<std::string> first_waiter() const {
    std::lock_guard lock(mutex_);
    return state_.first_waiter();
  }
  /// What it looks like, for errors.
  std::string story(TimePoint now) const {
    std::lock_guard lock(mutex_);
    return state_.describe(now);
  }
  TimePoint now() const noexcept { return host_->runtime().now(); }
  void call_at(TimePoint at, PoolRuntime::Task task) { host_->runtime().call_at(at, std::move(task)); }

  PoolCounts counts() const {
    std::lock_guard lock(mutex_);
    return state_.counts();
  }
  std::vector<Resource> resources() const {
    std::lock_guard lock(mutex_);
    return state_.resources();
  }

  /// One borrowing. Shared types: only a pointer. Reusable: gives the resource back when it ends, or lets it be discarded when it was tainted or is no
  /// longer alive; in a request scope, when the scope has ended too. Movable; of one thread at a time.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : resource_(std::move(other.resource_)),
          pool_(std::move(other.pool_)),
          slot_(std::exchange(other.slot_, nullptr)),
          tainted_(std::exchange(other.tainted_, false)),
          is_part_(std::exchange(other.is_part_, false)) {}
    Lease& operator=(Lease&& other) noexcept {
      if (this != &other) {
        release();
        resource_ = std::move(other.resource_);
        pool_ = std::move(other.pool_);
        slot_ = std::exchange(other.slot_, nullptr);
        tainted_ = std::exchange(other.tainted_, false);
        is_part_ = std::exchange(other.is_part_, false);
      }
      return *this;
    }
    ~Lease() { release(); }

    T& operator*() const noexcept { return *resource(); }
    T* operator->() const noexcept { return resource().get(); }
    const Resource& resource() const noexcept { return slot_ == nullptr ? resource_ : slot_->resource; }
    explicit operator bool() const noexcept { return resource() != nullptr; }
    /// Nobody else has it meanwhile (nobody outside its request scope).
    bool is_exclusive() const noexcept { return slot_ != nullptr; }

    /// An unfinished exchange, or an error of the transport: an exclusive resource must not be lent again. Shared ones judge themselves
    /// (PoolConnector::is_alive).
    void taint() noexcept { tainted_ = true; }
    /// What was done with it ended with `error`: taints it, unless the connector says that it survives that.
    void failed(const Error& error) noexcept {
      if (slot_ != nullptr && !pool_->connector_->survives(*slot_->resource, error)) tainted_ = true;
    }
    /// Ends the borrowing now.
    void release() {
      resource_.reset();
      if (slot_ == nullptr) return;
      const auto pool = std::move(pool_);
      Slot& slot = *std::exchange(slot_, nullptr);
      const bool tainted = std::exchange(tainted_, false);
      if (!std::exchange(is_part_, false)) return pool->give_back(slot, tainted || slot.tainted.load(std::memory_order_relaxed));
      if (tainted) slot.tainted.store(true, std::memory_order_relaxed);  // the whole's end comes after that of all parts
    }

    /// Of exclusive ones: another lease of the same. What they have goes back when the last one ends.
    static Lease part_of(const std::shared_ptr<Lease>& whole) {
      Lease part;
      part.pool_ = std::shared_ptr<SubPool>(whole, whole->pool_.get());
      part.slot_ = whole->slot_;
      part.is_part_ = true;
      return part;
    }
    /// No part of it was tainted, and it is alive.
    bool is_in_order() const noexcept {
      return !slot_->tainted.load(std::memory_order_relaxed) && pool_->connector_->is_alive(*slot_->resource);
    }

   private:
    friend class SubPool;
    Resource resource_;              // of a shared type
    std::shared_ptr<SubPool> pool_;  // of Reusable, as the slot; of a part, together with the whole
    Slot* slot_ = nullptr;
    bool tainted_ = false;
    bool is_part_ = false;
  };

 private:
  /// The lock; at its end the version is told to those who look without one.
  class Guard {
   public:
    explicit Guard(SubPool& pool) : pool_(pool), lock_(pool.mutex_) {}
    ~Guard() { pool_.version_.store(pool_.state_.version(), std::memory_order_release); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    SubPool& pool_;
    std::lock_guard<QuickMutex> lock_;
  };

  template <class Decide>
  void decide(Decide decision) {
    Effects fx;
    {
      const Guard lock(*this);
      decision(fx);
    }
    perform(fx);
  }

  void grow(const ThreadToken& thread, TimePoint now) {
    decide([&](Effects& fx) { state_.grow(thread, now, fx); });
  }
  void take(Snapshot& snapshot, const ThreadToken& thread) {
    const std::lock_guard lock(mutex_);  // changes nothing
    snapshot.version = state_.version();
    snapshot.thread = thread.id();
    snapshot.choice = state_.options().choice;
    snapshot.next = static_cast<std::size_t>(thread.id());  // so that threads do not march in step
    snapshot.resources = state_.snapshot(thread);
  }
  void give_back(Slot& slot, bool tainted) {
    const TimePoint now = host_->runtime().coarse_now();
    bool taken = false;
    if (!tainted) {
      std::lock_guard lock(mutex_);
      taken = state_.take_back(slot, now);
    }
    if (!taken) decide([&](Effects& fx) { state_.give_back(slot, tainted, now, fx); });
    host_->relax();
  }
  Lease lease(Slot* slot, Resource resource) {
    Lease lease;
    if (state_.is_shared()) {
      lease.resource_ = std::move(resource);
    } else {
      lease.pool_ = this->shared_from_this();
      lease.slot_ = slot;
    }
    return lease;
  }
  bool still_waits(std::uint64_t id) const {
    std::lock_guard lock(mutex_);
    return state_.waits(id);
  }

  void perform(Effects& fx) {
    for (auto& [resource, reason] : fx.retired) {
      connector_->invalidate(resource, reason);
      tell({.kind = PoolEvent::Kind::closed, .reason = reason});
    }
    fx.retired.clear();
    if (fx.places != 0) {
      host_->places.give(fx.places);
      host_->relax();
    }
    for (auto& served : fx.served) {
      tell({.kind = PoolEvent::Kind::waited, .time = served.waited});
      run_with_bounded_depth([handler = std::move(served.handler), lent = lease(served.slot, std::move(served.resource))]() mutable {
        handler(std::move(lent));
      });
    }
    for (auto& ended : fx.ended) {
      tell({.kind = PoolEvent::Kind::gave_up, .time = ended.waited, .error = &ended.error});
      ended.handler(std::move(ended.error));
    }
    for (auto& [handler, result] : fx.warmed) handler(std::move(result));
    for (const auto& leak : fx.leaks) connector_->leaked(key_, leak);
    for (auto& [id, resource] : fx.probes) {
      connector_->probe(resource, [self = this->shared_from_this(), id = id](bool alive) {
        self->decide([&](Effects& more) { self->state_.probed(id, alive, self->host_->runtime().now(), more); });
      });
    }
    for (const auto& opening : fx.openings) open(opening);
    if (fx.again_at != TimePoint::max()) {
      host_->runtime().call_at(fx.again_at, [self = this->shared_from_this()] { self->try_again(); });
    }
    if (fx.starves) host_->starves(this->shared_from_this());
  }

  void open(const typename State::Opening& opening) {
    auto& runtime = host_->runtime();
    if (opening.at > runtime.now()) {
      return runtime.call_at(opening.at, [self = this->shared_from_this(), slot = opening.slot, ticket = opening.ticket] {
        {
          std::lock_guard lock(self->mutex_);
          if (!self->state_.still_opens({slot, ticket, {}})) return;
        }
        self->open({slot, ticket, TimePoint::min()});
      });
    }
    TimePoint deadline = TimePoint::max();
    if (const auto time = open_timeout(); time.count() > 0) {
      deadline = runtime.now() + time;
      runtime.call_at(deadline, [self = this->shared_from_this(), opening, time] {
        self->opened(opening, Error(Errc::timed_out, "nothing was opened within " + std::to_string(time.count()) + " ms"));
      });
    }
    connector_->open(key_, deadline, [self = this->shared_from_this(), opening, began = runtime.now()](Result<Resource> result) {
      const auto took = self->now() - began;
      if (result) {
        self->tell({.kind = PoolEvent::Kind::opened, .time = took});
      } else {
        const Error error = result.error();
        self->tell({.kind = PoolEvent::Kind::open_failed, .time = took, .error = &error});
      }
      self->opened(opening, std::move(result));
    });
  }
  void tell(const PoolEvent& event) const noexcept { connector_->happened(key_, event); }
  void opened(const typename State::Opening& opening, Result<Resource>&& result) {
    decide([&](Effects& fx) { state_.opened(opening.slot, opening.ticket, std::move(result), host_->runtime().now(), fx); });
  }
  std::chrono::milliseconds open_timeout() const {
    std::lock_guard lock(mutex_);
    return state_.options().open_timeout;
  }

  const Key key_;
  const std::shared_ptr<Connector> connector_;
  const std::shared_ptr<PoolHost> host_;
  mutable QuickMutex mutex_;
  State state_;
  std::size_t pins_ = 0;  // guarded by mutex_
  std::atomic<bool> disposed_{false};
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace hbmux::detail
