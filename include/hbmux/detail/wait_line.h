// Where somebody waits for a resource.
#pragma once

#include <cstdint>

namespace hbmux::detail {

class WaitLine {
 public:
  virtual ~WaitLine() = default;
  /// Any thread: ends a wait with Errc::cancelled; nothing when it has ended.
  virtual void cancel(std::uint64_t id) = 0;
};

}  // namespace hbmux::detail
