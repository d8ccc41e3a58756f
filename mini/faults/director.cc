#include "mini/faults/director.h"

namespace hbmux::mini {

void Director::at(Clock::time_point time, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  waiting_.emplace(time, std::move(work));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_one();
}

void Director::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = waiting_.begin();
    if (first->first > Clock::now()) {
      changed_.wait_until(lock, first->first);
      continue;
    }
    const std::function<void()> work = std::move(first->second);
    waiting_.erase(first);
    lock.unlock();
    work();
    lock.lock();
  }
}

void Director::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace hbmux::mini
