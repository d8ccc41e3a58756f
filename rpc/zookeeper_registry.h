// The registry that reads ZooKeeper (ZKConnectionRegistry), HBase's default up to 2.x.
#pragma once

#include "core/client_settings.h"
#include "rpc/registry.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace hbmux::rpc {

class ZooKeeperClient;

/// Owned as every Registry. The session is opened by the first question and closed when idle. Errors besides the
/// Registry's own: access_denied when a znode may not be read, protocol_error when it holds something else than HBase
/// writes. A znode that is missing is Errc::unavailable; the message says which one, and that zookeeper.znode.parent
/// may be wrong.
class ZooKeeperRegistry : public Registry {
 public:
  /// Uses the first of `lanes`, and runs its handlers there.
  ZooKeeperRegistry(const core::ZooKeeperSettings& settings, const std::vector<std::shared_ptr<Lane>>& lanes);
  ~ZooKeeperRegistry() override;

  void async_meta_locations(TimePoint deadline, Handler<core::LocationsPtr> handler) override;
  void async_active_master(TimePoint deadline, Handler<ServerName> handler) override;
  void async_cluster_id(TimePoint deadline, Handler<std::string> handler) override;
  void close(const Error& reason) override;

 private:
  std::shared_ptr<ZooKeeperClient> client_;
  core::ZooKeeperSettings settings_;
  std::uint64_t fork_generation_;
};

}  // namespace hbmux::rpc
