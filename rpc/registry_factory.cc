#include "rpc/registry_factory.h"

#include "rpc/master_registry.h"
#include "rpc/rpc_registry.h"
#ifdef HBMUX_WITH_ZOOKEEPER
#include "rpc/zookeeper_registry.h"
#endif

namespace hbmux::rpc {

Result<std::unique_ptr<Registry>> make_registry(const core::ClientSettings& settings, RpcClient& client) {
  std::unique_ptr<Registry> registry;
  switch (settings.registry_kind) {
    case core::RegistryKind::rpc:
      registry = std::make_unique<RpcRegistry>(client, settings.user, settings.registry);
      break;
    case core::RegistryKind::master:
      registry = std::make_unique<MasterRegistry>(client, settings.user, settings.registry);
      break;
    case core::RegistryKind::zookeeper:
#ifdef HBMUX_WITH_ZOOKEEPER
      registry = std::make_unique<ZooKeeperRegistry>(settings.zookeeper, client.lanes());
      break;
#else
      return Error(Errc::unsupported,
                   "hbase.client.registry.impl: this build has no ZooKeeper; use RpcConnectionRegistry with "
                   "hbase.client.bootstrap.servers");
#endif
  }
  return registry;
}

}  // namespace hbmux::rpc
