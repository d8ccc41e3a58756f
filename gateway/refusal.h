// When a client whose call was refused should come again.
#pragma once

#include "gateway/status.h"

#include <chrono>
#include <string>
#include <string_view>

namespace hbmux::gateway {

/// A client that can do so brings back, with the next attempt of the same call, what the last one's trailer said: here how often it was
/// refused. So it is told to wait twice as long each time.
inline constexpr char kRefusalsCookie[] = "x-goog-cbt-cookie-hbmux-refusals";
inline constexpr std::chrono::milliseconds kRefusalPauseMax{10'000};

/// What the cookie says; 0 when it is none of ours.
int refusals_in(std::string_view cookie) noexcept;
/// `first` doubled for each refusal before this one, and bounded.
std::chrono::milliseconds refusal_pause(std::chrono::milliseconds first, int refusals) noexcept;
/// google.rpc.Status with google.rpc.RetryInfo in it, as bytes: what grpc::Status takes as details.
std::string retry_details(const Status& status, std::chrono::milliseconds pause);

}  // namespace hbmux::gateway
