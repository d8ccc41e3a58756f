// The registry that asks masters only (MasterRegistry), as HBase 2.3 and 2.4 did by default.
#pragma once

#include "rpc/endpoint_registry.h"

namespace hbmux::rpc {

/// Begins with hbase.masters and then follows the list of masters that the cluster knows of.
class MasterRegistry final : public EndpointRegistry {
 public:
  MasterRegistry(RpcClient& client, User user, const core::RegistrySettings& settings);
};

}  // namespace hbmux::rpc
