#include "rpc/rpc_registry.h"

#include "rpc/registry_messages.h"

#include <utility>

namespace hbmux::rpc {

RpcRegistry::RpcRegistry(RpcClient& client, User user, const core::RegistrySettings& settings)
    : EndpointRegistry(client, std::move(user), settings, {"GetBootstrapNodes", read_bootstrap_nodes}) {}

}  // namespace hbmux::rpc
