// Increments and appends that were done already (ServerNonceManager.java).
#pragma once

#include "mini/store/filter.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace hbmux::mini {

/// Remembers what each (nonce group, nonce) was answered with, so that an operation that is sent again is not applied
/// again. Bounded: the oldest are forgotten.
class NonceTable {
 public:
  struct Key {
    std::uint64_t group = 0;
    std::uint64_t nonce = 0;
    bool operator==(const Key&) const = default;
  };

  /// True, and the cells of the answer, when the operation was done before.
  bool find(Key key, std::vector<CellRef>& cells) const {
    const std::lock_guard lock(mutex_);
    const auto found = done_.find(key);
    if (found == done_.end()) return false;
    cells = found->second;
    return true;
  }

  void add(Key key, std::vector<CellRef> cells) {
    const std::lock_guard lock(mutex_);
    if (!done_.emplace(key, std::move(cells)).second) return;
    order_.push_back(key);
    if (order_.size() > kMax) {
      done_.erase(order_.front());
      order_.pop_front();
    }
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    done_.clear();
    order_.clear();
  }

 private:
  static constexpr std::size_t kMax = 200'000;
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept { return key.group * 0x9e3779b97f4a7c15u ^ key.nonce; }
  };
  mutable std::mutex mutex_;
  std::unordered_map<Key, std::vector<CellRef>, Hash> done_;
  std::deque<Key> order_;
};

}  // namespace hbmux::mini
