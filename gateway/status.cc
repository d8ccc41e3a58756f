#include "gateway/status.h"

#include <stdexcept>
#include <string_view>

namespace hbmux::gateway {
namespace {

/// What is too much now may not be so soon; the pause grows with each attempt (refusal.h).
constexpr std::chrono::milliseconds kRefusalPause{100};

/// Exceptions that have no code of their own in hbmux, by what they say.
Code code_of_exception(const Error& error) {
  const std::string_view text = error.exception_message();
  const auto says = [text](std::string_view words) { return text.find(words) != std::string_view::npos; };
  if (says("not a long") || says("bytes wide")) return Code::failed_precondition;  // increment of something else
  if (says("exceeds limit") || says("KeyValue size too large") || says("too large")) return Code::invalid_argument;
  return Code::internal;
}

Code code_of(const Error& error) {
  switch (error.code()) {
    case Errc::invalid_argument:
    case Errc::request_too_big: return Code::invalid_argument;
    case Errc::unsupported: return Code::unimplemented;
    case Errc::cancelled: return Code::cancelled;
    case Errc::overloaded: return Code::resource_exhausted;
    case Errc::timed_out: return Code::deadline_exceeded;
    case Errc::table_not_found:
    case Errc::namespace_not_found:
    case Errc::no_such_column_family: return Code::not_found;
    case Errc::table_exists:
    case Errc::namespace_exists: return Code::already_exists;
    case Errc::table_not_enabled:
    case Errc::table_not_disabled:
    case Errc::invalid_configuration: return Code::failed_precondition;
    case Errc::access_denied: return Code::permission_denied;
    case Errc::blocking_call_on_lane:
    case Errc::forked:
    case Errc::protocol_error: return Code::internal;
    case Errc::do_not_retry:
    case Errc::server_exception: return code_of_exception(error);
    default: return Code::unavailable;  // on the way to a region that will be somewhere again
  }
}

}  // namespace

void throw_exception_from_error(const Status& status, const boost::source_location&) {
  throw std::runtime_error(status.message);
}

Status status_of(const Error& error) {
  Status status{code_of(error), error.to_string(), {}};
  switch (error.code()) {
    case Errc::overloaded:
    case Errc::throttled:
    case Errc::region_too_busy:
    case Errc::call_queue_too_big: status.retry_after = kRefusalPause; break;
    default: break;
  }
  return status;
}

}  // namespace hbmux::gateway
