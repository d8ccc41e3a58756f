// How much the gateway takes on at once.
#pragma once

#include "gateway/status.h"

#include <cstddef>
#include <mutex>
#include <optional>

namespace hbmux::gateway {

struct AdmissionLimits {
  std::size_t calls = 10'000;                         ///< Of all kinds.
  std::size_t reads = 1'000;                          ///< ReadRows: each may hold some megabytes for a client that does not take them.
  std::size_t request_bytes = std::size_t{1} << 30;  ///< Of the requests of all calls; one call by itself may have more.
};

/// Counts calls that are under way, and refuses more than the limits. Any thread.
class Admission {
 public:
  explicit Admission(const AdmissionLimits& limits) : limits_(limits) {}

  /// Nothing: the call is counted until leave(). Else what it ends with.
  std::optional<Status> enter(bool is_read, std::size_t bytes);
  void leave(bool is_read, std::size_t bytes);

 private:
  const AdmissionLimits limits_;
  std::mutex mutex_;
  std::size_t calls_ = 0;
  std::size_t reads_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace hbmux::gateway
