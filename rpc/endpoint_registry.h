// What the RPC and the master registry have in common: a list of servers, asked a few at a time, that is kept fresh.
#pragma once

#include "rpc/endpoint_inquirer.h"

#include <memory>

namespace hbmux::rpc {

/// A registry whose answers come from ClientMetaService. Each question goes to some of the servers at once, in random
/// order; the first answer that says something wins. Servers that were learned go first; those of the configuration
/// follow, so that a list that has gone stale as a whole is no dead end. Owned as every Registry; `client` outlives it.
class EndpointRegistry : public Registry {
 public:
  EndpointRegistry(RpcClient& client, User user, const core::RegistrySettings& settings, RefreshCall refresh);
  ~EndpointRegistry() override;

  void async_meta_locations(TimePoint deadline, Handler<core::LocationsPtr> handler) override;
  void async_active_master(TimePoint deadline, Handler<ServerName> handler) override;
  void async_cluster_id(TimePoint deadline, Handler<std::string> handler) override;
  void close(const Error& reason) override;

 private:
  std::shared_ptr<EndpointInquirer> inquirer_;  // shared with the calls under way
};

}  // namespace hbmux::rpc
