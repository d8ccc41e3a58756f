// What a request scope holds.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::detail {

/// What a scope has of one sub-pool. Any thread.
class ScopeHold {
 public:
  virtual ~ScopeHold() = default;
  /// The scope has ended: what is not in use goes back now, the rest when its use ends.
  virtual void end() noexcept = 0;
  /// Who waits for what it has, for messages; nothing when nobody does.
  virtual std::optional<std::string> wanted() const = 0;
};

/// Shared by a RequestScope, those nested in it, and the handles that carry it. Any thread. Nothing of a hold is called with the lock held.
class ScopeState {
 public:
  explicit ScopeState(std::source_location opened) : opened_(opened) {}

  const std::source_location& opened() const noexcept { return opened_; }
  bool has_ended() const {
    std::lock_guard lock(mutex_);
    return ended_;
  }

  /// What it has of `sub_pool`, made at need; null when the scope has ended, or `make` could not.
  template <class Hold, class Make>
  std::shared_ptr<Hold> hold(const void* sub_pool, Make&& make) {
    std::lock_guard lock(mutex_);
    if (ended_) return nullptr;
    for (const auto& [of, hold] : holds_) {
      if (of == sub_pool) return std::static_pointer_cast<Hold>(hold);
    }
    std::shared_ptr<Hold> made = std::forward<Make>(make)();
    if (made) holds_.emplace_back(sub_pool, made);  // it keeps the sub-pool, and so its address
    return made;
  }

  void end() noexcept;
  /// For the error of a wait in this scope: what it holds that others wait for; empty when that is nothing.
  std::string in_the_way(const ScopeHold& waits) const;

 private:
  using Holds = std::vector<std::pair<const void*, std::shared_ptr<ScopeHold>>>;  // a request speaks with few servers

  const std::source_location opened_;
  mutable std::mutex mutex_;
  bool ended_ = false;
  Holds holds_;
};

/// "file.cc:12, function()"; empty for none.
std::string describe(const std::source_location& place);

}  // namespace hbmux::detail
