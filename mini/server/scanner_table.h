// The scanners that clients have open on a server, with their leases.
#pragma once

#include "mini/server/region.h"
#include "mini/store/region_scanner.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace hbmux::mini {

struct OpenScanner {
  std::uint64_t id = 0;
  std::shared_ptr<Region> region;
  std::uint64_t region_opened = 0;  ///< The region's open sequence: another one means that it moved meanwhile.
  std::unique_ptr<RegionScanner> scanner;
  std::uint64_t next_call = 0;
  std::atomic<std::int64_t> expires{0};  ///< Looked at by others than the call that uses it.
  std::mutex mutex;  ///< Held by the call that uses it.
};

/// Thread-safe. Ids begin with the server's own number, as HBase's do, and do not repeat.
class ScannerTable {
 public:
  enum class Lookup { found, closed, unknown };

  void set_prefix(std::uint32_t prefix) noexcept { prefix_ = prefix; }

  std::shared_ptr<OpenScanner> add(std::shared_ptr<Region> region, std::unique_ptr<RegionScanner> scanner,
                                   std::int64_t expires) {
    auto open = std::make_shared<OpenScanner>();
    open->region = std::move(region);
    open->scanner = std::move(scanner);
    open->expires = expires;
    const std::lock_guard lock(mutex_);
    open->id = std::uint64_t{prefix_} << 32 | ++last_;
    scanners_.emplace(open->id, open);
    return open;
  }

  /// Of a closed one, `next_call` is the number of the call that would have come next.
  Lookup find(std::uint64_t id, std::shared_ptr<OpenScanner>& out, std::uint64_t& next_call) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = scanners_.find(id); found != scanners_.end()) {
      out = found->second;
      return Lookup::found;
    }
    const auto closed = closed_.find(id);
    if (closed == closed_.end()) return Lookup::unknown;
    next_call = closed->second;
    return Lookup::closed;
  }

  /// Closed for good reason: a late close or next from the client is not an error.
  void close(std::uint64_t id) { const std::shared_ptr<OpenScanner> last = remove(id, true); }

  /// Removes those whose lease has passed; returns how many.
  std::size_t expire(std::int64_t now) {
    std::vector<std::shared_ptr<OpenScanner>> expired;
    const std::lock_guard lock(mutex_);
    for (auto at = scanners_.begin(); at != scanners_.end();) {
      if (at->second->expires < now) {
        expired.push_back(std::move(at->second));
        at = scanners_.erase(at);
      } else {
        ++at;
      }
    }
    return expired.size();
  }

  void drop(std::uint64_t id) { const std::shared_ptr<OpenScanner> last = remove(id, false); }

  void clear() {
    std::unordered_map<std::uint64_t, std::shared_ptr<OpenScanner>> all;
    const std::lock_guard lock(mutex_);
    all.swap(scanners_);
    closed_.clear();
    closed_order_.clear();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return scanners_.size();
  }

 private:
  static constexpr std::size_t kClosedMax = 10'000;

  std::shared_ptr<OpenScanner> remove(std::uint64_t id, bool remember) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<OpenScanner> last;
    if (const auto found = scanners_.find(id); found != scanners_.end()) {
      last = std::move(found->second);
      scanners_.erase(found);
    }
    if (remember && last && closed_.emplace(id, last->next_call).second) {
      closed_order_.push_back(id);
      if (closed_order_.size() > kClosedMax) {
        closed_.erase(closed_order_.front());
        closed_order_.pop_front();
      }
    }
    return last;
  }

  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<OpenScanner>> scanners_;
  std::unordered_map<std::uint64_t, std::uint64_t> closed_;  ///< With the number of the call that would come next.
  std::deque<std::uint64_t> closed_order_;
  std::uint32_t prefix_ = 1;
  std::uint32_t last_ = 0;
};

}  // namespace hbmux::mini
