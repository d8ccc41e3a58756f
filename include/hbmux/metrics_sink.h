// Where a program's own metrics learn what happens in a ClusterConnection's pools.
#pragma once

#include <hbmux/pool/connector.h>

#include <string_view>

namespace hbmux {

/// Which of the pools; the views are valid within the call.
struct PoolName {
  std::string_view address;  ///< "host:port"
  std::string_view user;
  std::string_view service;  ///< "ClientService", ...
};

/// Derive from it and give it to ClusterConnection::set_metrics_sink(). Called from any thread, several at once, without a lock held; must not
/// block and must not throw. What is counted anyway is in ClusterConnection::statistics(); hand-outs without a wait are told of only there.
class MetricsSink {
 public:
  virtual ~MetricsSink() = default;
  /// A connection was begun or closed, a call had to wait for one, or gave up.
  virtual void pool_event(const PoolName& pool, const PoolEvent& event) noexcept = 0;
  /// A call or a request scope holds a connection for longer than hbmux.pool.leak.time.
  virtual void pool_leak(const PoolName&, const PoolLeak&) noexcept {}
};

}  // namespace hbmux
