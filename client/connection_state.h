// What a ClusterConnection owns; Tables, Admins and running operations hold a pointer to it.
#pragma once

#include "core/client_settings.h"
#include "rpc/registry.h"
#include "rpc/rpc_client.h"

#include <hbmux/configuration.h>
#include <hbmux/pool_statistics.h>
#include <hbmux/user.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace hbmux::client {

class RegionLocator;
class StatisticsSocket;

/// Thread-safe. Closed once; pending operations end with the reason.
class ConnectionState : public std::enable_shared_from_this<ConnectionState> {
 public:
  static Result<std::shared_ptr<ConnectionState>> open(const Configuration& configuration);
  ~ConnectionState();

  const core::ClientSettings& settings() const noexcept { return settings_; }
  rpc::RpcClient& rpc() noexcept { return *rpc_; }
  rpc::Registry& registry() noexcept { return *registry_; }
  RegionLocator& locator() noexcept { return *locator_; }
  const std::shared_ptr<const User>& user() const noexcept { return user_; }

  /// Why nothing can be sent any more (closed, aborted, forked); nothing while it is open. One relaxed load when open.
  std::optional<Error> closed_error() const;
  void close(Error reason);

  /// One group per connection, one nonce per operation, kept over its retries (PerClientRandomNonceGenerator.java).
  std::uint64_t nonce_group() const noexcept { return nonce_group_; }
  std::uint64_t next_nonce() noexcept;

  void count_retry() noexcept { retries_.fetch_add(1, std::memory_order_relaxed); }
  ConnectionStatistics statistics() const;
  Result<void> expose_statistics(const std::string& path);

 private:
  explicit ConnectionState(core::ClientSettings settings);

  const core::ClientSettings settings_;
  std::shared_ptr<const User> user_;
  std::vector<std::shared_ptr<rpc::Lane>> lanes_;
  std::unique_ptr<rpc::RpcClient> rpc_;
  std::unique_ptr<rpc::Registry> registry_;
  std::unique_ptr<RegionLocator> locator_;
  std::unique_ptr<StatisticsSocket> statistics_socket_;
  std::uint64_t nonce_group_ = 0;
  std::atomic<std::uint64_t> retries_{0};
  std::atomic<bool> closed_{false};
  std::uint64_t fork_generation_ = 0;
  mutable std::mutex mutex_;
  Error reason_;
};

}  // namespace hbmux::client
