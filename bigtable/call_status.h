// How a call ended, and what that means.
#pragma once

#include "core/exception_class.h"

#include <hbmux/error.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hbmux::bigtable {

/// gRPC's codes, so that pure code needs none of gRPC's headers.
enum class Code : int {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

std::string_view to_string(Code code) noexcept;  ///< "UNAVAILABLE"

struct CallStatus {
  Code code = Code::ok;
  std::string message;
  std::string details;  ///< A serialized rpc.Status; may be empty, or anything.

  bool ok() const noexcept { return code == Code::ok; }
};

/// The pause that the server asks for (google.rpc.RetryInfo); nothing when it does not.
std::optional<std::chrono::milliseconds> retry_delay_of(const CallStatus& status);

/// Which errors of hbmux the codes are: docs/bigtable.md has the table.
Error error_of(const CallStatus& status);

/// Whether a call that may be made twice should be: with UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED (unless `retries_deadline` is false), with
/// INTERNAL where it stands for a stream that broke, and with whatever the server says that it may be tried again after.
core::Reaction reaction_to(const CallStatus& status, bool retries_deadline);

}  // namespace hbmux::bigtable
