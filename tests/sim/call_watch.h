// Sees to it that each call of the client ends once, and in time.
#pragma once

#include "tests/sim/simulated_world.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace hbmux::sim {

/// Outlives the calls that it watches.
class CallWatch {
 public:
  explicit CallWatch(SimulatedWorld& world) : world_(world) {}

  /// Wraps a handler. `limit` is the operation's time; a little more is granted for the lanes' turns.
  template <class Handler>
  auto begin(std::string name, std::chrono::milliseconds limit, Handler handler) {
    ++begun_;
    world_.scheduler().trace(name, 6);
    auto call = std::make_shared<Call>(*this, std::move(name), world_.scheduler().now() + limit + grace());
    return [call = std::move(call), handler = std::move(handler)](auto result) mutable {
      call->end(call->watch.outcome(result));
      handler(std::move(result));
    };
  }

  /// From here on handlers may be dropped: the world is being taken apart.
  void stop() noexcept { stopped_ = true; }

  std::uint64_t begun() const noexcept { return begun_; }
  std::uint64_t under_way() const noexcept { return begun_ - ended_; }
  /// How often calls ended with what: "ok", or the code.
  const std::map<std::string, std::uint64_t>& outcomes() const noexcept { return outcomes_; }

 private:
  struct Call {
    Call(CallWatch& w, std::string n, TimePoint until) : watch(w), name(std::move(n)), deadline(until) {}
    ~Call() {
      if (!ended && !watch.stopped_) watch.world_.fail(name + " never ended: its handler was dropped");
    }
    void end(const std::string& outcome) {
      SimulatedWorld& world = watch.world_;
      if (std::exchange(ended, true)) return world.fail(name + " ended twice");
      ++watch.ended_;
      ++watch.outcomes_[outcome];
      world.scheduler().trace(name, 4);
      world.scheduler().trace(outcome, 5);
      if (const auto now = world.scheduler().now(); now > deadline) {
        world.fail(name + " ended " +
                   std::to_string(std::chrono::ceil<std::chrono::milliseconds>(now - deadline).count()) +
                   " ms too late (" + outcome + ")");
      }
    }
    CallWatch& watch;
    const std::string name;
    const TimePoint deadline;
    bool ended = false;
  };

  /// A region lookup waits a moment beyond the deadline for its answer; timers run on lanes that may be late.
  std::chrono::milliseconds grace() const {
    return std::chrono::milliseconds(60) +
           10 * std::chrono::ceil<std::chrono::milliseconds>(world_.plan().lane_lag_max);
  }
  template <class T>
  static std::string outcome(const Result<T>& result) {
    return result ? "ok" : std::string(to_string(result.error().code()));
  }
  static std::string outcome(const BatchResult& results) {
    for (const auto& result : results) {
      if (!result) return "batch: " + std::string(to_string(result.error().code()));
    }
    return "ok";
  }

  SimulatedWorld& world_;
  bool stopped_ = false;
  std::uint64_t begun_ = 0, ended_ = 0;
  std::map<std::string, std::uint64_t> outcomes_;
};

}  // namespace hbmux::sim
