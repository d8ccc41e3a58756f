// Who borrows from a pool, and for how long it waits.
#pragma once

#include <hbmux/pool/options.h>
#include <hbmux/request_scope.h>

#include <chrono>
#include <source_location>
#include <string_view>

namespace hbmux {

struct BorrowRequest {
  using TimePoint = std::chrono::steady_clock::time_point;

  ThreadToken thread;   ///< Who began it: counts for per_thread, and for stories about holders.
  TimePoint now{};      ///< About now; unset: the pool looks at its clock.
  TimePoint deadline = TimePoint::max();  ///< Of the wait. Not after now: do not wait at all.
  /// Work that others' calls depend on: it may open beyond size and total_max, and is served first, so that it never waits for those who wait
  /// for it.
  bool internal = false;
  std::string_view where;      ///< A literal, for leaks and time-outs: what for.
  std::source_location place;  ///< The same: where in the program. In a scope it is where that was opened.
  /// Exclusive types: the scope's own resource is used, or this one becomes it. Not for internal work, which must not keep anything.
  RequestScope::Ref scope;
  bool in_scope = false;  ///< The pool's own: `place` is where a scope was opened.
};

}  // namespace hbmux
