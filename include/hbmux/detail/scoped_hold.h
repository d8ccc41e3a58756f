// What a request scope has of one exclusive sub-pool: a lease, and those of the scope who wait for it.
#pragma once

#include <hbmux/detail/scope_state.h>
#include <hbmux/detail/wait_line.h>
#include <hbmux/error.h>
#include <hbmux/pool/borrow_request.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::detail {

/// Owned by the scope, and by waits under way. Thread-safe; handlers run without the lock. Whoever comes first asks the sub-pool; who comes
/// while that waits, waits for the same answer, since a second one would wait for what its own scope is about to get.
template <class SubPool>
class ScopedHold final : public ScopeHold, public WaitLine, public std::enable_shared_from_this<ScopedHold<SubPool>> {
 public:
  using Lease = typename SubPool::Lease;
  using Handler = typename SubPool::Handler;
  using TimePoint = typename SubPool::TimePoint;

  /// Null when the sub-pool was disposed of.
  static std::shared_ptr<ScopedHold> make(const std::shared_ptr<SubPool>& pool, const std::shared_ptr<ScopeState>& scope) {
    return pool->pin() ? std::shared_ptr<ScopedHold>(new ScopedHold(pool, scope)) : nullptr;
  }
  ~ScopedHold() override { pool_->unpin(); }

  /// As SubPool::borrow(), but never too late: the sub-pool stays for as long as this does.
  std::uint64_t borrow(const BorrowRequest& request, Handler&& handler) {
    std::shared_ptr<Lease> held, spent;
    std::uint64_t id = 0;
    bool asks = false;
    {
      std::lock_guard lock(mutex_);
      if (held_ && !held_->is_in_order()) spent = std::move(held_);  // who uses it still, keeps it until then
      held = held_;
      if (!held) {
        id = ++last_id_;
        waiting_.push_back({id, of_scope(request), std::move(handler)});
        asks = !std::exchange(asking_, true);
      }
    }
    spent.reset();
    if (held) return handler(Lease::part_of(held)), 0;
    if (asks) {
      ask(of_scope(request));
    } else {
      watch(request.deadline);
    }
    return id;
  }

  void cancel(std::uint64_t id) override {
    Handler handler;
    std::uint64_t asked = 0;
    {
      std::lock_guard lock(mutex_);
      const auto at = std::ranges::find(waiting_, id, &Waiting::id);
      if (at == waiting_.end()) return;
      handler = std::move(at->handler);
      waiting_.erase(at);
      if (waiting_.empty()) asked = asked_;
    }
    if (asked != 0) pool_->cancel(asked);
    handler(Error(Errc::cancelled, "the wait for a connection was cancelled"));
  }

  void end() noexcept override {
    std::shared_ptr<Lease> held;  // goes back without the lock
    std::lock_guard lock(mutex_);
    ended_ = true;
    held = std::move(held_);
  }

  std::optional<std::string> wanted() const override {
    {
      std::lock_guard lock(mutex_);
      if (!held_) return std::nullopt;
    }
    return pool_->first_waiter();
  }

 private:
  struct Waiting {
    std::uint64_t id;
    BorrowRequest request;
    Handler handler;
  };

  ScopedHold(std::shared_ptr<SubPool> pool, const std::shared_ptr<ScopeState>& scope) : pool_(std::move(pool)), scope_(scope) {}

  BorrowRequest of_scope(BorrowRequest request) const {
    request.scope = {};
    if (const auto scope = scope_.lock()) request.place = scope->opened();
    request.in_scope = true;
    return request;
  }
  void ask(const BorrowRequest& request) {
    if (Lease lease = pool_->lend_idle(pool_, request)) return answered(std::move(lease));
    std::uint64_t round = 0;
    {
      std::lock_guard lock(mutex_);
      round = ++rounds_;
    }
    const auto id = pool_->borrow(request, [self = this->shared_from_this()](Result<Lease> lease) { self->answered(std::move(lease)); });
    if (!id || *id == 0) return;
    {
      std::lock_guard lock(mutex_);
      if (!asking_ || round != rounds_) return;  // it has been answered meanwhile
      asked_ = *id;
      if (!waiting_.empty()) return;
    }
    pool_->cancel(*id);
  }

  void answered(Result<Lease> lease) {
    if (!lease) return refused(lease.error());
    std::vector<Waiting> served;
    auto held = std::make_shared<Lease>(std::move(*lease));
    {
      std::lock_guard lock(mutex_);
      asking_ = false;
      asked_ = 0;
      served = std::exchange(waiting_, {});
      if (!ended_ && !served.empty()) held_ = held;
    }
    for (auto& waiting : served) waiting.handler(Lease::part_of(held));
  }

  // Time ran out for those whose time it was; the others ask again.
  void refused(const Error& error) {
    const TimePoint now = pool_->now();
    std::vector<Waiting> ended;
    std::optional<BorrowRequest> again;
    {
      std::lock_guard lock(mutex_);
      asked_ = 0;
      const bool only_some = error.code() == Errc::timed_out || error.code() == Errc::cancelled;
      ended = take_if([&](const Waiting& waiting) { return !only_some || waiting.request.deadline <= now; });
      asking_ = !waiting_.empty();
      if (asking_) again = std::ranges::max_element(waiting_, {}, [](const Waiting& w) { return w.request.deadline; })->request;
    }
    for (auto& waiting : ended) waiting.handler(decorated(error));
    if (!again) return;
    again->now = now;
    ask(*again);
  }

  void watch(TimePoint deadline) {
    if (deadline == TimePoint::max()) return;
    pool_->call_at(deadline, [weak = this->weak_from_this()] {
      if (auto self = weak.lock()) self->expire();
    });
  }
  void expire() {
    const TimePoint now = pool_->now();
    std::vector<Waiting> ended;
    std::uint64_t asked = 0;
    {
      std::lock_guard lock(mutex_);
      ended = take_if([&](const Waiting& waiting) { return waiting.request.deadline <= now; });
      if (waiting_.empty()) asked = asked_;
    }
    if (ended.empty()) return;
    const Error error(Errc::timed_out, "no connection came free in time: " + pool_->story(now));
    if (asked != 0) pool_->cancel(asked);
    for (auto& waiting : ended) waiting.handler(decorated(error));
  }

  template <class Which>
  std::vector<Waiting> take_if(Which which) {
    const auto first = std::stable_partition(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return !which(w); });
    std::vector<Waiting> taken(std::make_move_iterator(first), std::make_move_iterator(waiting_.end()));
    waiting_.erase(first, waiting_.end());
    return taken;
  }
  Error decorated(const Error& error) const {
    const auto scope = scope_.lock();
    if (error.code() != Errc::timed_out || !scope) return error;
    return Error(error.code(), error.message() + scope->in_the_way(*this));
  }

  const std::shared_ptr<SubPool> pool_;
  const std::weak_ptr<ScopeState> scope_;
  mutable std::mutex mutex_;
  std::shared_ptr<Lease> held_;   // goes back with the last part of it
  std::vector<Waiting> waiting_;  // in order of arrival
  std::uint64_t last_id_ = 0;
  std::uint64_t asked_ = 0;       // the wait in the sub-pool, when it is one
  std::uint64_t rounds_ = 0;
  bool asking_ = false;
  bool ended_ = false;
};

}  // namespace hbmux::detail
