// What the sub-pools of one PoolMap share.
#pragma once

#include <hbmux/detail/place_count.h>
#include <hbmux/pool/runtime.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace hbmux::detail {

/// The map, as its sub-pools see it. Called without a sub-pool's lock held, except for places. Any thread.
class PoolHost {
 public:
  PoolHost(std::shared_ptr<PoolRuntime> runtime, std::size_t total_max) : places(total_max), runtime_(std::move(runtime)) {}
  virtual ~PoolHost() = default;
  PoolHost(const PoolHost&) = delete;
  PoolHost& operator=(const PoolHost&) = delete;

  PoolRuntime& runtime() const noexcept { return *runtime_; }

  /// expire() is to be called on the sub-pools at `deadline`.
  virtual void watch(PoolRuntime::TimePoint deadline) = 0;
  /// A sub-pool has borrowers, and no place for one more resource.
  void starves(std::shared_ptr<void> sub_pool) { line_up(std::move(sub_pool)); }
  /// Resources went, or became idle: those who starve may try again.
  void relax() {
    if (starving.load(std::memory_order_acquire) != 0) feed();
  }

  PlaceCount places;
  std::atomic<std::size_t> starving{0};  // sub-pools in the line

 protected:
  virtual void line_up(std::shared_ptr<void> sub_pool) = 0;
  virtual void feed() = 0;

 private:
  const std::shared_ptr<PoolRuntime> runtime_;
};

}  // namespace hbmux::detail
