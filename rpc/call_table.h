// The calls of one connection that wait for their replies.
#pragma once

#include "rpc/lane.h"

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
/// HBase may never answer an expired call, so tombstones are bounded; full() of them the connection is to be drained and replaced.
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
  std::uint32_t add(Payload payload, TimePoint deadline) {
    if ((calls_ + tombstones_ + 1) * 2 > ids_.size()) grow();
    std::uint32_t id = policy_ == CallIdPolicy::rising ? next_ : 0;
    while (ids_[id & mask_] != kFree) id = (id + 1) & kIdMask;
    if (policy_ == CallIdPolicy::rising) next_ = (id + 1) & kIdMask;
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
    if (ids_[slot] != id) return Found::never_issued;
    if (deadlines_[slot] == kTombstone) {
      ids_[slot] = kFree;
      --tombstones_;
      return Found::tombstone;
    }
    payload = std::move(payloads_[slot]);
    ids_[slot] = kFree;
    deadlines_[slot] = kTombstone;
    --calls_;
    return Found::call;
  }

  /// The call ended here, before its reply. False when there is no such call any more.
  bool bury(std::uint32_t id, Payload& payload) {
    const std::size_t slot = id & mask_;
    if (ids_[slot] != id || deadlines_[slot] == kTombstone) return false;
    payload = std::move(payloads_[slot]);
    deadlines_[slot] = kTombstone;
    --calls_;
    if (policy_ == CallIdPolicy::reuse_at_once) {
      ids_[slot] = kFree;
    } else {
      ++tombstones_;
    }
    return true;
  }

  /// Whether `id` is a call that waits.
  bool has(std::uint32_t id) const noexcept { return ids_[id & mask_] == id && deadlines_[id & mask_] != kTombstone; }

  /// Buries every call whose deadline is not after `now`, and tells each (id, payload); returns the earliest deadline that is left (max() for none).
  template <class OnExpired>
  TimePoint expire(TimePoint now, OnExpired&& on_expired) {
    const auto limit = now.time_since_epoch().count();
    auto next = TimePoint::max().time_since_epoch().count();
    for (std::size_t slot = 0; slot < deadlines_.size(); ++slot) {
      const auto deadline = deadlines_[slot];
      if (deadline == kTombstone) continue;
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
      if (deadlines_[slot] == kTombstone) continue;
      all.push_back(std::move(payloads_[slot]));
      ids_[slot] = kFree;
      deadlines_[slot] = kTombstone;
    }
    calls_ = 0;
    return all;
  }

  std::size_t calls() const noexcept { return calls_; }
  std::size_t tombstones() const noexcept { return tombstones_; }
  bool too_many_tombstones() const noexcept { return tombstones_ > tombstones_max_; }
  std::size_t capacity() const noexcept { return ids_.size(); }
  /// For tests of what happens when the ids wrap.
  void set_next_id(std::uint32_t id) noexcept { next_ = id & kIdMask; }

 private:
  static constexpr std::size_t kFirstCapacity = 64;
  static constexpr std::int64_t kFree = -1;
  static constexpr std::int64_t kTombstone = std::numeric_limits<std::int64_t>::min();  // also where there is nothing

  void resize(std::size_t capacity) {
    ids_.assign(capacity, kFree);
    deadlines_.assign(capacity, kTombstone);
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
  std::size_t tombstones_ = 0;
  // Apart from each other, so that expire() walks over deadlines only.
  std::vector<std::int64_t> ids_;
  std::vector<std::int64_t> deadlines_;
  std::vector<Payload> payloads_;
};

}  // namespace hbmux::rpc
