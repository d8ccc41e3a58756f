// Which calls the gateway had, and how they went.
#pragma once

#include "gateway/status.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::gateway {

class AccessLog;

/// A call that has ended.
struct CallReport {
  std::string_view method;  ///< Without its service; lives as long as the journal.
  std::string peer;
  std::string table;        ///< As the client named it; a part of it when it is very long.
  std::int64_t rows = 0;    ///< Returned or changed.
  std::int64_t bytes_in = 0;
  std::int64_t bytes_out = 0;
  Code code = Code::ok;
  std::chrono::system_clock::time_point began;
  std::chrono::nanoseconds duration{0};
};

/// Any thread; a call costs two short locks.
class CallJournal {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  using Time = std::chrono::system_clock::time_point;
  static constexpr std::size_t kCodes = 17;
  /// Bounds of the histogram of durations, in microseconds; one bucket more has what lasted longer.
  static constexpr std::array<std::int64_t, 15> kBounds = {250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,    50'000,
                                                           100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};
  /// Slow calls that are remembered, the last ones.
  static constexpr std::size_t kSlowMax = 50;
  /// Seconds of which rates are known.
  static constexpr std::size_t kSeconds = 60;

  struct Method {
    std::string name;
    std::int64_t in_flight = 0;
    std::array<std::uint64_t, kCodes> by_code{};
    std::array<std::uint64_t, kBounds.size() + 1> durations{};
    Nanoseconds duration{0};  ///< Of all calls.
    std::uint64_t rows = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;

    std::uint64_t calls() const noexcept;
    /// The bound below which `share` of all calls lasted, in milliseconds; 0 without any.
    double quantile_millis(double share) const noexcept;
  };
  struct Second {
    std::int64_t second = -1;  ///< Since 1970.
    std::uint64_t calls = 0;
    std::uint64_t failed = 0;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;  ///< In both directions.
  };
  struct Snapshot {
    std::vector<Method> methods;
    std::vector<CallReport> slow;  ///< The last one first.
    std::vector<Second> seconds;   ///< The last whole ones, ascending; kSeconds of them.
  };

  /// `slow`: calls that last so long are remembered one by one.
  explicit CallJournal(Nanoseconds slow = std::chrono::seconds(1)) : slow_limit_(slow) {}

  /// Before the first call. `path` is the name on the wire.
  std::size_t add_method(std::string_view path);
  /// Gets each call; null: none does. Before the first call.
  void write_to(std::shared_ptr<AccessLog> log) { log_ = std::move(log); }
  void begin(std::size_t method);
  /// Whether end() makes use of peer and table.
  bool wants_names(Nanoseconds duration) const noexcept { return log_ != nullptr || duration >= slow_limit_; }
  /// `report.method` is set here.
  void end(std::size_t method, CallReport report);

  Snapshot snapshot(Time now) const;

 private:
  const Nanoseconds slow_limit_;
  std::shared_ptr<AccessLog> log_;
  mutable std::mutex mutex_;
  std::deque<Method> methods_;
  std::deque<CallReport> slow_;
  std::array<Second, kSeconds + 2> seconds_{};
};

/// gRPC's name: "INVALID_ARGUMENT".
std::string_view to_string(Code code) noexcept;

}  // namespace hbmux::gateway
