// Replies that are held back or put into another order.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// Of one connection. Pure: told the time, it says what to send and when to ask again.
class ReplySchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ReplySchedule(std::uint64_t seed) : random_(seed) {}

  /// Takes a reply that is ready at `now` and due `delay` later. Without a `window` the order is kept; otherwise up to
  /// so many replies are held and change places.
  void add(std::string_view reply, Time now, std::chrono::microseconds delay, int window = 0);
  /// Appends what is due to `out`.
  void take_due(Time now, std::string& out);
  /// When to ask again; nothing while nothing is held.
  std::optional<Time> next_due() const;
  /// Appends everything that is held, due or not.
  void take_all(std::string& out);
  bool empty() const noexcept { return held_.empty(); }

 private:
  struct Held {
    Time due;
    std::string reply;
  };
  std::mt19937_64 random_;
  std::vector<Held> held_;
  Time last_due_{};
  std::size_t window_ = 0;
};

}  // namespace hbmux::mini
