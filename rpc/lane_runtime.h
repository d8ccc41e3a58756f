// A lane as the clock and timers of a pool.
#pragma once

#include "rpc/lane.h"

#include <hbmux/pool/runtime.h>

#include <memory>
#include <utility>

namespace hbmux::rpc {

class LaneRuntime final : public PoolRuntime {
 public:
  explicit LaneRuntime(std::shared_ptr<Lane> lane) : lane_(std::move(lane)) {}

  TimePoint now() const noexcept override { return lane_->now(); }
  void post(Task task) override { lane_->post(std::move(task)); }
  void call_at(TimePoint at, Task task) override { lane_->call_at(at, std::move(task)); }

 private:
  const std::shared_ptr<Lane> lane_;
};

}  // namespace hbmux::rpc
