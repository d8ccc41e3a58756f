// A place in an immutable, shared object for what somebody derives from it.
#pragma once

#include <atomic>
#include <memory>

namespace hbmux::core {

/// What a layer above keeps with an object of a layer below, so that it is derived once and freed with it.
class Companion {
 public:
  virtual ~Companion() = default;
};

/// Part of the object. Any thread; reading is one load. A copy of the object starts without a companion: it may differ.
class CompanionSlot {
 public:
  CompanionSlot() = default;
  CompanionSlot(const CompanionSlot&) noexcept {}
  CompanionSlot& operator=(const CompanionSlot&) = delete;
  ~CompanionSlot() { delete companion_.load(std::memory_order_relaxed); }

  /// Null when there is none yet. Lives as long as the object.
  const Companion* get() const noexcept { return companion_.load(std::memory_order_acquire); }
  /// Keeps `made`, unless another thread was first; what is kept is the answer.
  const Companion* offer(std::unique_ptr<const Companion> made) const noexcept {
    const Companion* first = nullptr;
    if (companion_.compare_exchange_strong(first, made.get(), std::memory_order_acq_rel)) return made.release();
    return first;
  }

 private:
  mutable std::atomic<const Companion*> companion_{nullptr};
};

}  // namespace hbmux::core
