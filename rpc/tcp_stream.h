// A TCP socket as a Stream.
#pragma once

#include "rpc/lane.h"

#include <boost/asio/ip/tcp.hpp>

namespace hbmux::rpc {

/// The socket is registered with its lane's io_context; reading and writing go straight to the system, so that any thread may do them.
class TcpStream final : public Stream {
 public:
  explicit TcpStream(boost::asio::ip::tcp::socket socket);
  std::size_t write_some(std::span<const std::string_view> buffers, boost::system::error_code& ec) noexcept override;
  std::size_t read_some(char* at, std::size_t size, boost::system::error_code& ec) noexcept override;
  void async_wait_readable(core::UniqueFunction<void(boost::system::error_code)> ready) override;
  void async_wait_writable(core::UniqueFunction<void(boost::system::error_code)> ready) override;
  void close() noexcept override;

 private:
  boost::asio::ip::tcp::socket socket_;
  const int fd_;
};

}  // namespace hbmux::rpc
