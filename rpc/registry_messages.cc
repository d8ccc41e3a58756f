#include "rpc/registry_messages.h"

#include "core/meta_rows.h"
#include "core/parse_message.h"

#include <hbmux/pb/Registry.pb.h>

#include <memory>
#include <utility>

namespace hbmux::rpc {
namespace {

Error unreadable(std::string_view what) { return Error(Errc::protocol_error, "its answer is no " + std::string(what)); }
Error left_out(std::string_view what) { return Error(Errc::unavailable, "it does not know " + std::string(what)); }

Result<ServerName> server_name(const pb::ServerName& message) {
  if (message.host_name().empty() || message.host_name().size() > 255 || message.port() == 0 ||
      message.port() > 65535) {
    return unreadable("server's address");
  }
  ServerName name{{message.host_name(), static_cast<std::uint16_t>(message.port())}, -1};
  if (message.has_start_code()) name.start_code = static_cast<std::int64_t>(message.start_code());
  return name;
}

}  // namespace

Result<core::LocationsPtr> read_meta_locations(std::string_view bytes) {
  pb::GetMetaRegionLocationsResponse message;
  if (!core::parse_message(message, bytes)) return unreadable("list of locations");
  auto locations = std::make_shared<core::RegionLocations>();
  locations->region = RegionInfo::meta();
  std::shared_ptr<const TableName> table = RegionInfo::meta()->shared_table();
  for (const auto& item : message.meta_locations()) {
    auto region = core::region_info_from(item.region_info(), table);
    if (!region) return region.error();
    if (region->table() != TableName::meta()) return unreadable("list of locations of hbase:meta");
    if (!item.has_server_name()) continue;  // between two servers
    auto server = server_name(item.server_name());
    if (!server) return server.error();
    if (region->replica_id() == 0) {
      locations->primary = {RegionInfo::meta(), std::move(*server), item.seq_num()};
    } else {
      auto replica = std::make_shared<const RegionInfo>(std::move(*region));
      locations->secondaries.push_back({std::move(replica), std::move(*server), item.seq_num()});
    }
  }
  if (!locations->primary.is_known()) return left_out("where hbase:meta is");
  return core::LocationsPtr(std::move(locations));
}

Result<ServerName> read_active_master(std::string_view bytes) {
  pb::GetActiveMasterResponse message;
  if (!core::parse_message(message, bytes)) return unreadable("server's name");
  if (!message.has_server_name()) return left_out("an active master");
  return server_name(message.server_name());
}

Result<std::string> read_cluster_id(std::string_view bytes) {
  pb::GetClusterIdResponse message;
  if (!core::parse_message(message, bytes)) return unreadable("cluster's id");
  if (!message.has_cluster_id()) return left_out("the cluster's id");
  return message.cluster_id();
}

Result<std::vector<ServerAddress>> read_bootstrap_nodes(std::string_view bytes) {
  pb::GetBootstrapNodesResponse message;
  if (!core::parse_message(message, bytes)) return unreadable("list of servers");
  std::vector<ServerAddress> nodes;
  for (const auto& item : message.server_name()) {
    auto server = server_name(item);
    if (!server) return server.error();
    nodes.push_back(std::move(server->address));
  }
  if (nodes.empty()) return left_out("any server");
  return nodes;
}

Result<std::vector<ServerAddress>> read_masters(std::string_view bytes) {
  pb::GetMastersResponse message;
  if (!core::parse_message(message, bytes)) return unreadable("list of masters");
  std::vector<ServerAddress> masters;
  for (const auto& item : message.master_servers()) {
    auto server = server_name(item.server_name());
    if (!server) return server.error();
    masters.push_back(std::move(server->address));
  }
  if (masters.empty()) return left_out("any master");
  return masters;
}

}  // namespace hbmux::rpc
