// Bigtable counts microseconds, HBase keeps milliseconds.
#pragma once

#include "gateway/status.h"

#include <hbmux/query.h>

#include <cstdint>
#include <limits>

namespace hbmux::gateway {

inline constexpr std::int64_t kMicrosPerMilli = 1000;
/// The server's clock decides.
inline constexpr std::int64_t kServerTime = -1;
/// The latest time that both sides can say.
inline constexpr std::int64_t kMaxMillis = std::numeric_limits<std::int64_t>::max() / kMicrosPerMilli;

/// A cell's time as a client says it: whole milliseconds, not negative.
inline Answer<std::int64_t> millis_of(std::int64_t micros) {
  if (micros < 0) return invalid("Invalid timestamp " + std::to_string(micros) + ": it must not be negative");
  if (micros % kMicrosPerMilli != 0) {
    return invalid("Timestamp granularity mismatch: " + std::to_string(micros) + " is no multiple of 1000 microseconds");
  }
  return micros / kMicrosPerMilli;
}

/// HBase's times reach further than Bigtable's on both sides: what lies beyond is told as the last one that can be said.
inline std::int64_t micros_of(std::int64_t millis) noexcept {
  if (millis > kMaxMillis) return kMaxMillis * kMicrosPerMilli;
  return millis < -kMaxMillis ? -kMaxMillis * kMicrosPerMilli : millis * kMicrosPerMilli;
}

/// The milliseconds whose micros_of() lies in [start, end); an end of 0 is none.
inline TimeRange millis_within(std::int64_t start_micros, std::int64_t end_micros) noexcept {
  const auto up = [](std::int64_t micros) {
    return micros <= 0 ? 0 : micros / kMicrosPerMilli + (micros % kMicrosPerMilli != 0 ? 1 : 0);
  };
  TimeRange range;
  range.min = up(start_micros);
  if (end_micros != 0) range.max = up(end_micros);
  return range;
}

}  // namespace hbmux::gateway
