#include <hbmux/request_scope.h>

#include <string_view>

namespace hbmux::detail {

void ScopeState::end() noexcept {
  Holds holds;
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    holds.swap(holds_);
  }
  for (const auto& [sub_pool, hold] : holds) hold->end();
}

std::string ScopeState::in_the_way(const ScopeHold& waits) const {
  Holds holds;
  {
    std::lock_guard lock(mutex_);
    holds = holds_;
  }
  std::string text;
  for (const auto& [sub_pool, hold] : holds) {
    if (hold.get() == &waits) continue;
    const auto wanted = hold->wanted();
    if (!wanted) continue;
    if (text.empty()) text = "; the request scope that waits, opened at " + describe(opened_) + ", itself holds what others wait for (";
    else text += "; ";
    text += *wanted;
  }
  if (!text.empty()) text += "): each may hold what the other wants";
  return text;
}

std::string describe(const std::source_location& place) {
  if (place.line() == 0) return {};
  std::string_view file = place.file_name();
  if (const auto slash = file.rfind('/'); slash != file.npos) file.remove_prefix(slash + 1);
  std::string text = std::string(file) + ":" + std::to_string(place.line());
  if (const std::string_view function = place.function_name(); !function.empty()) text += " in " + std::string(function);
  return text;
}

}  // namespace hbmux::detail
