// Where the benchmark's table is: a plain blocking socket and two look-ups, before anything is measured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::bench {

/// A file descriptor that closes itself.
class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Address {
  std::string host;
  std::uint16_t port = 0;
  /// "host:port"; throws when it is none.
  static Address parse(std::string_view text);
};

/// The region server and the name of the region that holds the benchmark's rows.
struct Target {
  Address server;
  std::string region;
};

/// A connected socket (TCP_NODELAY) on which preamble and header are sent. Throws std::runtime_error.
Socket open_connection(const Address& to, std::string_view service, bool cell_blocks = true);
void send_all(int fd, std::string_view bytes);
/// Sends a request frame and returns the body of the next reply; throws what the server says otherwise.
std::string exchange(int fd, std::string_view frame);

/// Asks `cluster` (a master or region server) where hbase:meta is, and that where the last region of `table` is.
Target locate(const Address& cluster, std::string_view table);

}  // namespace hbmux::bench
