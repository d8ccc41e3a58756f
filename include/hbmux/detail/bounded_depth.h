// Handlers that give rise to further handlers must not grow the stack without end.
#pragma once

#include <hbmux/detail/unique_function.h>

#include <deque>
#include <utility>

namespace hbmux::detail {

/// This thread's part of it.
struct BoundedDepth {
  static constexpr int kMax = 32;
  int depth = 0;
  std::deque<UniqueFunction<void()>> later;
  static BoundedDepth& here() {
    static thread_local BoundedDepth mine;
    return mine;
  }
};

/// Runs `task` at once; within so many others that this thread runs so, only when the outermost one has returned. A handler that gives back what
/// it was lent serves the next one who waits, who gives it back in turn.
template <class Task>
void run_with_bounded_depth(Task&& task) {
  BoundedDepth& here = BoundedDepth::here();
  if (here.depth >= BoundedDepth::kMax) {
    here.later.emplace_back(std::forward<Task>(task));
    return;
  }
  struct Counted {
    explicit Counted(int& d) : depth(d) { ++depth; }
    ~Counted() { --depth; }
    int& depth;
  } const counted(here.depth);
  std::forward<Task>(task)();
  while (here.depth == 1 && !here.later.empty()) {
    auto next = std::move(here.later.front());
    here.later.pop_front();
    next();
  }
}

}  // namespace hbmux::detail
