// What one key's pool decides: who gets which resource, what is opened, and what goes.
#pragma once

#include <hbmux/detail/pool_upkeep.h>
#include <hbmux/pool/borrow_request.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::detail {

/// Pure: no lock, no clock, and nothing is done here. Its members say in an Effects what is to be done. Owned by a SubPool, which guards it.
///
/// A slot is a resource or the opening of one. Reusable: idle slots are lent, last used first, and waiters are served in order of arrival. The
/// shared types hand out what is open and make everybody wait only while nothing is.
template <class Key, class T, class Handler>
class PoolState final : public PoolUpkeep<Key, T, Handler> {
  using Base = PoolUpkeep<Key, T, Handler>;

 public:
  using typename Base::Connector;
  using typename Base::Effects;
  using typename Base::Opening;
  using typename Base::Resource;
  using typename Base::Slot;
  using typename Base::TimePoint;
  using typename Base::WarmHandler;

  using Base::Base;
  using Base::is_shared;
  const std::optional<Error>& closed() const noexcept { return closed_; }

  // ---------------------------------------------------------------- borrowing

  /// Shared types: what this thread may choose from for as long as the version stays; empty when there is something to be done first.
  std::vector<Resource> snapshot(const ThreadToken& thread) {
    std::vector<Resource> open;
    if (closed_ || !is_shared() || wants_more(thread)) return open;
    if (type_ == PoolType::per_thread) {
      if (Slot* slot = of_thread(thread)) {
        slot->used = true;
        open.push_back(slot->resource);
      }
      return open;
    }
    open.reserve(idle_.size());
    for (Slot* slot : idle_) {
      slot->used = true;
      open.push_back(slot->resource);
    }
    return open;
  }
  /// Reusable: an idle one for this borrower, when that is all there is to it; else null.
  Slot* lend_idle(const BorrowRequest& request, TimePoint now) noexcept {
    if (closed_ || idle_.empty() || (!waiting_.empty() && !request.internal)) return nullptr;
    Slot* slot = idle_.back();
    if (!connector_.is_alive(*slot->resource) || !connector_.matches(*slot->resource, key_)) return nullptr;
    idle_.pop_back();
    mark(*slot, now, request);
    return slot;
  }
  /// Its end, when that is all there is to it; else false, and nothing has changed.
  bool take_back(Slot& slot, TimePoint now) {
    if (closed_ || !waiting_.empty() || !urgent_.empty() || slots_.size() > limit() || slot.retire_at <= now ||
        !connector_.is_alive(*slot.resource)) {
      return false;
    }
    slot.lent = false;
    slot.last_used = now;
    plan_probe(slot, now);
    idle_.push_back(&slot);
    return true;
  }
  /// An open resource for this borrower, marked as lent; null when there is none now. Dead ones that it meets are dropped.
  Slot* lend(const BorrowRequest& request, TimePoint now, Effects& fx) {
    if (!is_shared() && !request.internal && !waiting_.empty()) return nullptr;  // others came first
    Slot* slot = at_hand(request.thread, fx);
    if (slot != nullptr) mark(*slot, now, request);
    return slot;
  }
  /// Shared types grow with each request, before it is served.
  void grow(const ThreadToken& thread, TimePoint now, Effects& fx) {
    if (!closed_ && is_shared() && wants_more(thread) && now >= not_before_) begin_opening(thread, false, now, fx);
  }
  /// Lines up. The id is for forget(); an error when it may not wait.
  Result<std::uint64_t> wait(const BorrowRequest& request, TimePoint now, Handler&& handler, Effects& fx) {
    if (!request.internal && waiting_.size() >= options_.waiting_max) {
      ++counts_.given_up;
      return Error(Errc::overloaded, "too many callers wait for a connection: " + describe(now));
    }
    const std::uint64_t id = ++last_id_;
    auto& queue = request.internal ? urgent_ : waiting_;
    queue.emplace(id, Waiting{request, now, std::move(handler)});
    pump(now, fx);
    return id;
  }
  /// A waiter that has not been served goes away; its handler, or an empty one, and since when it waited.
  std::pair<Handler, TimePoint> forget(std::uint64_t id) {
    for (auto* queue : {&urgent_, &waiting_}) {
      if (auto at = queue->find(id); at != queue->end()) {
        std::pair<Handler, TimePoint> waiter(std::move(at->second.handler), at->second.since);
        queue->erase(at);
        ++counts_.given_up;
        return waiter;
      }
    }
    return {};
  }
  bool waits(std::uint64_t id) const { return waiting_.contains(id) || urgent_.contains(id); }
  /// Why the last opening failed, if nothing was opened since.
  const std::optional<Error>& last_failure() const noexcept { return last_failure_; }

