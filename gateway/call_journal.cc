#include "gateway/call_journal.h"

#include "gateway/access_log.h"

#include <algorithm>
#include <numeric>

namespace hbmux::gateway {
namespace {

std::int64_t second_of(CallJournal::Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

std::uint64_t CallJournal::Method::calls() const noexcept { return std::accumulate(by_code.begin(), by_code.end(), std::uint64_t{0}); }

double CallJournal::Method::quantile_millis(double share) const noexcept {
  const auto all = static_cast<double>(calls());
  double seen = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    seen += static_cast<double>(durations[i]);
    if (seen > 0 && seen >= share * all) return static_cast<double>(kBounds[i]) / 1000;
  }
  return seen == all ? 0 : static_cast<double>(kBounds.back()) / 1000;
}

std::size_t CallJournal::add_method(std::string_view path) {
  const std::lock_guard lock(mutex_);
  methods_.emplace_back().name = path.substr(path.rfind('/') + 1);
  return methods_.size() - 1;
}

void CallJournal::begin(std::size_t method) {
  const std::lock_guard lock(mutex_);
  ++methods_[method].in_flight;
}

void CallJournal::end(std::size_t method, CallReport report) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(report.duration).count();
  const auto bucket = static_cast<std::size_t>(std::lower_bound(kBounds.begin(), kBounds.end(), micros) - kBounds.begin());
  const std::int64_t second = second_of(report.began + std::chrono::duration_cast<Time::duration>(report.duration));
  const auto count = [](std::int64_t number) { return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0)); };
  {
    const std::lock_guard lock(mutex_);
    Method& counts = methods_[method];
    report.method = counts.name;
    --counts.in_flight;
    ++counts.by_code[std::min(static_cast<std::size_t>(report.code), kCodes - 1)];
    ++counts.durations[bucket];
    counts.duration += report.duration;
    counts.rows += count(report.rows);
    counts.bytes_in += count(report.bytes_in);
    counts.bytes_out += count(report.bytes_out);
    Second& now = seconds_[count(second) % seconds_.size()];
    if (now.second != second) now = Second{second};
    ++now.calls;
    now.failed += report.code != Code::ok ? 1 : 0;
    now.rows += count(report.rows);
    now.bytes += count(report.bytes_in) + count(report.bytes_out);
    if (report.duration >= slow_limit_) {
      if (slow_.size() == kSlowMax) slow_.pop_back();
      slow_.push_front(report);
    }
  }
  if (log_ != nullptr) log_->add(report);
}

CallJournal::Snapshot CallJournal::snapshot(Time now) const {
  Snapshot out;
  const std::int64_t current = second_of(now);
  const std::lock_guard lock(mutex_);
  out.methods.assign(methods_.begin(), methods_.end());
  out.slow.assign(slow_.begin(), slow_.end());
  for (std::int64_t second = current - static_cast<std::int64_t>(kSeconds); second < current; ++second) {
    const Second& kept = seconds_[static_cast<std::size_t>(std::max<std::int64_t>(second, 0)) % seconds_.size()];
    out.seconds.push_back(kept.second == second ? kept : Second{second});
  }
  return out;
}

std::string_view to_string(Code code) noexcept {
  constexpr std::array<std::string_view, CallJournal::kCodes> kNames = {
      "OK",      "CANCELLED",           "UNKNOWN",      "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
      "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",     "UNIMPLEMENTED",     "INTERNAL",  "UNAVAILABLE",    "DATA_LOSS",
      "UNAUTHENTICATED"};
  const auto at = static_cast<std::size_t>(code);
  return at < kNames.size() ? kNames[at] : "UNKNOWN";
}

}  // namespace hbmux::gateway
