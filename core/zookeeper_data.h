// What HBase keeps in ZooKeeper for its clients.
#pragma once

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <optional>
#include <string>
#include <string_view>

namespace hbmux::core {

/// Where hbase:meta, or a replica of it, is.
struct MetaServer {
  ServerName server;
  bool is_open = true;  ///< False while the region is on its way to that server, or away from it.
};

// Each reads the bytes of one znode:
//
//     [0xFF | int32 length | who wrote it] "PBUF" message
//
// Errc::protocol_error when they are something else, or empty.

Result<MetaServer> parse_meta_server(std::string_view data);
Result<ServerName> parse_active_master(std::string_view data);
/// Also takes the id as plain text, as HBase wrote it long ago.
Result<std::string> parse_cluster_id(std::string_view data);

/// The replica whose place a znode tells, by its name: `prefix` is 0, `prefix-2` is 2; nothing for another znode.
std::optional<int> meta_replica_of(std::string_view znode, std::string_view prefix);

}  // namespace hbmux::core