  void give_back(Slot& slot, bool tainted, TimePoint now, Effects& fx) {
    slot.lent = false;
    slot.last_used = now;
    if (closed_) return forget(slot);
    if (tainted) {
      drop(slot, CloseReason::failed, fx);
    } else if (!connector_.is_alive(*slot.resource)) {
      drop(slot, CloseReason::dead, fx);
    } else if (slot.retire_at <= now) {
      drop(slot, CloseReason::lifetime, fx);
    } else {
      plan_probe(slot, now);
      idle_.push_back(&slot);
      if (waiting_.empty() && urgent_.empty()) {
        if (slots_.size() > limit()) drop(slot, CloseReason::shrunk, fx);
        return;
      }
    }
    pump(now, fx);
  }

  // ---------------------------------------------------------------- opening

  void opened(std::uint64_t id, std::uint64_t ticket, Result<Resource>&& result, TimePoint now, Effects& fx) {
    const auto at = slots_.find(id);
    if (at == slots_.end() || at->second.open || at->second.ticket != ticket) {  // nobody wants it any more
      if (result) fx.retired.emplace_back(std::move(*result), closed_ ? CloseReason::closed : CloseReason::shrunk);
      return;
    }
    if (result) {
      begin_life(at->second, std::move(*result), now);
    } else {
      opening_failed(at->second, result.error(), now, fx);
    }
    pump(now, fx);
    check_warming(fx);
  }
  /// The attempt `ticket` is to begin now: false when it is no longer wanted.
  bool still_opens(const Opening& opening) const {
    const auto at = slots_.find(opening.slot);
    return at != slots_.end() && !at->second.open && at->second.ticket == opening.ticket;
  }
  void probed(std::uint64_t id, bool alive, TimePoint now, Effects& fx) {
    const auto at = slots_.find(id);
    if (at == slots_.end() || !at->second.probing) return;
    Slot& slot = at->second;
    slot.probing = false;
    if (!is_shared()) slot.lent = false;
    if (closed_) return forget(slot);
    probe_ended(slot, alive, now, fx);
    pump(now, fx);
    keep_minimum(now, fx);
  }
  void warm_up(WarmHandler&& handler, TimePoint now, Effects& fx) {
    kept_ = true;
    warming_.push_back(std::move(handler));
    if (!closed_) keep_minimum(now, fx);
    check_warming(fx);
  }

  // ---------------------------------------------------------------- time

  /// Ends waits; the earliest deadline that is left.
  TimePoint expire(TimePoint now, Effects& fx) {
    TimePoint next = TimePoint::max();
    std::string story;
    for (auto* queue : {&urgent_, &waiting_}) {
      for (auto at = queue->begin(); at != queue->end();) {
        if (at->second.request.deadline > now) {
          next = std::min(next, (at++)->second.request.deadline);
          continue;
        }
        if (story.empty()) story = describe(now);
        end(at->second, Error(Errc::timed_out, "no connection came free in time: " + story), now, fx);
        at = queue->erase(at);
      }
    }
    return next;
  }
  /// What is dead, too old, too long idle, too many, missing, or lent for too long.
  void reap(TimePoint now, Effects& fx) {
    if (closed_) return;
    look_after_all(now, fx);
    pump(now, fx);
    keep_minimum(now, fx);
  }
  void set_options(const PoolOptions& options) {
    options_ = options;
    ++version_;
  }
  void pump(TimePoint now, Effects& fx) {
    if (closed_) return;
    serve(urgent_, now, fx);
    if (urgent_.empty() || type_ == PoolType::per_thread) serve(waiting_, now, fx);
    open_for(urgent_, true, now, fx);
    open_for(waiting_, false, now, fx);
  }

  // ---------------------------------------------------------------- the bound over all keys

