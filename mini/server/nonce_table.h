// Increments and appends that were done already (ServerNonceManager.java).
#pragma once

#include "mini/store/filter.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace hbmux::mini {

class Region;

/// Remembers what each (nonce group, nonce) was answered with, so that an operation that is sent again is not applied
/// again. Bounded: the oldest are forgotten.
class NonceTable {
 public:
  struct Key {
    std::uint64_t group = 0;
    std::uint64_t nonce = 0;
    bool operator==(const Key&) const = default;
  };

  /// An operation that is in the log of its region.
  struct Logged {
    Key key;
    std::vector<CellRef> cells;
    std::uint64_t sequence = 0;  ///< Of the write in its region.
  };

  /// True, and the cells of the answer, when the operation was done before.
  bool find(Key key, std::vector<CellRef>& cells) const {
    const std::lock_guard lock(mutex_);
    const auto found = done_.find(key);
    if (found == done_.end()) return false;
    cells = found->second.logged.cells;
    return true;
  }

  void add(const Region& region, Logged operation) {
    const std::lock_guard lock(mutex_);
    const Key key = operation.key;
    if (!done_.emplace(key, Done{&region, std::move(operation)}).second) return;
    order_.push_back(key);
    if (order_.size() > kMax) {
      done_.erase(order_.front());
      order_.pop_front();
    }
  }

  /// Those of a region that were written behind `flushed`: what a server that opens it anew reads in its log.
  std::vector<Logged> logged_of(const Region& region, std::uint64_t flushed) const {
    const std::lock_guard lock(mutex_);
    std::vector<Logged> logged;
    for (const auto& [key, done] : done_) {
      if (done.region == &region && done.logged.sequence > flushed) logged.push_back(done.logged);
    }
    return logged;
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
  struct Done {
    const Region* region;  ///< Only to compare with: it may be gone.
    Logged logged;
  };
  mutable std::mutex mutex_;
  std::unordered_map<Key, Done, Hash> done_;
  std::deque<Key> order_;
};

}  // namespace hbmux::mini
