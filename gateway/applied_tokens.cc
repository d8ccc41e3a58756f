#include "gateway/applied_tokens.h"

#include <iterator>

namespace hbmux::gateway {

std::string AppliedTokens::key_of(std::string_view table, std::string_view row, const bt::Idempotency& idempotency) {
  if (idempotency.token().empty()) return {};
  std::string key(table);
  key.append(1, '\0').append(std::to_string(row.size())).append(1, ' ').append(row).append(idempotency.token());
  return key;
}

std::optional<Status> AppliedTokens::begin(const std::string& key, Time now) {
  const std::lock_guard lock(mutex_);
  while (!ages_.empty() && ages_.front().first + kLife < now) {
    // One that is still running is as good as unknown after a quarter of an hour.
    tokens_.erase(ages_.front().second);
    ages_.pop_front();
  }
  if (const auto found = tokens_.find(key); found != tokens_.end()) {
    switch (found->second) {
      case State::running: return Status{Code::unavailable, "the same change, by its idempotency token, is under way", std::chrono::milliseconds(100)};
      case State::applied: return Status();
      case State::unknown: return Status{Code::unknown, "the same change, by its idempotency token, may have been applied"};
    }
  }
  if (ages_.size() >= kTokensMax) {
    return Status{Code::resource_exhausted, "too many idempotency tokens within 15 minutes", std::chrono::milliseconds(1000)};
  }
  tokens_.emplace(key, State::running);
  ages_.emplace_back(now, key);
  return std::nullopt;
}

void AppliedTokens::end(const std::string& key, bool applied, bool maybe) {
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(key);
  if (found == tokens_.end()) return;
  if (applied || maybe) {
    found->second = applied ? State::applied : State::unknown;
    return;
  }
  tokens_.erase(found);
  for (auto age = ages_.rbegin(); age != ages_.rend(); ++age) {  // it came lately
    if (age->second != key) continue;
    ages_.erase(std::next(age).base());
    break;
  }
}

bool may_be_applied(Code code) noexcept {
  switch (code) {
    case Code::cancelled:
    case Code::deadline_exceeded:
    case Code::unavailable:
    case Code::internal:
    case Code::unknown: return true;
    default: return false;
  }
}

}  // namespace hbmux::gateway
