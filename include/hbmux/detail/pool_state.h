// What one key's pool decides: who gets which resource, what is opened, and what goes.
#pragma once

#include <hbmux/detail/place_count.h>
#include <hbmux/pool/borrow_request.h>
#include <hbmux/pool/connector.h>
#include <hbmux/pool/options.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <source_location>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hbmux::detail {

/// What a choice by load goes by.
inline std::size_t load_for(PoolChoice choice, const PoolLoad& load) noexcept {
  return choice == PoolChoice::fewest_bytes ? load.bytes : load.calls;
}
/// Which of `count` has least to do, looking from `first` on, so that equals take turns.
template <class LoadOf>
std::size_t least_loaded(std::size_t count, std::size_t first, LoadOf load_of) noexcept {
  std::size_t best = first, least = load_of(first);
  for (std::size_t i = 1; i < count && least != 0; ++i) {
    const std::size_t other = (first + i) % count;
    if (const std::size_t load = load_of(other); load < least) {
      least = load;
      best = other;
    }
  }
  return best;
}

/// Pure: no lock, no clock, and nothing is done here. Its members say in an Effects what is to be done. Owned by a SubPool, which guards it.
///
/// A slot is a resource or the opening of one. Reusable: idle slots are lent, last used first, and waiters are served in order of arrival. The
/// shared types hand out what is open and make everybody wait only while nothing is.
template <class Key, class T, class Handler>
class PoolState {
 public:
  using Connector = PoolConnector<Key, T>;
  using Resource = std::shared_ptr<T>;
  using TimePoint = std::chrono::steady_clock::time_point;
  using WarmHandler = UniqueFunction<void(Result<void>)>;

  struct Slot {
    explicit Slot(std::uint64_t number) : id(number) {}
    const std::uint64_t id;
    Resource resource;         // null while it opens
    std::uint64_t ticket = 0;  // of the attempt to open it that counts
    int attempts = 0;
    TimePoint last_used{};  // shared ones: as far as reap() knows
    TimePoint retire_at = TimePoint::max();
    TimePoint probe_at = TimePoint::max();
    TimePoint lent_at{};
    std::uint64_t holder = 0;
    std::string_view where;
    std::source_location place;
    ThreadToken thread;  // whose it is (per_thread)
    std::atomic<bool> tainted{false};  // by a part of its lease, on whatever thread that is
    bool in_scope = false;
    bool open = false;
    bool lent = false;     // or being probed
    bool probing = false;
    bool used = false;     // shared ones: since reap() looked
    bool leak_told = false;
  };
  struct Opening {
    std::uint64_t slot, ticket;
    TimePoint at;  // not before
  };
  struct Served {
    Handler handler;
    Slot* slot;
    Resource resource;
  };
  /// What is to be done, once no lock is held.
  struct Effects {
    std::vector<std::pair<Resource, CloseReason>> retired;
    std::vector<Served> served;
    std::vector<std::pair<Handler, Error>> ended;
    std::vector<std::pair<WarmHandler, Result<void>>> warmed;
    std::vector<Opening> openings;
    std::vector<std::pair<std::uint64_t, Resource>> probes;
    std::vector<PoolLeak> leaks;
    std::size_t places = 0;                  // given back
    bool starves = false;                    // there are borrowers, and no place for one more resource
    TimePoint again_at = TimePoint::max();   // when pump() may have something to open
  };

  PoolState(const Key& key, const PoolOptions& options, Connector& connector, PlaceCount& places, std::uint64_t seed)
      : key_(key), type_(options.type), options_(options), connector_(connector), places_(places), random_(seed * 2 + 1) {}

