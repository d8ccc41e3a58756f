// What a ClusterConnection to Bigtable owns.
#pragma once

#include "bigtable/channel.h"
#include "bigtable/settings.h"
#include "client/connection_backend.h"
#include "rpc/lane.h"

#include <hbmux/attributes.h>
#include <hbmux/configuration.h>
#include <hbmux/pool_statistics.h>
#include <hbmux/table_name.h>
#include <hbmux/user.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hbmux::client {
class StatisticsSocket;
}

namespace hbmux::bigtable {

class Operation;

/// Thread-safe. Closed once; pending operations end with the reason.
class BigtableConnection final : public client::ConnectionBackend, public std::enable_shared_from_this<BigtableConnection> {
 public:
  static Result<std::shared_ptr<client::ConnectionBackend>> open(const Configuration& configuration, const Attributes& attributes);
  ~BigtableConnection() override;

  const std::shared_ptr<const User>& user() const noexcept override { return user_; }
  std::shared_ptr<const client::TableBackend> table(TableName name, std::shared_ptr<const User> user) override;
  std::shared_ptr<const client::AdminBackend> admin(std::shared_ptr<const User> user) override;
  /// Nothing is kept.
  void clear_region_location_cache() override {}
  bool is_closed() const override { return closed_error().has_value(); }
  void close(Error reason) override;
  ConnectionStatistics statistics() const override;
  void set_metrics_sink(std::shared_ptr<MetricsSink> sink) override { connector_->set_metrics_sink(std::move(sink)); }
  Result<void> reconfigure_pools(const Configuration& configuration) override;
  Result<void> expose_statistics(const std::string& path) override;

  const Settings& settings() const noexcept { return settings_; }
  ChannelPool& pool() noexcept { return *pool_; }
  const ChannelKey& key(Service service) const noexcept { return service == Service::data ? data_key_ : admin_key_; }
  /// "projects/P/instances/I/tables/T". Errc::unsupported for a namespace, which Bigtable does not have.
  Result<std::string> full_name(const TableName& table) const;

  /// Why nothing can be sent any more; nothing while it is open.
  std::optional<Error> closed_error() const;
  /// For a new operation: the one of this thread, or the next.
  const std::shared_ptr<rpc::Lane>& lane() noexcept;
  rpc::TimePoint now() const noexcept { return lanes_.front()->now(); }
  /// Later on a lane; in a forked child, which has none, on a thread of its own.
  void post(rpc::Task task) { post_to(lane(), std::move(task)); }
  /// (The lane by value: the task may be the last to hold its owner.)
  void post_to(std::shared_ptr<rpc::Lane> lane, rpc::Task task) const;
  ThreadToken thread_token() const {
    return settings_.client.pool_type == PoolType::per_thread ? ThreadToken::current() : ThreadToken();
  }
  double random() const noexcept;

  // What is under way.
  void remember(const Operation* operation, std::weak_ptr<Operation> weak);
  void forget(const Operation* operation) noexcept;

  /// Of gRPC; it ends on its lane.
  void call_begins() noexcept {
    calls_.fetch_add(1, std::memory_order_relaxed);
    live_calls_.fetch_add(1, std::memory_order_relaxed);
  }
  void call_ended() noexcept { live_calls_.fetch_sub(1, std::memory_order_release); }
  void count_failed() noexcept { calls_failed_.fetch_add(1, std::memory_order_relaxed); }
  void count_timed_out() noexcept { timed_out_.fetch_add(1, std::memory_order_relaxed); }
  void count_retry() noexcept { retries_.fetch_add(1, std::memory_order_relaxed); }

 private:
  BigtableConnection(Settings settings, std::shared_ptr<ChannelConnector> connector);
  bool is_forked() const noexcept;
  bool runs_on_own_lane() const noexcept;
  std::size_t calls_in_flight() const;
  void let_calls_end() const;

  const Settings settings_;
  const std::shared_ptr<const User> user_;
  const std::shared_ptr<ChannelConnector> connector_;
  const ChannelKey data_key_, admin_key_;
  const std::uint64_t fork_generation_;
  std::vector<std::shared_ptr<rpc::Lane>> lanes_;
  std::unique_ptr<ChannelPool> pool_;
  std::atomic<std::size_t> next_lane_{0};
  std::atomic<std::size_t> live_calls_{0};
  std::atomic<std::uint64_t> calls_{0}, calls_failed_{0}, timed_out_{0}, retries_{0};

  mutable std::mutex mutex_;
  std::unordered_map<const Operation*, std::weak_ptr<Operation>> operations_;
  std::unique_ptr<client::StatisticsSocket> statistics_socket_;
  std::atomic<bool> closed_{false};
  Error reason_;
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

/// Of PoolOptions, what the properties of the pools say.
PoolOptions pool_options_of(const core::ClientSettings& settings);

}  // namespace hbmux::bigtable
