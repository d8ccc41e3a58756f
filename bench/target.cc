#include "bench/target.h"

#include "bench/frames.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

namespace hbmux::bench {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

void receive_all(int fd, char* at, std::size_t size) {
  while (size > 0) {
    const auto n = ::recv(fd, at, size, 0);
    if (n == 0) throw std::runtime_error("the server closed the connection");
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("recv");
    at += n;
    size -= static_cast<std::size_t>(n);
  }
}

Address meta_server(const Address& cluster) {
  const auto socket = open_connection(cluster, "ClientMetaService");
  const auto response = exchange(socket.fd(), request_frame(kFirstCallId, "GetMetaRegionLocations", ""));
  const auto server = find_bytes(find_bytes(response, 1), 2);
  if (server.empty()) throw std::runtime_error("hbase:meta is nowhere");
  return {std::string(find_bytes(server, 1)), static_cast<std::uint16_t>(find_number(server, 2))};
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Address Address::parse(std::string_view text) {
  Address a;
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    a.host = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), a.port);
    if (error == std::errc() && end == port.data() + port.size() && a.port != 0) return a;
  }
  throw std::runtime_error("not HOST:PORT: " + std::string(text));
}

Socket open_connection(const Address& to, std::string_view service, bool cell_blocks) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int e = getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &hints, &found); e != 0) {
    throw std::runtime_error(to.host + ": " + gai_strerror(e));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> guard(found, freeaddrinfo);
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) fail("socket");
  if (::connect(socket.fd(), found->ai_addr, found->ai_addrlen) != 0) fail("connect to port " + std::to_string(to.port));
  const int on = 1;
  ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  send_all(socket.fd(), connection_start(service, cell_blocks));
  return socket;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string exchange(int fd, std::string_view frame) {
  send_all(fd, frame);
  char length[4];
  receive_all(fd, length, 4);
  std::string reply(get_u32(length), '\0');
  receive_all(fd, reply.data(), reply.size());
  std::string_view body;
  if (auto error = error_of(reply, &body); !error.empty()) throw std::runtime_error(error);
  std::string_view message;
  if (!take_delimited(body, message)) throw std::runtime_error("a reply without a body");
  return std::string(message);
}

Target locate(const Address& cluster, std::string_view table) {
  std::string column;
  put_bytes(column, 1, "info");
  std::string scan;
  put_bytes(scan, 1, column);
  put_bytes(scan, 3, std::string(table) + ",~,99999999999999");
  put_number(scan, 15, 1);  // reversed: the region before this row is the table's last
  std::string region;
  put_number(region, 1, 1);
  put_bytes(region, 2, "hbase:meta,,1");
  std::string request;
  put_bytes(request, 1, region);
  put_bytes(request, 2, scan);
  put_number(request, 4, 1);
  put_number(request, 5, 1);  // and close the scanner

  // Without a codec the server puts the cells into the message itself, where they are easy to read.
  const auto socket = open_connection(meta_server(cluster), "ClientService", false);
  const auto response = exchange(socket.fd(), request_frame(kFirstCallId, "Scan", request));
  Target target;
  std::string_view result = find_bytes(response, 5);
  for (Field cell; cell.next(result);) {
    if (cell.number != 1) continue;
    target.region = find_bytes(cell.bytes, 1);
    if (find_bytes(cell.bytes, 3) == "server") target.server = Address::parse(find_bytes(cell.bytes, 6));
  }
  if (!target.region.starts_with(std::string(table) + ",")) throw std::runtime_error("no table " + std::string(table));
  if (target.server.host.empty()) throw std::runtime_error("region " + target.region + " is nowhere");
  return target;
}

}  // namespace hbmux::bench
