// The answers of ClientMetaService.
#pragma once

#include "core/region_locations.h"

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <string>
#include <string_view>
#include <vector>

namespace hbmux::rpc {

// Each reads one serialized answer. Errc::protocol_error when it is none; Errc::unavailable when the server left out
// what was asked for, as one does that does not know it (yet): then another server is worth asking.

Result<core::LocationsPtr> read_meta_locations(std::string_view message);
Result<ServerName> read_active_master(std::string_view message);
Result<std::string> read_cluster_id(std::string_view message);
/// Of GetBootstrapNodes: region servers, chosen by the one that answers.
Result<std::vector<ServerAddress>> read_bootstrap_nodes(std::string_view message);
/// Of GetMasters: the active one and the others.
Result<std::vector<ServerAddress>> read_masters(std::string_view message);

}  // namespace hbmux::rpc
