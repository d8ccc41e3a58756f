// The key of the pools: whose calls, to which service of which server.
#pragma once

#include <hbmux/server_name.h>
#include <hbmux/user.h>

#include <cstdint>
#include <functional>
#include <string_view>

namespace hbmux::rpc {

/// The protobuf services of HBase's servers; one connection serves one of them.
enum class Service : std::uint8_t { client, admin, master, client_meta };

/// The short name that the connection header carries.
constexpr std::string_view service_name(Service service) noexcept {
  switch (service) {
    case Service::client: return "ClientService";
    case Service::admin: return "AdminService";
    case Service::master: return "MasterService";
    case Service::client_meta: return "ClientMetaService";
  }
  return "";
}

/// Immutable; its hash is computed once, because every call looks it up.
class ConnectionKey {
 public:
  ConnectionKey(ServerAddress address, User user, Service service)
      : address_(std::move(address)),
        user_(std::move(user)),
        service_(service),
        hash_((std::hash<ServerAddress>()(address_) * 31 + std::hash<User>()(user_)) * 31 +
              static_cast<std::size_t>(service)) {}

  const ServerAddress& address() const noexcept { return address_; }
  const User& user() const noexcept { return user_; }
  Service service() const noexcept { return service_; }
  std::size_t hash() const noexcept { return hash_; }
  bool operator==(const ConnectionKey& other) const noexcept {
    return hash_ == other.hash_ && service_ == other.service_ && address_ == other.address_ && user_ == other.user_;
  }

 private:
  ServerAddress address_;
  User user_;
  Service service_;
  std::size_t hash_;
};

}  // namespace hbmux::rpc

template <>
struct std::hash<hbmux::rpc::ConnectionKey> {
  std::size_t operator()(const hbmux::rpc::ConnectionKey& key) const noexcept { return key.hash(); }
};
