#include <hbmux/server_name.h>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace hbmux {
namespace {

constexpr std::size_t kHostLengthMax = 255;

bool is_ipv6_literal(const std::string& text) {
  in6_addr address;
  return inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &address) == 1;
}

/// Whether `host` could be one: what a resolver would refuse anyway is not examined.
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > kHostLengthMax) return false;
  return std::none_of(host.begin(), host.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7f || std::string_view("/@,;[]\"'\\<>").find(c) != std::string_view::npos;
  });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

Error bad_address(std::string_view text, std::string_view why) {
  return Error(Errc::invalid_argument, "\"" + std::string(text) + "\" is no server address: " + std::string(why));
}

}  // namespace

Result<ServerAddress> ServerAddress::parse(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text, port;
  bool has_port = false, ipv6 = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return bad_address(text, "no closing bracket");
    host = text.substr(1, end - 1);
    ipv6 = true;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return bad_address(text, "expected a port after the bracket");
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    // Without brackets, several colons are an IPv6 literal alone where the port may be left out, else one with a port.
    ipv6 = text.find(':') != colon;
    has_port = !ipv6 || default_port == 0 || !is_ipv6_literal(std::string(text));
    if (has_port) host = text.substr(0, colon), port = text.substr(colon + 1);
  }
  if (!is_host(host)) return bad_address(text, "the host name is empty or has characters that no host name has");
  if (ipv6 && !is_ipv6_literal(std::string(host))) return bad_address(text, "expected one host, or an IPv6 literal");
  if (!has_port && default_port == 0) return bad_address(text, "expected host:port");
  ServerAddress address{std::string(host), default_port};
  if (has_port) {
    const auto number = parse_port(port);
    if (!number) return bad_address(text, "expected a port from 1 to 65535 after the colon");
    address.port = *number;
  }
  return address;
}

std::string ServerAddress::to_string() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ServerName> ServerName::parse(std::string_view text) {
  auto bad = [&](std::string_view why) {
    return Error(Errc::invalid_argument,
                 "\"" + std::string(text) + "\" is no server name (host,port,startcode): " + std::string(why));
  };
  const std::size_t first = text.find(','), second = text.find(',', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return bad("expected two commas");
  const std::string_view host = text.substr(0, first);
  const std::string_view code = text.substr(second + 1);
  if (!is_host(host)) return bad("the host name is empty or has characters that no host name has");
  const auto port = parse_port(text.substr(first + 1, second - first - 1));
  if (!port) return bad("expected a port from 1 to 65535");
  ServerName name{{std::string(host), *port}, 0};
  const auto [end, failure] = std::from_chars(code.data(), code.data() + code.size(), name.start_code);
  if (failure != std::errc() || end != code.data() + code.size()) return bad("the start code is no number");
  return name;
}

std::string ServerName::to_string() const {
  return address.host + "," + std::to_string(address.port) + "," + std::to_string(start_code);
}

}  // namespace hbmux
