// A connection between client and server, as the network between them sees it.
#pragma once

#include "tests/sim/fault_plan.h"
#include "tests/sim/scheduler.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hbmux::sim {

/// One direction: bytes on their way, in segments of any size, in order. As TCP, it takes no more than its window until
/// some have arrived.
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  Pipe(Scheduler& scheduler, Random random, const FaultPlan& plan)
      : scheduler_(scheduler), random_(random), plan_(plan) {}

  // The sender.
  std::size_t room() const noexcept { return plan_.window - under_way_; }
  /// Takes what there is room for; returns how much.
  std::size_t send(std::string_view bytes);
  /// No more will come.
  void send_end();

  // The receiver.
  std::string& arrived() noexcept { return arrived_; }
  bool has_ended() const noexcept { return ended_; }

  /// Nothing arrives any more until it goes on.
  void stall() noexcept { stalled_ = true; }
  void go_on();
  /// What is under way is lost.
  void cut() noexcept { cut_ = true; }

  std::function<void()> on_arrival;
  std::function<void()> on_room;

 private:
  void arrive(std::string segment);
  void deliver(std::string segment);

  Scheduler& scheduler_;
  Random random_;
  const FaultPlan& plan_;
  std::size_t under_way_ = 0;
  TimePoint last_arrival_{};
  std::string arrived_;
  std::deque<std::string> held_;
  bool stalled_ = false, ending_ = false, ended_ = false, cut_ = false;
};

/// Both directions, and who is to hear of its end. Shared by its two ends.
struct Link {
  Link(Scheduler& scheduler, Random& random, const FaultPlan& plan)
      : up(std::make_shared<Pipe>(scheduler, random.fork(), plan)),
        down(std::make_shared<Pipe>(scheduler, random.fork(), plan)) {}

  /// As when a host dies, or a firewall forgets: both ends are told.
  void reset();
  bool is_reset() const noexcept { return is_reset_; }

  const std::shared_ptr<Pipe> up, down;
  std::function<void()> on_client_reset;
  std::function<void()> on_server_reset;

 private:
  bool is_reset_ = false;
};

}  // namespace hbmux::sim