  const PoolOptions& options() const noexcept { return options_; }
  const std::optional<Error>& closed() const noexcept { return closed_; }
  bool is_shared() const noexcept { return type_ != PoolType::reusable; }
  /// Rises whenever snapshot() may give something else.
  std::uint64_t version() const noexcept { return version_; }

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
  /// A waiter that has not been served goes away; its handler, or an empty one.
  Handler forget(std::uint64_t id) {
    for (auto* queue : {&urgent_, &waiting_}) {
      if (auto at = queue->find(id); at != queue->end()) {
        Handler handler = std::move(at->second.handler);
        queue->erase(at);
        ++counts_.given_up;
        return handler;
      }
    }
    return nullptr;
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
    if (!alive) {
      drop(slot, CloseReason::probe, fx);
    } else {
      plan_probe(slot, now);
      if (!is_shared()) idle_.insert(idle_.begin(), &slot);  // it was not used
    }
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
        end(at->second, Error(Errc::timed_out, "no connection came free in time: " + story), fx);
        at = queue->erase(at);
      }
    }
    return next;
  }
  /// What is dead, too old, too long idle, too many, missing, or lent for too long.
  void reap(TimePoint now, Effects& fx) {
    if (closed_) return;
    for (auto at = slots_.begin(); at != slots_.end();) {
      Slot& slot = (at++)->second;
      if (slot.open) look_after(slot, now, fx);
    }
    while (slots_.size() > limit()) {
      Slot* slot = first_to_go();
      if (slot == nullptr) break;
      drop(*slot, CloseReason::shrunk, fx);
    }
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

  void close(const Error& reason, Effects& fx) {
    if (closed_) return;
    closed_ = reason;
    ++version_;
    end_all(reason, fx);
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
  std::vector<Resource> resources() const {
    std::vector<Resource> all;
    for (const auto& [id, slot] : slots_) {
      if (slot.open) all.push_back(slot.resource);
    }
    return all;
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
  struct Waiting {
    BorrowRequest request;
    TimePoint since;
    Handler handler;
  };
  using Queue = std::map<std::uint64_t, Waiting>;  // in order of arrival

  // Of a Slot or a BorrowRequest.
  template <class Borrower>
  static std::string story_of(const Borrower& borrower) {
    std::string text(borrower.where), place = detail::describe(borrower.place);
    if (!place.empty() && borrower.in_scope) place = "in a request scope opened at " + place;
    if (!text.empty() && !place.empty()) text += ", ";
    return text + place;
  }

  // How many resources this key may have.
  std::size_t limit() const noexcept {
    if (type_ == PoolType::per_thread && options_.size == 0) return SIZE_MAX;
    return std::max<std::size_t>(options_.size, 1);
  }
  std::size_t minimum() const noexcept {
    return type_ == PoolType::per_thread ? 0 : std::min(options_.size_min, limit());
  }
  std::size_t open_count() const noexcept { return slots_.size() - openings_; }
  bool wants_more(const ThreadToken& thread) const noexcept {
    if (type_ == PoolType::round_robin) return slots_.size() < limit();
    return slots_.size() < limit() && !by_thread_.contains(thread.id());
  }

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
  Slot* choose(const ThreadToken& thread) noexcept {
    if (idle_.empty()) return nullptr;
    if (idle_.size() == 1) return idle_.front();
    if (options_.choice == PoolChoice::sticky && thread.id() != 0) return idle_[thread.id() % idle_.size()];
    const std::size_t first = next_++ % idle_.size();
    if (options_.choice == PoolChoice::in_turn || options_.choice == PoolChoice::sticky) return idle_[first];
    return idle_[least_loaded(idle_.size(), first, [&](std::size_t i) {
      return load_for(options_.choice, connector_.load(*idle_[i]->resource));
    })];
  }
  // Its own, or with a cap one of the others', by its number.
  Slot* of_thread(const ThreadToken& thread) noexcept {
    if (const auto own = by_thread_.find(thread.id()); own != by_thread_.end()) return own->second->open ? own->second : nullptr;
    if (slots_.size() < limit() || idle_.empty()) return nullptr;
    return idle_[thread.id() % idle_.size()];
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
      fx.served.push_back({std::move(at->second.handler), slot, slot->resource});
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

  bool begin_opening(const ThreadToken& thread, bool internal, TimePoint now, Effects& fx) {
    if (!places_.take(internal)) {
      fx.starves = true;
      return false;
    }
    const std::uint64_t id = ++last_id_;
    Slot& slot = slots_.try_emplace(id, id).first->second;
    if (type_ == PoolType::per_thread) {
      slot.thread = thread;
      by_thread_.emplace(thread.id(), &slot);
    }
    ++openings_;
    kept_ = true;
    attempt(slot, now, fx);
    return true;
  }
  void attempt(Slot& slot, TimePoint at, Effects& fx) {
    slot.ticket = ++last_id_;
    ++slot.attempts;
    fx.openings.push_back({slot.id, slot.ticket, at});
  }
  void begin_life(Slot& slot, Resource resource, TimePoint now) {
    --openings_;
    ++version_;
    ++counts_.created;
    last_failure_.reset();
    not_before_ = again_ = TimePoint::min();
    slot.resource = std::move(resource);
    slot.open = true;
    slot.last_used = now;
    const auto lifetime = connector_.lifetime(*slot.resource).value_or(options_.lifetime_max);
    if (lifetime.count() > 0) slot.retire_at = now + spread(lifetime, -options_.lifetime_jitter);
    plan_probe(slot, now);
    idle_.push_back(&slot);
    if (is_shared()) next_ = idle_.size() - 1;  // its turn
  }
  void opening_failed(Slot& slot, const Error& error, TimePoint now, Effects& fx) {
    ++counts_.open_failures;
    last_failure_ = error;
    if (slot.attempts < options_.open_attempts) return attempt(slot, now + options_.open_delay, fx);
    forget(slot);
    ++fx.places;
    not_before_ = now + options_.open_delay;
    again_ = now + std::max(options_.open_delay, std::chrono::milliseconds(1));  // else it would try for ever within one moment
    if (open_count() == 0 && openings_ == 0) end_all(error, fx);  // nothing can be had; they need not wait to hear it
    for (auto& handler : std::exchange(warming_, {})) fx.warmed.emplace_back(std::move(handler), error);
  }

  void look_after(Slot& slot, TimePoint now, Effects& fx) {
    if (slot.lent && !is_shared()) return look_for_leak(slot, now, fx);
    if (is_shared() && (std::exchange(slot.used, false) || connector_.load(*slot.resource).calls != 0)) {
      slot.last_used = now;
      ++version_;  // threads that go on using it have to ask, and that is noted
    }
    if (!connector_.is_alive(*slot.resource)) return drop(slot, CloseReason::dead, fx);
    if (slot.retire_at <= now) return drop(slot, CloseReason::lifetime, fx);
    if (type_ == PoolType::per_thread && !slot.thread.alive()) return drop(slot, CloseReason::thread, fx);
    const bool idle_too_long = options_.idle_timeout.count() > 0 && slot.last_used + options_.idle_timeout <= now;
    if (idle_too_long && open_count() > minimum()) return drop(slot, CloseReason::idle, fx);
    if (slot.probing || slot.probe_at > now || (is_shared() && slot.last_used == now)) return;
    slot.probing = true;
    if (!is_shared()) {
      slot.lent = true;
      std::erase(idle_, &slot);
    }
    fx.probes.emplace_back(slot.id, slot.resource);
  }
  void look_for_leak(Slot& slot, TimePoint now, Effects& fx) {
    const auto held = std::chrono::duration_cast<std::chrono::milliseconds>(now - slot.lent_at);
    if (slot.probing || slot.leak_told || options_.leak_after.count() <= 0 || held < options_.leak_after) return;
    slot.leak_told = true;
    fx.leaks.push_back({held, slot.holder, story_of(slot), slot.in_scope});
  }
  void plan_probe(Slot& slot, TimePoint now) {
    if (options_.probe_period.count() > 0) slot.probe_at = now + spread(options_.probe_period, options_.probe_jitter);
  }
  void keep_minimum(TimePoint now, Effects& fx) {
    if (!kept_ || now < again_) return;
    while (slots_.size() < minimum() && begin_opening({}, false, now, fx)) {
    }
  }
  void check_warming(Effects& fx) {
    if (warming_.empty() || (!closed_ && open_count() < minimum())) return;
    for (auto& handler : std::exchange(warming_, {})) {
      fx.warmed.emplace_back(std::move(handler), closed_ ? Result<void>(*closed_) : Result<void>());
    }
  }

  // Of those that nobody uses.
  Slot* first_to_go() {
    Slot* first = nullptr;
    for (Slot* slot : idle_) {
      if (is_shared() && connector_.load(*slot->resource).calls != 0) continue;
      if (options_.eviction == PoolEviction::oldest) {
        if (first == nullptr || slot->id < first->id) first = slot;
      } else if (first == nullptr || slot->last_used < first->last_used) {
        first = slot;
      }
    }
    return first;
  }
  void drop(Slot& slot, CloseReason reason, Effects& fx) {
    if (slot.open) {
      fx.retired.emplace_back(std::move(slot.resource), reason);
      ++counts_.closed_by[static_cast<std::size_t>(reason)];
    }
    ++fx.places;
    forget(slot);
  }
  void forget(Slot& slot) {
    if (!slot.open) --openings_;
    ++version_;
    std::erase(idle_, &slot);
    if (const auto own = by_thread_.find(slot.thread.id()); own != by_thread_.end() && own->second == &slot) by_thread_.erase(own);
    slots_.erase(slot.id);
  }
  void end(Waiting& waiting, Error error, Effects& fx) {
    ++counts_.given_up;
    fx.ended.emplace_back(std::move(waiting.handler), std::move(error));
  }
  void end_all(const Error& error, Effects& fx) {
    for (auto* queue : {&urgent_, &waiting_}) {
      for (auto& [id, waiting] : *queue) end(waiting, error, fx);
      queue->clear();
    }
  }

  // `time`, and up to `share` of it more (or less), by chance.
  std::chrono::nanoseconds spread(std::chrono::milliseconds time, double share) noexcept {
    random_ ^= random_ << 13, random_ ^= random_ >> 7, random_ ^= random_ << 17;  // xorshift: nothing depends on its quality
    const double chance = static_cast<double>(random_ >> 11) * 0x1p-53;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * 1e6 * (1 + share * chance)));
  }

  const Key& key_;
  const PoolType type_;  // does not change, and may be read by anybody
  PoolOptions options_;
  Connector& connector_;
  PlaceCount& places_;
  std::uint64_t random_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Slot> slots_;  // by age
  std::vector<Slot*> idle_;              // open and not lent: Reusable's last used last; shared types' all
  std::unordered_map<std::uint64_t, Slot*> by_thread_;
  std::uint64_t version_ = 1;
  std::size_t openings_ = 0;
  std::size_t next_ = 0;
  Queue waiting_;
  Queue urgent_;
  std::vector<WarmHandler> warming_;
  bool kept_ = false;  // has been used or warmed up: the minimum is kept
  std::optional<Error> last_failure_;
  TimePoint not_before_ = TimePoint::min();  // of the next opening, after one that failed, for who asks now
  TimePoint again_ = TimePoint::min();       // the same, for who waits
  TimePoint again_planned_ = TimePoint::min();
  std::optional<Error> closed_;
  PoolCounts counts_;
};

}  // namespace hbmux::detail
