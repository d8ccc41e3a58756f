// Adds to counters of one row.
#pragma once

#include <hbmux/mutation.h>

namespace hbmux {

/// Columns hold 8-byte big-endian numbers; a missing one counts as 0. Atomic within the row. It carries a nonce, so that a resend
/// after a lost reply does not count twice (hbase.client.nonces.enabled).
class Increment : public MutationSetters<Increment> {
 public:
  explicit Increment(std::string_view row) : MutationSetters(row, kLatestTimestamp) {}

  Increment& add(std::string_view family, std::string_view qualifier, std::int64_t amount) &;
  /// Whether the new values come back (default) or an empty Row.
  Increment& return_results(bool yes) & {
    return_results_ = yes;
    return *this;
  }
  /// Which versions count as what the column holds: timestamps in [min, max), in milliseconds (default: all).
  Increment& time_range(std::int64_t min, std::int64_t max) &;
  Increment&& add(std::string_view f, std::string_view q, std::int64_t amount) && { return std::move(add(f, q, amount)); }
  Increment&& return_results(bool yes) && { return std::move(return_results(yes)); }
  Increment&& time_range(std::int64_t min, std::int64_t max) && { return std::move(time_range(min, max)); }
  bool returns_results() const noexcept { return return_results_; }
  const TimeRange& time_range() const noexcept { return time_range_; }

 private:
  TimeRange time_range_;
  bool return_results_ = true;
};

}  // namespace hbmux
