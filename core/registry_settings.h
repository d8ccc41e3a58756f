// Where the cluster is, as properties tell it.
#pragma once

#include "core/client_settings.h"
#include "core/property_reader.h"

namespace hbmux::core {

/// For RegistryKind::rpc and master. What is wrong is noted in `reader`.
void read_server_registry(PropertyReader& reader, RegistryKind kind, RegistrySettings& settings);
/// For RegistryKind::zookeeper.
void read_zookeeper(PropertyReader& reader, ZooKeeperSettings& settings);

}  // namespace hbmux::core
