#include "tests/sim/scheduler.h"

#include "core/bytes.h"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <string>

namespace hbmux::sim {

std::int64_t Scheduler::wall_clock() const noexcept {
  constexpr std::int64_t kEpoch = 1'700'000'000'000;
  return kEpoch + std::chrono::duration_cast<std::chrono::milliseconds>(now_ - kStart).count();
}

void Scheduler::at(TimePoint time, Task task) { queue_.push({std::max(time, now_), next_order_++, std::move(task)}); }

bool Scheduler::step() {
  if (queue_.empty()) return false;
  Task task = std::move(queue_.top().task);
  now_ = queue_.top().time;
  queue_.pop();
  ++events_;
  task();
  return true;
}

void Scheduler::mix(std::uint64_t number) noexcept {
  hash_ = (hash_ ^ number) * 0x9e3779b97f4a7c15;
  hash_ ^= hash_ >> 29;
}

void Scheduler::print(std::string_view line) {
  if (!verbose || latest == nullptr) return;
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(latest->now_ - kStart).count();
  std::cout << static_cast<double>(time) / 1000 << " ms: " << line << '\n';
}

void Scheduler::trace(std::string_view what, std::uint64_t number) noexcept {
  if (on_trace) on_trace(what, number);
  if (verbose) print(std::to_string(number) + " " + core::to_string_binary(what.substr(0, 150)));
  mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  mix(number ^ what.size() << 48);
  for (; what.size() >= 8; what.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, what.data(), 8);
    mix(word);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, what.data(), what.size());
  mix(rest);
}

}  // namespace hbmux::sim
