// What happens to a cluster by and by, on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace hbmux::mini {

/// Runs what it is given, one after the other, each at its time. The thread begins with the first. Thread-safe; what it
/// runs may give it more.
class Director {
 public:
  using Clock = std::chrono::steady_clock;

  Director() = default;
  ~Director() { stop(); }
  Director(const Director&) = delete;
  Director& operator=(const Director&) = delete;

  void at(Clock::time_point time, std::function<void()> work);
  void soon(std::function<void()> work) { at(Clock::now(), std::move(work)); }
  /// Waits for what is running; what is waiting is forgotten. Not to be called by what it runs.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, std::function<void()>> waiting_;
  std::thread thread_;
  bool stopped_ = false;
};

}  // namespace hbmux::mini
