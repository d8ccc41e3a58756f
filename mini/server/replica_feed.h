// What a replica of a region has yet to see (HBase: RegionReplicaReplicationEndpoint.java, and HRegion.java's replay).
#pragma once

#include "mini/store/region_store.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hbmux::mini {

/// Something that happened to a region, in the order in which it happened.
struct ReplicaStep {
  enum class Kind : std::uint8_t { cells, flush, compact, major_compact, erase };
  Kind kind = Kind::cells;
  std::int64_t time = 0;       ///< By the clock of the server that did it, in milliseconds.
  std::uint64_t sequence = 0;  ///< Of the write.
  std::vector<CellRef> cells;  ///< Of one row; shared with the region, and copied by those who apply them.
  std::string row;                      ///< Kind::erase.
  std::vector<std::string> qualifiers;  ///< The same; none: the whole row.
};

/// Steps on their way from a region to one of its replicas. The region adds under its mutex, the replica applies under
/// its own; the queue itself is thread-safe. What has come due is applied by whoever reads the replica next, so that
/// nothing has to wake up for it.
class ReplicaFeed {
 public:
  void add(std::shared_ptr<const ReplicaStep> step);
  /// From now on steps are due so much after they happened; those that are waiting, too.
  void set_lag(std::chrono::milliseconds lag) noexcept { lag_.store(lag.count(), std::memory_order_relaxed); }
  /// Whether there is anything to apply; cheap.
  bool is_due(std::int64_t now) const noexcept {
    const std::int64_t first = first_time_.load(std::memory_order_acquire);
    return first != kNone && now - first >= lag_.load(std::memory_order_relaxed);
  }
  /// Applies what is due.
  void apply(RegionStore& store, std::int64_t now);
  std::size_t waiting() const;

 private:
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

  std::shared_ptr<const ReplicaStep> take_due(std::int64_t now);

  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const ReplicaStep>> steps_;
  std::atomic<std::int64_t> first_time_{kNone};  ///< Of the first one that waits.
  std::atomic<std::int64_t> lag_{0};
};

}  // namespace hbmux::mini
