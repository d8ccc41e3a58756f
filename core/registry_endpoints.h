// Which servers a registry asks, in which order, and when it asks for a fresh list of them.
#pragma once

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::core {

/// One hedged question to a list of servers: a group of them is asked at once, the first good answer wins, and when the
/// whole group has failed the next one is asked. Used by one thread at a time.
class HedgedCall {
 public:
  /// `endpoints` are in the order in which they shall be asked (the caller shuffles). A `fan_out` below 1 counts as 1.
  HedgedCall(std::vector<ServerAddress> endpoints, std::size_t fan_out);

  /// The servers to ask now; empty when all have been asked. Only when the group before has failed, or first of all.
  std::vector<ServerAddress> next_group();
  /// One server of the group failed, or gave an answer that does not help. True when the whole group has.
  bool failed(const ServerAddress& endpoint, const Error& error);
  /// An answer that counts arrived; true for the first one only. Later answers and failures are ignored.
  bool succeeded();
  bool done() const noexcept { return done_; }

  /// Errc::unavailable: `what` could not be found out, which servers were asked, and why each of them failed. When time
  /// ran out, those that had not answered yet are named too.
  Error exhausted(std::string_view what) const;

 private:
  struct Attempt {
    ServerAddress endpoint;
    std::string failure;  // empty while it is under way
  };
  std::vector<ServerAddress> endpoints_;
  std::size_t fan_out_;
  std::size_t asked_ = 0;
  std::size_t pending_ = 0;
  bool done_ = false;
  std::vector<Attempt> attempts_;
};

/// When the list of servers is fetched anew: first soon, because many clients may be configured with the same few
/// servers, then once a period; after a failure to connect earlier, yet never sooner than `min_interval` after the last
/// time. Not thread-safe.
class RefreshSchedule {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::milliseconds;

  /// A `period` of 0 or less: never. `min_interval` is bounded by the period.
  RefreshSchedule(Duration initial_delay, Duration period, Duration min_interval, TimePoint now);

  bool enabled() const noexcept { return enabled_; }
  /// When the next fetch is due; TimePoint::max() while one is under way, and when it is off.
  TimePoint due() const noexcept;
  /// A server could not be reached: fetch as soon as the rules allow.
  void hurry() noexcept { hurry_ = true; }
  /// True when a fetch is due; then it counts as under way until ended() is called.
  bool begin(TimePoint now) noexcept;
  /// The fetch ended, well or badly: HBase waits the same time after both.
  void ended(TimePoint now) noexcept;

 private:
  Duration initial_delay_, period_, min_interval_;
  bool enabled_;
  bool first_ = true;
  bool hurry_ = false;
  bool running_ = false;
  TimePoint last_;
};

/// Puts `endpoints` into an order that `random` chooses (a number below its argument), so that many clients do not
/// begin at the same server.
void shuffle(std::vector<ServerAddress>& endpoints, const std::function<std::size_t(std::size_t)>& random);

/// The same servers, each once, in their first order.
std::vector<ServerAddress> without_doubles(std::vector<ServerAddress> endpoints);

}  // namespace hbmux::core
