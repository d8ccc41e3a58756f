// A pool as it is often written, kept as a bad example: the tests show what goes wrong with it, and that it does not with ours.
#pragma once

#include "core/bytes.h"
#include "rpc/wire/request_frame.h"
#include "rpc/wire/response_frame.h"

#include <hbmux/pb/Client.pb.h>
#include <hbmux/server_name.h>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux::test {

/// A connection to a region server without a table of calls: whatever frame comes next is the answer. Blocks; one thread at a time.
class NaiveSocket {
 public:
  explicit NaiveSocket(const ServerAddress& server) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    if (::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found) != 0) return;
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{2, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    static_cast<void>(::connect(fd_, found->ai_addr, found->ai_addrlen));
    ::freeaddrinfo(found);
    put(rpc::wire::simple_connection_header({"ClientService", User::current(), {}, {}}));
  }
  ~NaiveSocket() { ::close(fd_); }
  NaiveSocket(const NaiveSocket&) = delete;
  NaiveSocket& operator=(const NaiveSocket&) = delete;

  int fd() const noexcept { return fd_; }
  void send(std::string_view method, const google::protobuf::MessageLite& message) {
    const std::string param = message.SerializeAsString();
    std::string bytes;
    rpc::wire::append_request(bytes, {++last_id_, method, param, {}, 0, 10000});
    put(bytes);
  }
  /// The next frame's message, whosever it is; false when there is none, or it is not a `Message`.
  template <class Message>
  bool receive(Message& message) {
    char length[4];
    if (!take(length, sizeof length)) return false;
    const auto size = core::load_be<std::uint32_t>(length);
    std::string frame(std::min<std::uint32_t>(size, 1 << 20), '\0');
    if (frame.size() != size || !take(frame.data(), frame.size())) return false;
    const auto response = rpc::wire::parse_response(frame);
    return response && !response->has_exception &&
           message.ParseFromArray(response->message.data(), static_cast<int>(response->message.size()));
  }
  bool is_readable() const {
    pollfd one{fd_, POLLIN, 0};
    return ::poll(&one, 1, 0) == 1;
  }

 private:
  void put(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // whoever reads will notice
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  bool take(char* at, std::size_t size) {
    for (std::size_t taken = 0; taken < size;) {
      const ssize_t count = ::recv(fd_, at + taken, size - taken, 0);
      if (count <= 0) return false;
      taken += static_cast<std::size_t>(count);
    }
    return true;
  }

  int fd_ = -1;
  std::atomic<std::uint32_t> last_id_{0};  // two threads that were lent the same one are what it is there to show
};

/// Lends sockets and takes them back as they are, or keeps one for each thread; never looks whether one is in order.
class NaivePool {
 public:
  enum class Kind { lending, per_thread };
  using Socket = std::shared_ptr<NaiveSocket>;

  NaivePool(Kind kind, ServerAddress server) : kind_(kind), server_(std::move(server)) {}

  Socket borrow() {
    if (kind_ == Kind::per_thread) {
      std::lock_guard lock(mutex_);
      auto& mine = by_thread_[::gettid()];
      if (!mine) mine = std::make_shared<NaiveSocket>(server_);
      return mine;
    }
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_shared<NaiveSocket>(server_);
    Socket socket = std::move(idle_.back());
    idle_.pop_back();
    return socket;
  }
  void give_back(Socket socket) {
    if (kind_ == Kind::per_thread) return;
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(socket));
  }

 private:
  const Kind kind_;
  const ServerAddress server_;
  std::mutex mutex_;
  std::vector<Socket> idle_;
  std::map<pid_t, Socket> by_thread_;
};

}  // namespace hbmux::test
