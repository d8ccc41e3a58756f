// The registry of HBase 2.5 and later: any region server or master can be asked (RpcConnectionRegistry).
#pragma once

#include "rpc/endpoint_registry.h"

namespace hbmux::rpc {

/// Begins with the configured servers and then uses those that the cluster itself names for it, so that the configured
/// few are not worn out by everybody.
class RpcRegistry final : public EndpointRegistry {
 public:
  RpcRegistry(RpcClient& client, User user, const core::RegistrySettings& settings);
};

}  // namespace hbmux::rpc
