// The calls of one connection that wait for their replies.
#pragma once

#include "rpc/lane.h"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace hbmux::rpc {

/// How call ids are given out. Anything but `rising` is wrong, and exists so that a test can show that it is.
enum class CallIdPolicy : std::uint8_t { rising, reuse_at_once };

/// Maps call ids to waiting calls. Pure: no locks, no clock.
///
/// Ids rise over 31 bits, so that an id does not come back while a late reply to it could still arrive. An id's place is `id mod capacity`; an
/// id whose place is still taken by a straggler is skipped, so that a lookup is one comparison, whatever stays behind.
/// A call that ended here before its reply came (timed out, cancelled) leaves a tombstone: its reply, should it come, is dropped in peace.
/// HBase may never answer an expired call, so tombstones are bounded; with too many of them the connection is to be drained and replaced.
/// They are kept apart from the calls, a few bytes each: a connection on which many time out does not grow.
template <class Payload>
class CallTable {
 public:
  static constexpr std::uint32_t kIdMask = 0x7fffffff;

  CallTable(std::size_t calls_max, std::size_t tombstones_max, CallIdPolicy policy = CallIdPolicy::rising)
      : calls_max_(calls_max), tombstones_max_(tombstones_max), policy_(policy) {
    resize(kFirstCapacity);
  }

  bool full() const noexcept { return calls_ >= calls_max_; }
  /// Takes a call; the table must not be full.
  std::uint32_t add(Payload&& payload, TimePoint deadline) {
    if ((calls_ + 1) * 2 > ids_.size()) grow();
    std::uint32_t id = policy_ == CallIdPolicy::rising ? next_ : 0;
    while (ids_[id & mask_] != kFree || is_buried(id)) id = (id + 1) & kIdMask;
    if (policy_ == CallIdPolicy::rising) {
      next_ = (id + 1) & kIdMask;
      if (next_ < id) wrapped_ = true;
    }
    const std::size_t slot = id & mask_;
    ids_[slot] = id;
    deadlines_[slot] = deadline.time_since_epoch().count();
    payloads_[slot] = std::move(payload);
    ++calls_;
    return id;
  }

  enum class Found : std::uint8_t { call, tombstone, never_issued };
  /// A reply for `id` came. `call`: the payload is moved out, and the id is free.
  Found take(std::uint32_t id, Payload& payload) {
    const std::size_t slot = id & mask_;
    if (ids_[slot] != id) return tombstones_.erase(id) != 0 ? Found::tombstone : Found::never_issued;
    remove(slot, payload);
    return Found::call;
  }

  /// The call ended here, before its reply. False when there is no such call any more.
  bool bury(std::uint32_t id, Payload& payload) {
    const std::size_t slot = id & mask_;
    if (ids_[slot] != id) return false;
    remove(slot, payload);
    if (policy_ == CallIdPolicy::rising) tombstones_.insert(id);
    return true;
  }

  /// Whether `id` is a call that waits.
  bool has(std::uint32_t id) const noexcept { return ids_[id & mask_] == id; }

  /// Buries every call whose deadline is not after `now`, and tells each (id, payload); returns the earliest deadline that is left (max() for none).
  template <class OnExpired>
  TimePoint expire(TimePoint now, OnExpired&& on_expired) {
    const auto limit = now.time_since_epoch().count();
    auto next = TimePoint::max().time_since_epoch().count();
    for (std::size_t slot = 0; slot < deadlines_.size(); ++slot) {
      const auto deadline = deadlines_[slot];
      if (deadline == kNobody) continue;
      if (deadline > limit) {
        if (deadline < next) next = deadline;
        continue;
      }
      const auto id = static_cast<std::uint32_t>(ids_[slot]);
      Payload payload;
      bury(id, payload);
      on_expired(id, std::move(payload));
    }
    return TimePoint(TimePoint::duration(next));
  }

  /// Takes all calls out, in no order; the tombstones stay.
  std::vector<Payload> take_all() {
    std::vector<Payload> all;
    all.reserve(calls_);
    for (std::size_t slot = 0; slot < deadlines_.size(); ++slot) {
      if (ids_[slot] == kFree) continue;
      remove(slot, all.emplace_back());
    }
    return all;
  }

  std::size_t calls() const noexcept { return calls_; }
  std::size_t tombstones() const noexcept { return tombstones_.size(); }
  bool too_many_tombstones() const noexcept { return tombstones_.size() > tombstones_max_; }
  std::size_t capacity() const noexcept { return ids_.size(); }
  /// For tests of what happens when the ids wrap.
  void set_next_id(std::uint32_t id) noexcept {
    wrapped_ = wrapped_ || id < next_;
    next_ = id & kIdMask;
  }

 private:
  static constexpr std::size_t kFirstCapacity = 64;
  static constexpr std::int64_t kFree = -1;
  static constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::min();  // the deadline where there is no call

  // Ids that rise meet no tombstone before they have come round.
  bool is_buried(std::uint32_t id) const noexcept { return wrapped_ && tombstones_.contains(id); }
  void remove(std::size_t slot, Payload& payload) {
    payload = std::move(payloads_[slot]);
    ids_[slot] = kFree;
    deadlines_[slot] = kNobody;
    --calls_;
  }

  void resize(std::size_t capacity) {
    ids_.assign(capacity, kFree);
    deadlines_.assign(capacity, kNobody);
    payloads_.resize(capacity);
    mask_ = static_cast<std::uint32_t>(capacity - 1);
  }
  // Places do not collide in a larger table when they did not in this one: id mod 2n differs where id mod n did.
  void grow() {
    auto ids = std::exchange(ids_, {});
    auto deadlines = std::exchange(deadlines_, {});
    auto payloads = std::exchange(payloads_, {});
    resize(ids.size() * 2);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == kFree) continue;
      const std::size_t slot = static_cast<std::uint32_t>(ids[i]) & mask_;
      ids_[slot] = ids[i];
      deadlines_[slot] = deadlines[i];
      payloads_[slot] = std::move(payloads[i]);
    }
  }

  const std::size_t calls_max_;
  const std::size_t tombstones_max_;
  const CallIdPolicy policy_;
  std::uint32_t next_ = 0;
  std::uint32_t mask_ = 0;
  std::size_t calls_ = 0;
  bool wrapped_ = false;
  boost::unordered_flat_set<std::uint32_t> tombstones_;
  // Apart from each other, so that expire() walks over deadlines only.
  std::vector<std::int64_t> ids_;
  std::vector<std::int64_t> deadlines_;
  std::vector<Payload> payloads_;
};

}  // namespace hbmux::rpc
