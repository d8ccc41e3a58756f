#include "rpc/master_registry.h"

#include "rpc/registry_messages.h"

#include <utility>

namespace hbmux::rpc {

MasterRegistry::MasterRegistry(RpcClient& client, User user, const core::RegistrySettings& settings)
    : EndpointRegistry(client, std::move(user), settings, {"GetMasters", read_masters}) {}

}  // namespace hbmux::rpc
