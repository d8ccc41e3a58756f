// What a ClusterConnection to HBase owns; Tables, Admins and running operations hold a pointer to it.
#pragma once

#include "client/connection_backend.h"
#include "client/region_loads.h"
#include "core/client_settings.h"
#include "rpc/lane.h"
#include "rpc/registry.h"
#include "rpc/rpc_client.h"

#include <hbmux/configuration.h>
#include <hbmux/pool_statistics.h>
#include <hbmux/user.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::client {

class RegionLocator;
class StatisticsSocket;

/// Thread-safe. Closed once; pending operations end with the reason. It dies with the last operation that holds it, wherever that is;
/// its threads are then ended by somebody else than themselves.
class ConnectionState final : public ConnectionBackend, public std::enable_shared_from_this<ConnectionState> {
 public:
  /// Lanes that somebody else made, at least one. `end` runs what is left on them (timers at once) and ends them, as rpc::stop_lanes does;
  /// false when one of them still runs.
  struct Lanes {
    std::vector<std::shared_ptr<rpc::Lane>> lanes;
    std::function<bool(const std::vector<std::shared_ptr<rpc::Lane>>&)> end;
  };

  /// `call_ids` is for the test that shows what would happen if they were given out in another way; `lanes` for tests without threads.
  static Result<std::shared_ptr<ConnectionState>> open(const Configuration& configuration,
                                                       rpc::CallIdPolicy call_ids = rpc::CallIdPolicy::rising,
                                                       const Lanes* lanes = nullptr, Attributes attributes = {});
  ~ConnectionState() override;

  const core::ClientSettings& settings() const noexcept { return machinery_->settings; }
  rpc::RpcClient& rpc() noexcept { return *machinery_->rpc; }
  rpc::Registry& registry() noexcept { return *machinery_->registry; }
  RegionLocator& locator() noexcept { return *machinery_->locator; }
  const std::shared_ptr<const User>& user() const noexcept override { return user_; }
  std::shared_ptr<const TableBackend> table(TableName name, std::shared_ptr<const User> user) override;
  std::shared_ptr<const AdminBackend> admin(std::shared_ptr<const User> user) override;

  /// Why nothing can be sent any more (closed, aborted, forked); nothing while it is open. Two relaxed loads when open.
  std::optional<Error> closed_error() const {
    if (!closed_.load(std::memory_order_acquire) && !is_forked()) return std::nullopt;
    return why_closed();
  }
  void clear_region_location_cache() override;
  bool is_closed() const override { return closed_error().has_value(); }
  void close(Error reason) override;

  /// The lanes' clock.
  rpc::TimePoint now() const noexcept { return machinery_->lanes.front()->now(); }
  /// Runs `task` later on a lane, never within this call; also when the connection is closed. In a forked child, which has no lanes, on a
  /// thread of its own.
  void post(rpc::Task task);
  /// Who begins an operation now; empty unless the pool asks for it.
  ThreadToken thread_token() const {
    return settings().pool_type == PoolType::per_thread ? ThreadToken::current() : ThreadToken();
  }

  /// One group per connection, one nonce per operation, kept over its retries (PerClientRandomNonceGenerator.java). Never 0.
  std::uint64_t nonce_group() const noexcept { return nonce_group_; }
  std::uint64_t next_nonce() noexcept;
  /// In [0, 1), for the spread of pauses.
  double random() noexcept;

  /// How long a write to a region waits before it is sent: for as long as its server's load says (hbase.client.backpressure.enabled).
  std::chrono::milliseconds load_pause(const RegionLocation& place) const {
    return loads_ ? loads_->pause(place) : std::chrono::milliseconds(0);
  }
  void loads_told(const ServerName& server, const ToldLoads& loads) {
    if (loads_) loads_->told(server, loads);
  }

  void count_retry() noexcept { retries_.fetch_add(1, std::memory_order_relaxed); }
  ConnectionStatistics statistics() const override;
  Result<void> expose_statistics(const std::string& path) override;
  void set_metrics_sink(std::shared_ptr<MetricsSink> sink) override { machinery_->rpc->set_metrics_sink(std::move(sink)); }
  Result<void> reconfigure_pools(const Configuration& configuration) override;

 private:
  /// What the lanes' threads use: freed after they have ended.
  struct Machinery {
    explicit Machinery(core::ClientSettings s);
    const core::ClientSettings settings;
    std::vector<std::shared_ptr<rpc::Lane>> lanes;
    std::function<bool(const std::vector<std::shared_ptr<rpc::Lane>>&)> end_lanes;
    std::unique_ptr<rpc::RpcClient> rpc;
    std::unique_ptr<rpc::Registry> registry;
    std::unique_ptr<RegionLocator> locator;
    ~Machinery();
    /// False when a lane's thread would not end.
    bool stop_lanes();
  };

  explicit ConnectionState(core::ClientSettings settings);
  bool is_forked() const noexcept;
  Error why_closed() const;
  bool runs_on_own_lane() const noexcept;
  static void leak(std::unique_ptr<Machinery> machinery, std::unique_ptr<StatisticsSocket> socket);

  std::unique_ptr<Machinery> machinery_;
  const std::unique_ptr<RegionLoads> loads_;  // null when they do not count
  const std::shared_ptr<const User> user_;
  const std::uint64_t nonce_group_;
  const std::uint64_t fork_generation_;
  std::string cluster_;  // as the process knows it; empty when it does not
  std::unique_ptr<StatisticsSocket> statistics_socket_;
  std::atomic<std::uint64_t> retries_{0};
  std::atomic<bool> closed_{false};
  mutable std::mutex mutex_;
  Error reason_;
  std::mutex stop_mutex_;
  bool stopped_ = false;
  bool stuck_ = false;
};

}  // namespace hbmux::client
