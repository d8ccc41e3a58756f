// From a region's location to the key of the pool of connections: made once, because every call needs it.
#pragma once

#include "core/region_locations.h"
#include "rpc/connection_key.h"

#include <memory>
#include <mutex>
#include <unordered_map>

namespace hbmux::client {

/// The key for calls of the connection's own user to the primary of `region`; kept with the location.
const rpc::ConnectionKey& route_key(const core::RegionLocations& region, const User& own_user);

/// Keys of another user, by server. Thread-safe; references live as long as it does.
class KeysOfUser {
 public:
  explicit KeysOfUser(std::shared_ptr<const User> user) : user_(std::move(user)) {}
  const rpc::ConnectionKey& find(const ServerAddress& address);

 private:
  const std::shared_ptr<const User> user_;
  std::mutex mutex_;
  std::unordered_map<ServerAddress, rpc::ConnectionKey> keys_;  // its nodes do not move
};

}  // namespace hbmux::client
