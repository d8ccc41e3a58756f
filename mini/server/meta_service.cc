#include "mini/server/meta_service.h"
#include "mini/server/server_name_message.h"

#include <hbmux/pb/Registry.pb.h>

namespace hbmux::mini {
namespace {

void add_meta_location(int replica, const ServerName& server, pb::GetMetaRegionLocationsResponse& response) {
  auto& location = *response.add_meta_locations();
  auto& info = *location.mutable_region_info();
  info.set_region_id(1);
  *info.mutable_table_name() = table_name_message("hbase:meta");
  info.set_start_key("");
  info.set_end_key("");
  info.set_offline(false);
  info.set_split(false);
  info.set_replica_id(replica);
  put_server(server, *location.mutable_server_name());
  location.set_seq_num(-1);
}

}  // namespace

Reply meta_service(const Master& master, Call& call) {
  if (call.method == "GetClusterId") {
    static thread_local pb::GetClusterIdResponse response;
    response.set_cluster_id(master.cluster_id());
    return &response;
  }
  if (call.method == "GetActiveMaster") {
    static thread_local pb::GetActiveMasterResponse response;
    response.Clear();
    put_server(master.name(), *response.mutable_server_name());
    return &response;
  }
  if (call.method == "GetMasters") {
    static thread_local pb::GetMastersResponse response;
    response.Clear();
    auto& entry = *response.add_master_servers();
    put_server(master.name(), *entry.mutable_server_name());
    entry.set_is_active(true);
    return &response;
  }
  if (call.method == "GetMetaRegionLocations") {
    static thread_local pb::GetMetaRegionLocationsResponse response;
    response.Clear();
    add_meta_location(0, master.meta_server(), response);
    for (const auto& [replica, server] : master.meta_replica_servers()) add_meta_location(replica, server, response);
    return &response;
  }
  if (call.method == "GetBootstrapNodes") {
    static thread_local pb::GetBootstrapNodesResponse response;
    response.Clear();
    for (const auto& server : master.servers()) {
      if (server->is_alive()) put_server(server->name(), *response.add_server_name());
    }
    return &response;
  }
  return exceptions::unsupported("ClientMetaService." + std::string(call.method) + " is not supported");
}

}  // namespace hbmux::mini
