#include "gateway/refusal.h"

#include <hbmux/bt/rpc/details.pb.h>
#include <hbmux/bt/rpc/status.pb.h>

#include <algorithm>
#include <charconv>

namespace hbmux::gateway {
namespace {

constexpr int kRefusalsMax = 20;  // their pause is the longest long before

}  // namespace

int refusals_in(std::string_view cookie) noexcept {
  int count = 0;
  const auto read = std::from_chars(cookie.data(), cookie.data() + cookie.size(), count);
  if (read.ec != std::errc() || read.ptr != cookie.data() + cookie.size()) return 0;
  return std::clamp(count, 0, kRefusalsMax);
}

std::chrono::milliseconds refusal_pause(std::chrono::milliseconds first, int refusals) noexcept {
  return std::min(first * (1 << std::clamp(refusals, 0, kRefusalsMax)), kRefusalPauseMax);
}

std::string retry_details(const Status& status, std::chrono::milliseconds pause) {
  bt::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(pause.count() / 1000);
  info.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(pause.count() % 1000) * 1'000'000);
  bt::rpc::Status details;
  details.set_code(static_cast<std::int32_t>(status.code));
  details.set_message(status.message);
  auto& any = *details.add_details();
  any.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  any.set_value(info.SerializeAsString());
  return details.SerializeAsString();
}

}  // namespace hbmux::gateway
