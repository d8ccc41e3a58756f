// Which regions hold back writes, as their servers said last.
#pragma once

#include "core/load_backoff.h"

#include <hbmux/region_info.h>
#include <hbmux/server_name.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hbmux::client {

/// What an answer says of regions, by their names.
using ToldLoads = std::vector<std::pair<std::string, core::RegionLoad>>;

/// hbase.client.backpressure.enabled. It has only the regions that make somebody wait: a server that tells of no load any more takes its
/// region out. Any thread; costs nothing when there are none.
class RegionLoads {
 public:
  explicit RegionLoads(const core::LoadBackoff& backoff) : backoff_(backoff) {}

  /// `server` said so.
  void told(const ServerName& server, const ToldLoads& loads);
  /// How long a write to the region waits before it is sent. What another server said of the region does not count.
  std::chrono::milliseconds pause(const RegionLocation& place) const;

 private:
  void told(const ServerName& server, const std::string& region, const core::RegionLoad& load);

  struct Held {
    ServerName server;
    std::chrono::milliseconds pause;
  };

  const core::LoadBackoff backoff_;
  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Held> held_;
};

}  // namespace hbmux::client
