// Virtual time: what is to happen, in order.
#pragma once

#include "rpc/lane.h"

#include <cstdint>
#include <functional>
#include <queue>
#include <string_view>
#include <vector>

namespace hbmux::sim {

using rpc::Task;
using rpc::TimePoint;

/// One thread; time passes only from one event to the next. Events at the same time run in the order in which they were
/// made.
class Scheduler {
 public:
  Scheduler() noexcept { latest = this; }
  ~Scheduler() { latest = nullptr; }
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  TimePoint now() const noexcept { return now_; }
  /// What the servers' clocks say, in milliseconds since 1970.
  std::int64_t wall_clock() const noexcept;

  /// Runs `task` at `time`, or now if that has passed.
  void at(TimePoint time, Task task);
  void after(std::chrono::nanoseconds delay, Task task) { at(now_ + delay, std::move(task)); }
  /// Runs the next event; false when there is none.
  bool step();
  std::uint64_t events() const noexcept { return events_; }

  /// Everything that can be seen goes in here; equal hashes mean equal runs.
  void trace(std::string_view what, std::uint64_t number = 0) noexcept;
  /// With it, trace() also prints, for whoever looks into one run; and so may others, with the time in front.
  static void set_verbose(bool yes) noexcept { verbose = yes; }
  static void print(std::string_view line);
  std::uint64_t trace_hash() const noexcept { return hash_; }
  /// Told of everything that is traced. What it does must change nothing in the run.
  std::function<void(std::string_view what, std::uint64_t number)> on_trace;

 private:
  struct Event {
    TimePoint time;
    std::uint64_t order;
    mutable Task task;
    bool operator<(const Event& other) const noexcept {
      return time != other.time ? time > other.time : order > other.order;
    }
  };
  void mix(std::uint64_t number) noexcept;

  static inline bool verbose = false;
  static inline const Scheduler* latest = nullptr;
  static constexpr TimePoint kStart{std::chrono::hours(1)};
  TimePoint now_ = kStart;
  std::uint64_t next_order_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::priority_queue<Event> queue_;
};

}  // namespace hbmux::sim
