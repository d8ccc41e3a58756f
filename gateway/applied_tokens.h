// Which changes a client has told apart by tokens, so that an attempt that comes twice is applied once.
#pragma once

#include "gateway/status.h"

#include <hbmux/bt/data.pb.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hbmux::gateway {

/// Mutation requests may carry an idempotency token, for what adds to sums: a client that heard no answer sends the same again. Known in this
/// process, for so long as the API promises. Any thread.
class AppliedTokens {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kLife{15};
  /// More are refused, so that none is forgotten too early.
  static constexpr std::size_t kTokensMax = 200'000;

  /// "table row token": nothing when there is no token.
  static std::string key_of(std::string_view table, std::string_view row, const bt::Idempotency& idempotency);

  /// Nothing: apply the change, then tell end(). Else what the call ends with: OK when it was applied.
  std::optional<Status> begin(const std::string& key, Time now);
  /// `applied`: it is known to be; `maybe`: nobody knows. Else it may be tried anew.
  void end(const std::string& key, bool applied, bool maybe);

 private:
  enum class State { running, applied, unknown };
  std::mutex mutex_;
  std::map<std::string, State, std::less<>> tokens_;
  std::deque<std::pair<Time, std::string>> ages_;
};

/// Whether a change that failed so may have been made.
bool may_be_applied(Code code) noexcept;

}  // namespace hbmux::gateway
