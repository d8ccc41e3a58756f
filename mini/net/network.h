// The threads that serve all connections, and the sockets that listen.
#pragma once

#include "mini/dialogue.h"
#include "mini/faults/fault_injector.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace hbmux::mini {

class Connection;

/// N threads with an event loop each. A connection lives on one of them for ever, and its calls are served right there.
class Network {
 public:
  explicit Network(int threads);
  ~Network() { stop(); }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  boost::asio::io_context& any_context();
  void after(std::chrono::milliseconds delay, std::function<void()> work);
  /// Runs `work` on a connection's or acceptor's own thread and waits until it is done.
  static void run_on(boost::asio::io_context& context, const std::function<void()>& work);
  void stop();

  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> seed{1};

 private:
  struct Loop {
    boost::asio::io_context context{1};
    std::thread thread;
  };
  std::vector<std::unique_ptr<Loop>> loops_;
  std::atomic<std::size_t> next_{0};
};

/// One server's port. While its server is dead the port stays bound but does not listen, so that connecting is refused
/// and nobody else takes it.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// What it listens for: the server's number (or kMasterServer, kZooKeeperServer), and that server's clock, in
  /// milliseconds since 1970.
  struct Server {
    int number = 0;
    std::function<std::int64_t()> clock;
    FaultInjector* faults = nullptr;
    /// Called before answers are sent; false: nothing may be answered any more. None when there is nothing to do.
    std::function<bool()> commit;
  };

  Listener(Network& network, std::string host, std::uint16_t port, Server server)
      : network_(network), host_(std::move(host)), port_(port), server_(std::move(server)) {}

  /// Binds; 0 takes a free port.
  Result<void> bind();
  using MakeDialogue = std::function<std::unique_ptr<Dialogue>()>;
  /// Accepts from now on; each connection speaks a dialogue of its own.
  Result<void> listen(MakeDialogue make_dialogue);
  /// Resets every connection and refuses new ones.
  void kill();
  /// Refuses new connections, or takes them again; those that are open go on.
  Result<void> refuse(bool refuses);
  void close();
  std::uint16_t port() const noexcept { return port_; }

  // For connections.
  const Server& server() const noexcept { return server_; }
  void add(const std::shared_ptr<Connection>& connection);
  void remove(const std::shared_ptr<Connection>& connection);

 private:
  Result<void> begin_to_listen();
  void end_listening();
  void accept();
  void reset_connections();

  Network& network_;
  const std::string host_;
  std::uint16_t port_;
  const Server server_;
  MakeDialogue make_dialogue_;
  std::atomic<bool> open_{false};
  boost::asio::io_context* context_ = nullptr;
  std::unique_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  std::mutex mutex_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
};

}  // namespace hbmux::mini
