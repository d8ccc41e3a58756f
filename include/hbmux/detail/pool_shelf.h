// The resources of one key: which there are, who gets which, and how each begins and ends.
#pragma once

#include <hbmux/detail/place_count.h>
#include <hbmux/detail/pool_slot.h>
#include <hbmux/error.h>
#include <hbmux/pool/connector.h>
#include <hbmux/pool/options.h>
#include <hbmux/pool/statistics.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hbmux::detail {

/// The ground of a PoolState, which says who may have them, and of its PoolUpkeep. Pure.
template <class Key, class T, class Handler>
class PoolShelf {
 public:
  using Connector = PoolConnector<Key, T>;
  using Resource = std::shared_ptr<T>;
  using TimePoint = std::chrono::steady_clock::time_point;
  using WarmHandler = UniqueFunction<void(Result<void>)>;
  using Slot = PoolSlot<T>;
  using Opening = PoolOpening;
  using Effects = PoolEffects<T, Handler>;

  PoolShelf(const Key& key, const PoolOptions& options, Connector& connector, PlaceCount& places, std::uint64_t seed)
      : key_(key), type_(options.type), options_(options), connector_(connector), places_(places), random_(seed * 2 + 1) {}

  const PoolOptions& options() const noexcept { return options_; }
  bool is_shared() const noexcept { return type_ != PoolType::reusable; }
  /// Rises whenever snapshot() may give something else.
  std::uint64_t version() const noexcept { return version_; }
  std::vector<Resource> resources() const {
    std::vector<Resource> all;
    for (const auto& [id, slot] : slots_) {
      if (slot.open) all.push_back(slot.resource);
    }
    return all;
  }

 protected:
  // ---------------------------------------------------------------- how many

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

  // ---------------------------------------------------------------- which

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

  // ---------------------------------------------------------------- beginning and end

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
  void plan_probe(Slot& slot, TimePoint now) {
    const bool probes = options_.probe_period.count() > 0;
    slot.probe_at = probes ? now + spread(options_.probe_period, options_.probe_jitter) : TimePoint::max();
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
  bool kept_ = false;  // has been used or warmed up: the minimum is kept
  std::optional<Error> last_failure_;
  TimePoint not_before_ = TimePoint::min();  // of the next opening, after one that failed, for who asks now
  TimePoint again_ = TimePoint::min();       // the same, for who waits
  PoolCounts counts_;
};

}  // namespace hbmux::detail
