// Serves text about this process to whoever connects to a Unix socket.
#pragma once

#include <hbmux/error.h>

#include <functional>
#include <memory>
#include <string>

namespace hbmux::client {

/// Owned by a ConnectionState; it lives from expose_statistics() until the connection closes. It has a thread of its
/// own, because it must answer also when the lanes are stuck, which is when somebody asks.
class StatisticsSocket {
 public:
  /// Listens at `path`; only the user of this process may connect (the file has mode 0600). Each who connects gets what
  /// `text` returns then, and the end of the stream. `text` runs on the socket's thread. Errc::invalid_argument when
  /// the path is empty or too long for a socket, or when something is there already; Errc::unavailable when the system
  /// refuses. The message names the path.
  static Result<std::unique_ptr<StatisticsSocket>> open(const std::string& path, std::function<std::string()> text);
  /// Stops listening, ends the thread and removes the file, if it is still the one that was made. Takes no longer than
  /// `text`. May be called by `text` itself.
  ~StatisticsSocket();
  StatisticsSocket(const StatisticsSocket&) = delete;
  StatisticsSocket& operator=(const StatisticsSocket&) = delete;

 private:
  struct Server;
  explicit StatisticsSocket(std::shared_ptr<Server> server);
  std::shared_ptr<Server> server_;
};

}  // namespace hbmux::client
