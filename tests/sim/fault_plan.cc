#include "tests/sim/fault_plan.h"

namespace hbmux::sim {

FaultPlan FaultPlan::draw(Random& random) {
  FaultPlan plan;
  plan.latency_max = Micros(random.skewed(60, 300'000));
  plan.service_max = Micros(random.skewed(20, 200'000));
  if (random.chance(0.3)) plan.lane_lag_max = Micros(random.skewed(1, 5000));
  if (random.chance(0.3)) plan.window = static_cast<std::size_t>(random.skewed(64, 20'000));
  if (random.chance(0.5)) plan.segment_max = static_cast<std::size_t>(random.skewed(24, 4000));
  if (random.chance(0.5)) plan.short_write = 0.3;
  if (random.chance(0.5)) plan.short_read = 0.3;
  if (random.chance(0.2)) plan.idle_wake = 0.2;
  auto sometimes = [&](double often, double& out, double most) {
    if (random.chance(often)) out = most * static_cast<double>(1 + random.below(8)) / 8;
  };
  if (random.chance(0.8)) {  // one run in five is about life without faults of calls
    sometimes(0.4, plan.exception, 0.3);
    sometimes(0.3, plan.lose_request, 0.05);
    sometimes(0.3, plan.lose_reply, 0.1);
    sometimes(0.3, plan.reset_before, 0.05);
    sometimes(0.3, plan.reset_after, 0.05);
    sometimes(0.3, plan.cut_reply, 0.05);
    sometimes(0.3, plan.refuse, 0.3);
    sometimes(0.2, plan.ignore, 0.2);
  }
  if (random.chance(0.7)) {
    plan.period = Micros(random.between(5'000, 1'000'000));
    plan.kills = random.chance(0.4);
    plan.moves = random.chance(0.6);
    plan.splits = random.chance(0.5);
    plan.resets = random.chance(0.3);
    plan.stalls = random.chance(0.3);
  }
  return plan;
}

}  // namespace hbmux::sim
