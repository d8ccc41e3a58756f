// A listening socket on loopback behind which something else than a well-behaved HBase lives.
#pragma once

#include "tests/support/server_side.h"

#include <hbmux/server_name.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hbmux::test {

/// Each connection is served by `serve(fd)` on a thread of its own, and closed afterwards.
class FakeServer {
 public:
  using Serve = std::function<void(int fd)>;

  explicit FakeServer(Serve serve)
      : serve_(std::move(serve)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port on loopback");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~FakeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();  // from here on nobody adds a thread
    {
      std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }
  FakeServer(const FakeServer&) = delete;

  ServerAddress address() const { return {"127.0.0.1", port_}; }
  std::string name() const { return address().to_string(); }
  int connections() const { return connections_; }

  /// Reads until the client closes.
  static void swallow(int fd) {
    char bytes[4096];
    while (::read(fd, bytes, sizeof bytes) > 0) {
    }
  }
  static void send(int fd, const std::string& bytes) {
    if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return;
  }
  /// A server that answers requests: with a frame, or (nothing) not at all.
  static Serve rpc(std::function<std::optional<std::string>(const ServerRequest&)> answer) {
    return [answer = std::move(answer)](int fd) {
      ServerSide side;
      std::string unread;
      char bytes[4096];
      for (ssize_t count; (count = ::read(fd, bytes, sizeof bytes)) > 0;) {
        unread.append(bytes, static_cast<std::size_t>(count));
        if (unread.size() < 10) continue;
        for (const auto& request : side.read(unread)) {
          if (auto reply = answer(request)) send(fd, *reply);
        }
      }
    };
  }

 private:
  void accept() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] {
        serve_(fd);
        std::lock_guard closing(mutex_);
        std::erase(open_, fd);
        ::close(fd);
      });
    }
  }

  const Serve serve_;
  const int listener_;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;  // the first accepts; it alone adds the others
};

}  // namespace hbmux::test
