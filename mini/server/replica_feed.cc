#include "mini/server/replica_feed.h"

#include <utility>

namespace hbmux::mini {

void ReplicaFeed::add(std::shared_ptr<const ReplicaStep> step) {
  const std::lock_guard lock(mutex_);
  if (steps_.empty()) first_time_.store(step->time, std::memory_order_release);
  steps_.push_back(std::move(step));
}

std::shared_ptr<const ReplicaStep> ReplicaFeed::take_due(std::int64_t now) {
  const std::lock_guard lock(mutex_);
  if (steps_.empty() || !is_due(now)) return nullptr;
  std::shared_ptr<const ReplicaStep> step = std::move(steps_.front());
  steps_.pop_front();
  first_time_.store(steps_.empty() ? kNone : steps_.front()->time, std::memory_order_release);
  return step;
}

void ReplicaFeed::apply(RegionStore& store, std::int64_t now) {
  while (const auto step = take_due(now)) {
    switch (step->kind) {
      case ReplicaStep::Kind::cells: store.replay(step->cells, step->sequence, step->time); break;
      case ReplicaStep::Kind::flush: store.flush(step->time); break;
      case ReplicaStep::Kind::compact: store.compact(step->time, false); break;
      case ReplicaStep::Kind::major_compact: store.compact(step->time, true); break;
      case ReplicaStep::Kind::erase: store.rows().erase_cells(step->row, step->qualifiers); break;
    }
  }
}

std::size_t ReplicaFeed::waiting() const {
  const std::lock_guard lock(mutex_);
  return steps_.size();
}

}  // namespace hbmux::mini
