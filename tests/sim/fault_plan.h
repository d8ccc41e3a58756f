// What goes wrong in a run, and how often.
#pragma once

#include "tests/sim/random.h"

#include <chrono>
#include <cstddef>

namespace hbmux::sim {

/// Drawn from the seed. Probabilities are for each occasion; a period of 0 is never.
struct FaultPlan {
  using Micros = std::chrono::microseconds;

  // Of the network: no faults, merely life.
  Micros latency_min{50}, latency_max{2000};
  Micros service_min{10}, service_max{5000};  ///< A call waits for its handler, and its reply for being sent.
  Micros lane_lag_max{0};                     ///< How late the client's threads get their turn.
  std::size_t window = 1 << 20;               ///< Bytes under way in one direction.
  std::size_t segment_max = 1 << 16;
  double short_write = 0, short_read = 0, idle_wake = 0;

  // Of each call.
  double exception = 0;
  double lose_request = 0;
  double lose_reply = 0;
  double reset_before = 0;  ///< The call is not applied.
  double reset_after = 0;   ///< It is.
  double cut_reply = 0;     ///< The reply ends somewhere in the middle, with a reset or in good order.
  // Of each attempt to connect.
  double refuse = 0;
  double ignore = 0;
  // Of the cluster, from time to time.
  Micros period{0};
  bool kills = false, moves = false, splits = false, resets = false, stalls = false;

  /// Some of everything, by chance; `restless` lets regions and servers change.
  static FaultPlan draw(Random& random);
  /// True when an operation may be applied twice although the client behaves: a server forgets the nonces of a region
  /// that leaves it, but for those in the log of one that died.
  bool forgets_nonces() const noexcept { return period.count() != 0 && (moves || splits); }
};

}  // namespace hbmux::sim
