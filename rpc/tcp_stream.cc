#include "rpc/tcp_stream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace hbmux::rpc {
namespace {

boost::system::error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

}  // namespace

TcpStream::TcpStream(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)), fd_(socket_.native_handle()) {
  socket_.native_non_blocking(true);
}

std::size_t TcpStream::write_some(std::span<const std::string_view> buffers, boost::system::error_code& ec) noexcept {
  std::array<iovec, 64> parts;
  const std::size_t count = std::min(buffers.size(), parts.size());
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = {const_cast<char*>(buffers[i].data()), buffers[i].size()};
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  for (;;) {
    const auto written = ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written >= 0) {
      ec.clear();
      return static_cast<std::size_t>(written);
    }
    if (errno == EINTR) continue;
    ec = errno == EAGAIN ? boost::asio::error::would_block : last_error();
    return 0;
  }
}

std::size_t TcpStream::read_some(char* at, std::size_t size, boost::system::error_code& ec) noexcept {
  for (;;) {
    const auto received = ::recv(fd_, at, size, MSG_DONTWAIT);
    if (received > 0) {
      ec.clear();
      return static_cast<std::size_t>(received);
    }
    if (received == 0) {
      ec = boost::asio::error::eof;
      return 0;
    }
    if (errno == EINTR) continue;
    ec = errno == EAGAIN ? boost::asio::error::would_block : last_error();
    return 0;
  }
}

void TcpStream::async_wait_readable(core::UniqueFunction<void(boost::system::error_code)> ready) {
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_read, std::move(ready));
}

void TcpStream::async_wait_writable(core::UniqueFunction<void(boost::system::error_code)> ready) {
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_write, std::move(ready));
}

void TcpStream::close() noexcept {
  boost::system::error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace hbmux::rpc
