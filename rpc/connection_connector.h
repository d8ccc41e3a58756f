// Opens and judges connections for the PoolMap.
#pragma once

#include "core/client_settings.h"
#include "core/failed_servers.h"
#include "rpc/connection.h"
#include "rpc/connection_key.h"
#include "rpc/lane.h"

#include <hbmux/metrics_sink.h>
#include <hbmux/pool/connector.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace hbmux::rpc {

/// A connection is good from the moment it begins to connect: calls line up in it. So opening never waits, and a pool of connections makes nobody wait for a
/// handshake but the calls that need it.
class ConnectionConnector final : public PoolConnector<ConnectionKey, Connection>,
                                  public std::enable_shared_from_this<ConnectionConnector> {
 public:
  /// `settings` and `counters` outlive all connections' beginnings: those that open() makes read them before it returns, or while they live.
  ConnectionConnector(const core::ClientSettings& settings, std::vector<std::shared_ptr<Lane>> lanes, CallIdPolicy call_ids,
                      std::shared_ptr<core::FailedServers> failed, std::shared_ptr<RpcCounters> counters);

  void open(const ConnectionKey& key, TimePoint deadline, Opened done) override;
  bool is_alive(const Connection& connection) const noexcept override { return connection.usable(); }
  PoolLoad load(const Connection& connection) const noexcept override {
    return {connection.calls_in_flight(), connection.bytes_in_flight()};
  }
  /// Whether an exchange that ended so is over for the stream too: an answer came, or nothing was sent.
  bool survives(const Connection&, const Error& error) const noexcept override;
  /// Whoever has calls on it finishes them; closing the client ends them with its own reason (Connection::fail).
  void invalidate(const Resource& connection, CloseReason reason) override;
  /// A warning in the log (hbmux.pool.leak.time).
  void leaked(const ConnectionKey& key, const PoolLeak& leak) override;
  /// Alive when any answer comes within hbmux.pool.probe.timeout. One that does not answer is broken off: whose calls are on it go elsewhere.
  void probe(const Resource& connection, Probed done) override;
  void happened(const ConnectionKey& key, const PoolEvent& event) noexcept override;

  /// A call that does nothing. Any answer is a success, also an exception: the server is there. `done` once, on the lane.
  static void ask(Connection& connection, TimePoint deadline, core::UniqueFunction<void(Result<void>)> done);
  void set_metrics_sink(std::shared_ptr<MetricsSink> sink);

  /// Ends the calls of all that are open, also of those that the pool has let go of.
  void fail_all(const Error& reason);

  /// The lane of the next connection.
  Lane& lane() const noexcept { return *lanes_[next_lane_.load(std::memory_order_relaxed) % lanes_.size()]; }

 private:
  std::shared_ptr<MetricsSink> metrics_sink() const;
  template <class Tell>
  void tell_sink(const ConnectionKey& key, Tell tell) const;
  std::vector<std::shared_ptr<Connection>> opened();
  void suspect(const ConnectionKey& key, TimePoint silent_since);

  const core::ClientSettings& settings_;
  const std::vector<std::shared_ptr<Lane>> lanes_;
  const CallIdPolicy call_ids_;
  const std::shared_ptr<core::FailedServers> failed_;
  const std::shared_ptr<RpcCounters> counters_;
  std::atomic<std::size_t> next_lane_{0};
  std::atomic<bool> has_sink_{false};
  mutable std::mutex sink_mutex_;
  std::shared_ptr<MetricsSink> sink_;
  std::mutex opened_mutex_;
  std::vector<std::weak_ptr<Connection>> opened_;
};

}  // namespace hbmux::rpc
