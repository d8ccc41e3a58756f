#include "rpc/registry_factory.h"

#include "rpc/master_registry.h"
#include "rpc/rpc_registry.h"
#include "rpc/zookeeper_registry.h"

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
      registry = std::make_unique<ZooKeeperRegistry>(settings.zookeeper, client.lanes());
      break;
  }
  return registry;
}

}  // namespace hbmux::rpc
