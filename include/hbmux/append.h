// Appends bytes to values of one row.
#pragma once

#include <hbmux/mutation.h>

namespace hbmux {

/// Each value is put behind what the column holds (or becomes its value). Atomic within the row. It carries a nonce, so that a
/// resend after a lost reply does not append twice (hbase.client.nonces.enabled).
class Append : public MutationSetters<Append> {
 public:
  explicit Append(std::string_view row) : MutationSetters(row, kLatestTimestamp) {}

  Append& add(std::string_view family, std::string_view qualifier, std::string_view value) & {
    add_cell(family, qualifier, kLatestTimestamp, CellType::put, value);
    return *this;
  }
  /// Whether the new values come back (default) or an empty Row.
  Append& return_results(bool yes) & {
    return_results_ = yes;
    return *this;
  }
  /// Which versions count as what the column holds: timestamps in [min, max), in milliseconds (default: all).
  Append& time_range(std::int64_t min, std::int64_t max) &;
  Append&& add(std::string_view f, std::string_view q, std::string_view v) && { return std::move(add(f, q, v)); }
  Append&& return_results(bool yes) && { return std::move(return_results(yes)); }
  Append&& time_range(std::int64_t min, std::int64_t max) && { return std::move(time_range(min, max)); }
  bool returns_results() const noexcept { return return_results_; }
  const TimeRange& time_range() const noexcept { return time_range_; }

 private:
  TimeRange time_range_;
  bool return_results_ = true;
};

}  // namespace hbmux
