// A place in a key's pool, and what the pool wants done.
#pragma once

#include <hbmux/detail/scope_state.h>
#include <hbmux/detail/unique_function.h>
#include <hbmux/error.h>
#include <hbmux/pool/connector.h>
#include <hbmux/pool/options.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux::detail {

/// A resource, or the opening of one.
template <class T>
struct PoolSlot {
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit PoolSlot(std::uint64_t number) : id(number) {}
  const std::uint64_t id;
  std::shared_ptr<T> resource;         // null while it opens
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

/// An attempt to open one.
struct PoolOpening {
  using TimePoint = std::chrono::steady_clock::time_point;

  std::uint64_t slot, ticket;
  TimePoint at;  // not before
};

/// What is to be done, once no lock is held.
template <class T, class Handler>
struct PoolEffects {
  using Resource = std::shared_ptr<T>;
  using WarmHandler = UniqueFunction<void(Result<void>)>;
  using TimePoint = PoolOpening::TimePoint;

  struct Served {
    Handler handler;
    PoolSlot<T>* slot;
    Resource resource;
    std::chrono::nanoseconds waited;
  };
  struct Ended {
    Handler handler;
    Error error;
    std::chrono::nanoseconds waited;
  };

  std::vector<std::pair<Resource, CloseReason>> retired;
  std::vector<Served> served;
  std::vector<Ended> ended;
  std::vector<std::pair<WarmHandler, Result<void>>> warmed;
  std::vector<PoolOpening> openings;
  std::vector<std::pair<std::uint64_t, Resource>> probes;
  std::vector<PoolLeak> leaks;
  std::size_t places = 0;                  // given back
  bool starves = false;                    // there are borrowers, and no place for one more resource
  TimePoint again_at = TimePoint::max();   // when pump() may have something to open
};

/// Who borrows, for messages: of a slot or a BorrowRequest.
template <class Borrower>
std::string story_of(const Borrower& borrower) {
  std::string text(borrower.where), place = describe(borrower.place);
  if (!place.empty() && borrower.in_scope) place = "in a request scope opened at " + place;
  if (!text.empty() && !place.empty()) text += ", ";
  return text + place;
}

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

}  // namespace hbmux::detail
