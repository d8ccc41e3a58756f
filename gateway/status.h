// How a call of the Bigtable API ends when it fails: gRPC's code, and a text for people.
#pragma once

#include <hbmux/error.h>

#include <boost/system/result.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace hbmux::gateway {

/// gRPC's numbers, so that pure code needs none of gRPC's headers.
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
};

struct Status {
  Code code = Code::ok;
  std::string message;
  std::chrono::milliseconds retry_after{0};  ///< When the client should come again; 0: not told.

  bool ok() const noexcept { return code == Code::ok; }
};

/// A value, or why there is none.
template <class T>
using Answer = boost::system::result<T, Status>;

[[noreturn]] void throw_exception_from_error(const Status& status, const boost::source_location&);

inline Status invalid(std::string message) { return {Code::invalid_argument, std::move(message), {}}; }
inline Status unimplemented(std::string message) { return {Code::unimplemented, std::move(message), {}}; }

/// What a client of the Bigtable API is told of an error of HBase: docs/gateway.md has the table.
Status status_of(const Error& error);

}  // namespace hbmux::gateway
