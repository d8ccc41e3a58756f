// Chooses the registry.
#pragma once

#include "core/client_settings.h"
#include "rpc/registry.h"
#include "rpc/rpc_client.h"

#include <memory>

namespace hbmux::rpc {

/// The registry that hbase.client.registry.impl asks for. It uses `client` (which outlives it) and its lanes, and calls
/// as the settings' user. Nothing is sent yet. Errc::unsupported when this build has no ZooKeeper.
Result<std::unique_ptr<Registry>> make_registry(const core::ClientSettings& settings, RpcClient& client);

}  // namespace hbmux::rpc
