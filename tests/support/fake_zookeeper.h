// A ZooKeeper server for tests: it knows sessions, getData and getChildren, and misbehaves on request.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/bytes.h"

namespace hbmux::test {

/// Listens on a free port of 127.0.0.1 while it lives. One thread a connection, blocking.
class FakeZooKeeper {
 public:
  enum class Manner {
    normal,
    silent,        ///< Takes connections and says nothing.
    closes,        ///< Closes every connection at once.
    garbage,       ///< Says something that is not ZooKeeper's protocol.
    mute_session,  ///< Opens sessions, and never answers what is asked in them.
    drops,         ///< Closes the connection when it is asked something.
  };

  explicit FakeZooKeeper(Manner manner = Manner::normal) : manner_(manner) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 64);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~FakeZooKeeper() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    drop_all();
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void set_manner(Manner manner) { manner_ = manner; }

  void put(const std::string& path, std::string data) {
    std::lock_guard lock(mutex_);
    nodes_[path] = std::move(data);
  }
  /// The client may not read it.
  void forbid(const std::string& path) {
    std::lock_guard lock(mutex_);
    nodes_[path];
    forbidden_.insert(path);
  }
  /// Closes all connections; new ones are taken.
  void drop_all() {
    std::lock_guard lock(mutex_);
    for (int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  int connections() const { return connections_; }
  int open_connections() {
    std::lock_guard lock(mutex_);
    return static_cast<int>(sockets_.size());
  }
  int questions() const { return questions_; }

 private:
  static constexpr std::int32_t kGetData = 4, kGetChildren = 8, kPing = 11, kClose = -11;
  static constexpr std::int32_t kNoNode = -101, kNoAuth = -102, kUnimplemented = -6;

  void accept_all() {
    while (!stopping_) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) {
        if (stopping_ || (errno != EINTR && errno != ECONNABORTED)) return;
        continue;
      }
      ++connections_;
      std::lock_guard lock(mutex_);
      if (stopping_) {
        ::close(socket);
        return;
      }
      sockets_.insert(socket);
      threads_.emplace_back([this, socket] {
        serve(socket);
        std::lock_guard inner(mutex_);
        sockets_.erase(socket);
        ::close(socket);
      });
    }
  }

  void serve(int socket) {
    const Manner manner = manner_;
    if (manner == Manner::closes) return;
    if (manner == Manner::garbage) {
      send(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      receive(socket);  // until the client goes
      return;
    }
    auto hello = receive(socket);
    if (!hello) return;
    if (manner == Manner::silent) {
      receive(socket);
      return;
    }
    std::string welcome;
    core::append_be<std::int32_t>(welcome, 0);      // protocol
    core::append_be<std::int32_t>(welcome, 10000);  // time-out
    core::append_be<std::int64_t>(welcome, 0x1234 + socket);
    core::append_be<std::int32_t>(welcome, 16);
    welcome += std::string(16, 'p');
    send_frame(socket, welcome + '\0');
    while (auto request = receive(socket)) {
      if (request->size() < 8 || !answer(socket, *request)) return;
    }
  }

  bool answer(int socket, const std::string& request) {
    const auto id = core::load_be<std::int32_t>(request.data());
    const auto type = core::load_be<std::int32_t>(request.data() + 4);
    if (type == kPing) return reply(socket, -2, 0, "");
    if (type == kClose) return false;
    ++questions_;
    const Manner manner = manner_;
    if (manner == Manner::drops) return false;
    if (manner == Manner::mute_session) return true;
    const auto size = static_cast<std::size_t>(core::load_be<std::int32_t>(request.data() + 8));
    const std::string path = request.substr(12, size);
    std::lock_guard lock(mutex_);
    const auto node = nodes_.find(path);
    if (forbidden_.contains(path)) return reply(socket, id, kNoAuth, "");
    std::string body;
    if (type == kGetData) {
      if (node == nodes_.end()) return reply(socket, id, kNoNode, "");
      core::append_be<std::int32_t>(body, static_cast<std::int32_t>(node->second.size()));
      return reply(socket, id, 0, body + node->second + std::string(68, '\0'));
    }
    if (type != kGetChildren) return reply(socket, id, kUnimplemented, "");
    const std::vector<std::string> names = children(path);
    if (names.empty() && node == nodes_.end()) return reply(socket, id, kNoNode, "");
    core::append_be<std::int32_t>(body, static_cast<std::int32_t>(names.size()));
    for (const std::string& name : names) {
      core::append_be<std::int32_t>(body, static_cast<std::int32_t>(name.size()));
      body += name;
    }
    return reply(socket, id, 0, body);
  }

  std::vector<std::string> children(const std::string& path) const {
    const std::string prefix = path == "/" ? path : path + "/";
    std::vector<std::string> names;
    for (const auto& [name, data] : nodes_) {
      if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos) {
        names.push_back(name.substr(prefix.size()));
      }
    }
    return names;
  }

  bool reply(int socket, std::int32_t id, std::int32_t error, const std::string& body) {
    std::string header;
    core::append_be(header, id);
    core::append_be<std::int64_t>(header, 1);
    core::append_be(header, error);
    return send_frame(socket, header + body);
  }

  static bool send_frame(int socket, const std::string& frame) {
    std::string bytes;
    core::append_be<std::int32_t>(bytes, static_cast<std::int32_t>(frame.size()));
    return send(socket, bytes + frame);
  }
  static bool send(int socket, const std::string& bytes) {
    return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  static std::optional<std::string> receive(int socket) {
    char header[4];
    if (::recv(socket, header, 4, MSG_WAITALL) != 4) return std::nullopt;
    const auto size = core::load_be<std::int32_t>(header);
    if (size < 0 || size > 1 << 20) return std::nullopt;
    std::string frame(static_cast<std::size_t>(size), '\0');
    if (::recv(socket, frame.data(), frame.size(), MSG_WAITALL) != size) return std::nullopt;
    return frame;
  }

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<Manner> manner_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0}, questions_{0};
  std::mutex mutex_;
  std::map<std::string, std::string> nodes_;
  std::set<std::string> forbidden_;
  std::set<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace hbmux::test
