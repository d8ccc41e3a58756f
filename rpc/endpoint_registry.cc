#include "rpc/endpoint_registry.h"

#include "rpc/registry_messages.h"

#include <utility>

namespace hbmux::rpc {

EndpointRegistry::EndpointRegistry(RpcClient& client, User user, const core::RegistrySettings& settings,
                                   RefreshCall refresh)
    : inquirer_(std::make_shared<EndpointInquirer>(client, std::move(user), settings, refresh)) {
  inquirer_->start();
}

EndpointRegistry::~EndpointRegistry() { close(Error(Errc::closed, "the connection was closed")); }

void EndpointRegistry::async_meta_locations(TimePoint deadline, Handler<core::LocationsPtr> handler) {
  inquirer_->ask<core::LocationsPtr>("GetMetaRegionLocations", "where hbase:meta is", deadline, read_meta_locations,
                                     std::move(handler));
}

void EndpointRegistry::async_active_master(TimePoint deadline, Handler<ServerName> handler) {
  inquirer_->ask<ServerName>("GetActiveMaster", "who the active master is", deadline, read_active_master,
                             std::move(handler));
}

void EndpointRegistry::async_cluster_id(TimePoint deadline, Handler<std::string> handler) {
  inquirer_->ask<std::string>("GetClusterId", "the cluster's id", deadline, read_cluster_id, std::move(handler));
}

void EndpointRegistry::close(const Error& reason) { inquirer_->close(reason); }

}  // namespace hbmux::rpc
