// What a pool does by itself: it lets go of what is dead, too old or too long idle, probes, tells of leaks, and keeps a minimum open.
#pragma once

#include <hbmux/detail/pool_shelf.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::detail {

/// Pure. A part of PoolState.
template <class Key, class T, class Handler>
class PoolUpkeep : public PoolShelf<Key, T, Handler> {
  using Base = PoolShelf<Key, T, Handler>;

 public:
  using typename Base::Connector;
  using typename Base::Effects;
  using typename Base::Opening;
  using typename Base::Resource;
  using typename Base::Slot;
  using typename Base::TimePoint;
  using typename Base::WarmHandler;

  using Base::Base;

 protected:
  using Base::again_;
  using Base::begin_opening;
  using Base::connector_;
  using Base::drop;
  using Base::first_to_go;
  using Base::idle_;
  using Base::is_shared;
  using Base::kept_;
  using Base::limit;
  using Base::minimum;
  using Base::open_count;
  using Base::options_;
  using Base::plan_probe;
  using Base::slots_;
  using Base::type_;
  using Base::version_;

  /// Everything that is open; and what is too many.
  void look_after_all(TimePoint now, Effects& fx) {
    for (auto at = slots_.begin(); at != slots_.end();) {
      Slot& slot = (at++)->second;
      if (slot.open) look_after(slot, now, fx);
    }
    while (slots_.size() > limit()) {
      Slot* slot = first_to_go();
      if (slot == nullptr) break;
      drop(*slot, CloseReason::shrunk, fx);
    }
  }
  /// An answer to a probe; the slot that it was about is still there.
  void probe_ended(Slot& slot, bool alive, TimePoint now, Effects& fx) {
    if (!alive) return drop(slot, CloseReason::probe, fx);
    plan_probe(slot, now);
    if (!is_shared()) idle_.insert(idle_.begin(), &slot);  // it was not used
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
    if ((options_.probe_period.count() > 0) != (slot.probe_at != TimePoint::max())) plan_probe(slot, now);  // switched on or off meanwhile
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

  std::vector<WarmHandler> warming_;
  std::optional<Error> closed_;
};

}  // namespace hbmux::detail
