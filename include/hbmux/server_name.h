// Where a server is, and which of its lives is meant.
#pragma once

#include <hbmux/error.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hbmux {

/// A host name (or literal address) and a port.
struct ServerAddress {
  std::string host;
  std::uint16_t port = 0;

  /// Parses "host:port", "[::1]:16020" or "host" (then with `default_port`; 0 means that a port must be given).
  static Result<ServerAddress> parse(std::string_view text, std::uint16_t default_port = 0);
  std::string to_string() const;  ///< "host:port"; an IPv6 literal is put in brackets.
  bool operator==(const ServerAddress&) const = default;
  auto operator<=>(const ServerAddress&) const = default;
};

/// HBase's ServerName: an address and the start code of one process life.
struct ServerName {
  ServerAddress address;
  std::int64_t start_code = -1;

  static Result<ServerName> parse(std::string_view text);  ///< "host,port,startcode"
  std::string to_string() const;
  bool operator==(const ServerName&) const = default;
  auto operator<=>(const ServerName&) const = default;
};

}  // namespace hbmux

template <>
struct std::hash<hbmux::ServerAddress> {
  std::size_t operator()(const hbmux::ServerAddress& a) const noexcept {
    return std::hash<std::string>()(a.host) * 31 + a.port;
  }
};
