#include "bigtable/call_status.h"

#include <hbmux/bt/rpc/details.pb.h>
#include <hbmux/bt/rpc/status.pb.h>

#include <algorithm>
#include <array>

namespace hbmux::bigtable {
namespace {

/// As INTERNAL says it when a proxy or the other end has dropped the stream.
bool is_broken_stream(std::string_view message) {
  std::string text(message);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  constexpr std::array<std::string_view, 5> kSigns = {"rst_stream", "rst stream", "unexpected eos on data frame", "stream terminated by",
                                                      "goaway"};
  return std::ranges::any_of(kSigns, [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

bool names_family(std::string_view message) {
  return message.find("unknown family") != std::string_view::npos || message.find("olumn family") != std::string_view::npos;
}

Errc errc_of(const CallStatus& status) {
  switch (status.code) {
    case Code::ok: break;
    case Code::cancelled: return Errc::server_exception;
    case Code::unknown: return names_family(status.message) ? Errc::no_such_column_family : Errc::server_exception;
    case Code::invalid_argument:
    case Code::out_of_range: return Errc::invalid_argument;
    case Code::deadline_exceeded: return Errc::timed_out;
    case Code::not_found: return names_family(status.message) ? Errc::no_such_column_family : Errc::table_not_found;
    case Code::already_exists: return Errc::table_exists;
    case Code::permission_denied:
    case Code::unauthenticated: return Errc::access_denied;
    case Code::resource_exhausted: return Errc::throttled;
    case Code::failed_precondition: return names_family(status.message) ? Errc::no_such_column_family : Errc::do_not_retry;
    case Code::aborted: return Errc::server_exception;
    case Code::unimplemented: return Errc::unsupported;
    case Code::internal: return is_broken_stream(status.message) ? Errc::connection_lost : Errc::server_exception;
    case Code::unavailable: return Errc::unavailable;
    case Code::data_loss: return Errc::protocol_error;
  }
  return Errc::server_exception;
}

}  // namespace

std::string_view to_string(Code code) noexcept {
  constexpr std::array<std::string_view, 17> kNames = {
      "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
      "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
      "UNAUTHENTICATED"};
  const auto at = static_cast<std::size_t>(code);
  return at < kNames.size() ? kNames[at] : "an unknown code";
}

std::optional<std::chrono::milliseconds> retry_delay_of(const CallStatus& status) {
  bt::rpc::Status details;
  if (status.details.empty() || !details.ParseFromString(status.details)) return std::nullopt;
  for (const auto& detail : details.details()) {
    if (!detail.type_url().ends_with("/google.rpc.RetryInfo")) continue;
    bt::rpc::RetryInfo info;
    if (!info.ParseFromString(detail.value()) || !info.has_retry_delay()) continue;
    const auto seconds = std::clamp<std::int64_t>(info.retry_delay().seconds(), 0, 24 * 3600);
    const auto nanos = std::clamp<std::int32_t>(info.retry_delay().nanos(), 0, 999'999'999);
    return std::chrono::milliseconds(seconds * 1000 + (nanos + 999'999) / 1'000'000);
  }
  return std::nullopt;
}

Error error_of(const CallStatus& status) {
  Error error(errc_of(status), std::string(to_string(status.code)) + ": " + status.message);
  const bool overloaded = status.code == Code::resource_exhausted;
  return std::move(error).with_flags(false, overloaded);
}

core::Reaction reaction_to(const CallStatus& status, bool retries_deadline) {
  core::Reaction reaction;
  reaction.told_pause = retry_delay_of(status);
  switch (status.code) {
    case Code::unavailable:
    case Code::aborted: reaction.retry = true; break;
    case Code::deadline_exceeded: reaction.retry = retries_deadline; break;
    case Code::internal: reaction.retry = is_broken_stream(status.message); break;
    default: break;
  }
  if (reaction.told_pause) reaction.retry = true;
  reaction.overloaded = status.code == Code::resource_exhausted;
  reaction.may_be_applied = status.code != Code::invalid_argument && status.code != Code::not_found && status.code != Code::unimplemented;
  return reaction;
}

}  // namespace hbmux::bigtable
