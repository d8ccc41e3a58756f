#include "client/route.h"

namespace hbmux::client {
namespace {

struct Route final : core::Companion {
  Route(const ServerAddress& address, const User& user) : key(address, user, rpc::Service::client) {}
  const rpc::ConnectionKey key;
};

}  // namespace

const rpc::ConnectionKey& route_key(const core::RegionLocations& region, const User& own_user) {
  const core::Companion* companion = region.companion.get();
  if (companion == nullptr) {
    companion = region.companion.offer(std::make_unique<Route>(region.primary.server.address, own_user));
  }
  return static_cast<const Route*>(companion)->key;
}

const rpc::ConnectionKey& KeysOfUser::find(const ServerAddress& address) {
  std::lock_guard lock(mutex_);
  auto at = keys_.find(address);
  if (at == keys_.end()) {
    at = keys_.emplace(address, rpc::ConnectionKey(address, *user_, rpc::Service::client)).first;
  }
  return at->second;
}

}  // namespace hbmux::client
