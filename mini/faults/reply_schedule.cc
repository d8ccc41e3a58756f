#include "mini/faults/reply_schedule.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

/// A reply that waits for others to change places with waits no longer than this.
constexpr auto kReorderPatience = std::chrono::milliseconds(1);

}  // namespace

void ReplySchedule::add(std::string_view reply, Time now, std::chrono::microseconds delay, int window) {
  window_ = window > 0 ? static_cast<std::size_t>(window) : 0;
  Time due = now + delay;
  if (window_ == 0) {
    due = std::max(due, last_due_);  // the order is kept
    last_due_ = due;
  } else if (due <= now) {
    due = now + kReorderPatience;
  }
  held_.push_back({due, std::string(reply)});
}

void ReplySchedule::take_due(Time now, std::string& out) {
  if (window_ > 0) std::shuffle(held_.begin(), held_.end(), random_);
  std::size_t excess = window_ > 0 && held_.size() > window_ ? held_.size() - window_ : 0;
  auto keep = held_.begin();
  for (auto& held : held_) {
    if (held.due <= now || excess > 0) {
      if (held.due > now) --excess;
      out += held.reply;
    } else {
      if (&*keep != &held) *keep = std::move(held);
      ++keep;
    }
  }
  held_.erase(keep, held_.end());
}

std::optional<ReplySchedule::Time> ReplySchedule::next_due() const {
  if (held_.empty()) return std::nullopt;
  return std::min_element(held_.begin(), held_.end(), [](const Held& a, const Held& b) { return a.due < b.due; })->due;
}

void ReplySchedule::take_all(std::string& out) {
  for (const Held& held : held_) out += held.reply;
  held_.clear();
}

}  // namespace hbmux::mini
