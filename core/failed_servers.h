// Servers that could not be reached a moment ago: calls to them fail at once instead of waiting for a connect time-out each.
#pragma once

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <string>
#include <vector>

namespace hbmux::core {

/// Fed by failures to connect only (also of TLS and SASL), never by a slow call. Thread-safe.
class FailedServers {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Entries are forgotten after `expiry` (hbase.ipc.client.failed.servers.expiry).
  explicit FailedServers(std::chrono::milliseconds expiry) : expiry_(expiry) {}

  /// False when the list is empty: then find() need not be asked, nor a clock read for it.
  bool any() const noexcept { return any_.load(std::memory_order_acquire); }
  void add(const ServerAddress& address, TimePoint now, const Error& why);
  /// Why the server is on the list; nothing when it is not.
  std::optional<Error> find(const ServerAddress& address, TimePoint now);
  std::vector<std::string> list(TimePoint now);

 private:
  struct Entry {
    TimePoint until;
    std::string why;
  };
  void drop_expired(TimePoint now);

  const std::chrono::milliseconds expiry_;
  std::atomic<bool> any_{false};
  std::mutex mutex_;
  std::unordered_map<ServerAddress, Entry> entries_;
};

}  // namespace hbmux::core
