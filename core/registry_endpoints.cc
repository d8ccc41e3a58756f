#include "core/registry_endpoints.h"

#include <algorithm>
#include <utility>

namespace hbmux::core {

HedgedCall::HedgedCall(std::vector<ServerAddress> endpoints, std::size_t fan_out)
    : endpoints_(std::move(endpoints)), fan_out_(std::max<std::size_t>(fan_out, 1)) {}

std::vector<ServerAddress> HedgedCall::next_group() {
  const std::size_t size = done_ ? 0 : std::min(fan_out_, endpoints_.size() - asked_);
  const auto first = endpoints_.begin() + static_cast<std::ptrdiff_t>(asked_);
  std::vector<ServerAddress> group(first, first + static_cast<std::ptrdiff_t>(size));
  for (const auto& endpoint : group) attempts_.push_back({endpoint, {}});
  asked_ += size;
  pending_ = size;
  return group;
}

bool HedgedCall::failed(const ServerAddress& endpoint, const Error& error) {
  if (done_) return false;
  const auto attempt = std::find_if(attempts_.begin(), attempts_.end(), [&](const Attempt& candidate) {
    return candidate.endpoint == endpoint && candidate.failure.empty();
  });
  if (attempt == attempts_.end()) return false;
  attempt->failure = std::string(to_string(error.code())) + ": " + error.message();
  return --pending_ == 0;
}

bool HedgedCall::succeeded() { return !std::exchange(done_, true); }

Error HedgedCall::exhausted(std::string_view what) const {
  std::string text = "the registry could not tell " + std::string(what);
  if (attempts_.empty()) return Error(Errc::unavailable, text + ": it knows no server to ask");
  text += "; asked ";
  for (std::size_t i = 0; i < attempts_.size(); ++i) {
    const auto& attempt = attempts_[i];
    if (i > 0) text += "; ";
    text +=
        attempt.endpoint.to_string() + " (" + (attempt.failure.empty() ? "no answer in time" : attempt.failure) + ")";
  }
  if (asked_ < endpoints_.size()) text += "; " + std::to_string(endpoints_.size() - asked_) + " more were not asked";
  return Error(Errc::unavailable, std::move(text));
}

RefreshSchedule::RefreshSchedule(Duration initial_delay, Duration period, Duration min_interval, TimePoint now)
    : initial_delay_(std::max(initial_delay, Duration(1))),
      period_(period),
      min_interval_(std::min(min_interval, period)),
      enabled_(period > Duration(0)),
      last_(now) {}

RefreshSchedule::TimePoint RefreshSchedule::due() const noexcept {
  if (!enabled_ || running_) return TimePoint::max();
  const Duration usual = first_ ? initial_delay_ : period_;
  return last_ + (hurry_ ? std::min(min_interval_, usual) : usual);
}

bool RefreshSchedule::begin(TimePoint now) noexcept {
  if (now < due()) return false;
  first_ = false;
  hurry_ = false;
  running_ = true;
  return true;
}

void RefreshSchedule::ended(TimePoint now) noexcept {
  running_ = false;
  last_ = now;
}

void shuffle(std::vector<ServerAddress>& endpoints, const std::function<std::size_t(std::size_t)>& random) {
  for (std::size_t left = endpoints.size(); left > 1; --left) std::swap(endpoints[left - 1], endpoints[random(left)]);
}

std::vector<ServerAddress> without_doubles(std::vector<ServerAddress> endpoints) {
  std::vector<ServerAddress> unique;
  for (auto& endpoint : endpoints) {
    if (std::find(unique.begin(), unique.end(), endpoint) == unique.end()) unique.push_back(std::move(endpoint));
  }
  return unique;
}

}  // namespace hbmux::core