  /// The idle one that should go first, unless the minimum needs it; null when there is none.
  Slot* evictable() { return open_count() > minimum() && waiting_.empty() && urgent_.empty() ? first_to_go() : nullptr; }
  void evict(Slot& slot, Effects& fx) { drop(slot, CloseReason::evicted, fx); }

  // ---------------------------------------------------------------- the end

  void close(const Error& reason, TimePoint now, Effects& fx) {
    if (closed_) return;
    closed_ = reason;
    ++version_;
    end_all(reason, now, fx);
    check_warming(fx);
    for (auto at = slots_.begin(); at != slots_.end();) {
      Slot& slot = (at++)->second;
      if (!slot.lent || !slot.open) {
        drop(slot, CloseReason::closed, fx);
        continue;
      }
      fx.retired.emplace_back(slot.resource, CloseReason::closed);  // its slot goes when the lease ends
      ++counts_.closed_by[static_cast<std::size_t>(CloseReason::closed)];
      ++fx.places;
    }
    idle_.clear();
  }
  bool is_disposable() const noexcept {
    return slots_.empty() && waiting_.empty() && urgent_.empty() && !(kept_ && minimum() != 0);
  }

  // ---------------------------------------------------------------- to be seen

  PoolCounts counts() const {
    PoolCounts counts = counts_;
    counts.opening = openings_;
    counts.waiting = waiting_.size() + urgent_.size();
    for (const auto& [id, slot] : slots_) {
      if (!slot.open || (closed_ && slot.lent)) continue;
      ++counts.open;
      const bool busy = is_shared() ? connector_.load(*slot.resource).calls != 0 : slot.lent && !slot.probing;
      ++(busy ? counts.in_use : counts.idle);
    }
    return counts;
  }
  std::string describe(TimePoint now) const {
    std::size_t in_use = 0, idle = 0;
    const Slot* oldest = nullptr;
    for (const auto& [id, slot] : slots_) {
      if (!slot.open) continue;
      ++(slot.lent ? in_use : idle);
      if (slot.lent && !slot.probing && (oldest == nullptr || slot.lent_at < oldest->lent_at)) oldest = &slot;
    }
    std::string text = "size " + std::to_string(options_.size) + ", in use " + std::to_string(in_use) + ", idle " +
                       std::to_string(idle) + ", opening " + std::to_string(openings_) + ", waiting " +
                       std::to_string(waiting_.size() + urgent_.size());
    if (places_.is_full()) text += ", all keys together have " + std::to_string(places_.count()) + ", and more may not be open";
    if (oldest != nullptr) {
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - oldest->lent_at).count();
      text += ", the oldest is held for " + std::to_string(ms) + " ms";
      if (oldest->holder != 0) text += " by thread " + std::to_string(oldest->holder);
      if (const auto who = story_of(*oldest); !who.empty()) text += " (" + who + ")";
    }
    if (last_failure_) text += "; the last opening failed: " + last_failure_->message();
    return text;
  }

  /// Who is first in line; nothing when nobody is.
  std::optional<std::string> first_waiter() const {
    for (const auto* queue : {&urgent_, &waiting_}) {
      if (queue->empty()) continue;
      const BorrowRequest& first = queue->begin()->second.request;
      std::string who = story_of(first);
      if (first.thread.id() != 0) who = "thread " + std::to_string(first.thread.id()) + (who.empty() ? "" : ", " + who);
      const std::size_t count = waiting_.size() + urgent_.size();
      return std::to_string(count) + (count == 1 ? " waits" : " wait") + (who.empty() ? "" : ", first " + who);
    }
    return std::nullopt;
  }

 private:
  using Base::again_;
  using Base::attempt;
  using Base::begin_life;
  using Base::begin_opening;
  using Base::by_thread_;
  using Base::check_warming;
  using Base::choose;
  using Base::closed_;
  using Base::connector_;
  using Base::counts_;
  using Base::drop;
  using Base::first_to_go;
  using Base::forget;
  using Base::idle_;
  using Base::keep_minimum;
  using Base::kept_;
  using Base::key_;
  using Base::last_failure_;
  using Base::last_id_;
  using Base::limit;
  using Base::look_after_all;
  using Base::minimum;
  using Base::not_before_;
  using Base::of_thread;
  using Base::open_count;
  using Base::openings_;
  using Base::options_;
  using Base::places_;
  using Base::plan_probe;
  using Base::probe_ended;
  using Base::slots_;
  using Base::type_;
  using Base::version_;
  using Base::wants_more;
  using Base::warming_;

  struct Waiting {
    BorrowRequest request;
    TimePoint since;
    Handler handler;
  };
  using Queue = std::map<std::uint64_t, Waiting>;  // in order of arrival

  void mark(Slot& slot, TimePoint now, const BorrowRequest& request) {
    ++counts_.borrowed;
    slot.used = true;
    if (is_shared()) return;
    slot.lent = true;
    slot.lent_at = now;
    slot.holder = request.thread.id();
    slot.where = request.where;
    slot.place = request.place;
    slot.in_scope = request.in_scope;
    slot.leak_told = false;
    slot.tainted.store(false, std::memory_order_relaxed);
  }
  Slot* at_hand(const ThreadToken& thread, Effects& fx) {
    for (;;) {
      Slot* slot = nullptr;
      switch (type_) {
        case PoolType::round_robin: slot = choose(thread); break;
        case PoolType::per_thread: slot = of_thread(thread); break;
        case PoolType::reusable: slot = idle_.empty() ? nullptr : idle_.back(); break;
      }
      if (slot == nullptr) return nullptr;
      if (connector_.is_alive(*slot->resource) && (is_shared() || connector_.matches(*slot->resource, key_))) {
        if (!is_shared()) idle_.pop_back();
        return slot;
      }
      drop(*slot, CloseReason::dead, fx);
    }
  }
  void serve(Queue& queue, TimePoint now, Effects& fx) {
    for (auto at = queue.begin(); at != queue.end();) {
      Slot* slot = at_hand(at->second.request.thread, fx);
      if (slot == nullptr) {
        if (type_ != PoolType::per_thread) return;
        ++at;  // another thread's may be there
        continue;
      }
      mark(*slot, now, at->second.request);
      counts_.waits.add(now - at->second.since);
      fx.served.push_back({std::move(at->second.handler), slot, slot->resource, now - at->second.since});
      at = queue.erase(at);
    }
  }
  void open_for(const Queue& queue, bool internal, TimePoint now, Effects& fx) {
    if (queue.empty()) return;
    if (type_ == PoolType::per_thread) {
      if (now < again_) return open_later(fx);
      for (const auto& [id, waiting] : queue) {
        if (by_thread_.contains(waiting.request.thread.id())) continue;
        if (slots_.size() >= limit() && !slots_.empty()) continue;
        if (!begin_opening(waiting.request.thread, internal, now, fx)) return;
      }
      return;
    }
    while (openings_ < waiting_.size() + urgent_.size() && (internal ? openings_ < urgent_.size() : true)) {
      const bool beyond = slots_.size() >= limit();
      if (beyond && !internal) return;
      if (now < again_) return open_later(fx);
      if (!begin_opening({}, internal, now, fx)) return;
    }
  }
  void open_later(Effects& fx) noexcept {
    if (std::exchange(again_planned_, again_) != again_) fx.again_at = again_;
  }
  void opening_failed(Slot& slot, const Error& error, TimePoint now, Effects& fx) {
    ++counts_.open_failures;
    last_failure_ = error;
    if (slot.attempts < options_.open_attempts) return attempt(slot, now + options_.open_delay, fx);
    forget(slot);
    ++fx.places;
    not_before_ = now + options_.open_delay;
    again_ = now + std::max(options_.open_delay, std::chrono::milliseconds(1));  // else it would try for ever within one moment
    if (open_count() == 0 && openings_ == 0) end_all(error, now, fx);  // nothing can be had; they need not wait to hear it
    for (auto& handler : std::exchange(warming_, {})) fx.warmed.emplace_back(std::move(handler), error);
  }
  void end(Waiting& waiting, Error error, TimePoint now, Effects& fx) {
    ++counts_.given_up;
    fx.ended.push_back({std::move(waiting.handler), std::move(error), now - waiting.since});
  }
  void end_all(const Error& error, TimePoint now, Effects& fx) {
    for (auto* queue : {&urgent_, &waiting_}) {
      for (auto& [id, waiting] : *queue) end(waiting, error, now, fx);
      queue->clear();
    }
  }

  Queue waiting_;
  Queue urgent_;
  TimePoint again_planned_ = TimePoint::min();
};

}  // namespace hbmux::detail
