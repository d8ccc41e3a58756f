// What the three prototypes share: a call, the table of calls in flight, and how a blocking caller sleeps.
#pragma once

#include "bench/frames.h"
#include "bench/measure.h"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace hbmux::bench {

/// A call belongs to its caller and must live until it is done.
struct Call {
  std::uint32_t row = 0;
  std::uint32_t id = 0;
  bool blocking = false;
  bool failed = false;
  char value[kValueSize] = {};
  Clock::time_point started;
  /// Runs on the lane when the call is done; not used by blocking calls.
  void (*done)(Call&) = nullptr;
  void* context = nullptr;

  Call* next = nullptr;  ///< In a list of the connection.
  Call* previous = nullptr;
  bool listed = false;
  bool taken = false;  ///< Its reply is being handed over.
  std::atomic<std::uint32_t> state{0};

  /// Takes the value out of the reply's frame: with one cell it is the end of the frame.
  void take_value(std::string_view frame) noexcept {
    failed = frame.size() < kValueSize;
    if (!failed) std::memcpy(value, frame.data() + frame.size() - kValueSize, kValueSize);
  }
  /// Whether the value names the row that was asked for.
  bool right() const noexcept {
    char expected[kRowSize];
    write_row(expected, row);
    return !failed && std::memcmp(value, expected, kRowSize) == 0;
  }
};

/// A futex: sleeping costs one system call, waking one, and none when nobody sleeps yet.
enum CallState : std::uint32_t { kPending, kDone, kAsleep, kReader };
/// Returns the state that ended the wait: kDone or kReader.
std::uint32_t wait_for_state(Call& call);
void set_state(Call& call, CallState state);

/// Call ids rise; an id lives in slot `id % size`, and an id whose slot is taken is passed over. Not thread-safe.
class CallTable {
 public:
  CallTable() : slots_(kSlots) {}

  std::uint32_t add(Call& call) noexcept {
    while (slots_[next_id_ % kSlots] != nullptr) advance();
    slots_[next_id_ % kSlots] = &call;
    ++size_;
    call.id = next_id_;
    advance();
    return call.id;
  }
  /// nullptr when no such call is in flight.
  Call* take(std::uint32_t id) noexcept {
    Call*& slot = slots_[id % kSlots];
    if (slot == nullptr || slot->id != id) return nullptr;
    --size_;
    Call* call = slot;
    slot = nullptr;
    return call;
  }
  std::size_t size() const noexcept { return size_; }
  std::vector<Call*> take_all() {
    std::vector<Call*> all;
    for (Call*& slot : slots_) {
      if (slot != nullptr) all.push_back(slot);
      slot = nullptr;
    }
    size_ = 0;
    return all;
  }

 private:
  static constexpr std::size_t kSlots = 4096;
  void advance() noexcept { next_id_ = next_id_ == kLastCallId ? kFirstCallId : next_id_ + 1; }
  std::vector<Call*> slots_;
  std::uint32_t next_id_ = kFirstCallId;
  std::size_t size_ = 0;
};

}  // namespace hbmux::bench
