// A lock that is held for some tens of nanoseconds.
#pragma once

#include <mutex>

namespace hbmux::detail {

/// A mutex whose waiters look again for a moment before they sleep: going to sleep and being woken take a hundred times as long as what is done
/// under it (docs/adr/0003).
class QuickMutex {
 public:
  void lock() {
    for (int i = 0; i < kLooks; ++i) {
      if (mutex_.try_lock()) return;
      relax();
    }
    mutex_.lock();
  }
  bool try_lock() { return mutex_.try_lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  static constexpr int kLooks = 32;
  static void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  std::mutex mutex_;
};

}  // namespace hbmux::detail
