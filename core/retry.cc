#include "core/retry.h"

#include <algorithm>
#include <limits>

namespace hbmux::core {
namespace {

constexpr int kBackoff[] = {1, 2, 3, 5, 10, 20, 40, 100, 100, 100, 100, 200, 200};
constexpr int kBackoffLast = static_cast<int>(std::size(kBackoff)) - 1;

// An attempt that begins in the last moment can only time out.
constexpr std::chrono::milliseconds kLastMoment{1};

// A server that asks for an immediate retry again and again, and does nothing in between, is treated as any other
// failure.
constexpr int kImmediateMax = 100;

RetryState::Clock::time_point after(RetryState::Clock::time_point now, std::chrono::milliseconds timeout) {
  using TimePoint = RetryState::Clock::time_point;
  if (timeout.count() <= 0) return TimePoint::max();
  const auto room = std::chrono::floor<std::chrono::milliseconds>(TimePoint::max() - now);
  return timeout >= room ? TimePoint::max() : now + timeout;
}

}  // namespace

int RetryPolicy::attempts_max() const noexcept {
  return retries == std::numeric_limits<int>::max() ? retries : std::max(1, retries + 1);
}

std::chrono::nanoseconds backoff(std::chrono::nanoseconds pause, int attempt, double random) noexcept {
  const double factor = kBackoff[std::clamp(attempt - 1, 0, kBackoffLast)];
  const double nanos = static_cast<double>(std::max<std::int64_t>(pause.count(), 0)) * factor * (1 + 0.01 * random);
  constexpr double kMax = 1e18;  // thirty years
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(nanos, kMax)));
}

RetryState::RetryState(const RetryPolicy& policy, Clock::time_point now)
    : RetryState(policy, now, Clock::time_point::max()) {}

RetryState::RetryState(const RetryPolicy& policy, Clock::time_point now, Clock::time_point deadline)
    : policy_(policy), start_(now), deadline_(std::min(deadline, after(now, policy.operation_timeout))) {}

RetryState::Clock::time_point RetryState::attempt_deadline(Clock::time_point now) const noexcept {
  return std::min(deadline_, after(now, policy_.rpc_timeout));
}

RetryState::Decision RetryState::failed(Error error, Clock::time_point now, double random) {
  const Reaction reaction = react(error);
  return failed(std::move(error), reaction, now, random);
}

RetryState::Decision RetryState::failed(Error error, Reaction reaction, Clock::time_point now, double random) {
  ++failures_;
  remember(error);
  if (!reaction.retry) return give_up(std::move(error), reaction);

  reaction.immediately = reaction.immediately && immediate_ < kImmediateMax;
  std::chrono::nanoseconds pause{0};
  if (reaction.immediately) {
    ++immediate_;
  } else {
    ++counted_;
    if (counted_ >= policy_.attempts_max()) return give_up(std::move(error), reaction);
    pause = reaction.told_pause
                ? *reaction.told_pause
                : backoff(reaction.overloaded ? policy_.pause_overloaded : policy_.pause, counted_, random);
  }
  if (!has_time_for(pause, now)) return give_up(timed_out(), reaction);
  Decision decision;
  decision.retry = true;
  decision.pause = pause;
  decision.reaction = reaction;
  return decision;
}

bool RetryState::has_time_for(std::chrono::nanoseconds pause, Clock::time_point now) const noexcept {
  return deadline_ == Clock::time_point::max() || (now < deadline_ && pause <= deadline_ - now - kLastMoment);
}

RetryState::Decision RetryState::revisit(Decision decision, Clock::time_point now) const {
  if (!decision.retry || has_time_for(decision.pause, now)) return decision;
  return give_up(timed_out(), decision.reaction);
}

RetryState::Decision RetryState::give_up(Error error, const Reaction& reaction) const {
  Decision decision;
  decision.reaction = reaction;
  decision.error = std::move(error).with_attempts(failures_);
  return decision;
}

// A time-out says less than the refusal before it: that one is kept to be told along with it.
void RetryState::remember(const Error& error) {
  if (error.code() != Errc::timed_out) story_ = error.to_string();
  last_ = error;
}

Error RetryState::timed_out() const {
  std::string text = "operation did not succeed within ";
  text += std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - start_).count()) + " ms";
  if (failures_ == 0) return Error(Errc::timed_out, text + ": it was never sent");
  text += " and " + std::to_string(failures_) + (failures_ == 1 ? " attempt" : " attempts");
  text += "; last: " + last_.to_string();
  if (last_.code() == Errc::timed_out && !story_.empty()) text += "; before: " + story_;
  return Error(Errc::timed_out, std::move(text))
      .with_exception(last_.exception_class(), last_.exception_message())
      .with_server(last_.server())
      .with_region(last_.region())
      .with_attempts(failures_);
}

}  // namespace hbmux::core
