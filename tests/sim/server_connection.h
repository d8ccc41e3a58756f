// The server's end of a link: a Session of the embedded cluster, its handlers' time, and what goes wrong with calls.
#pragma once

#include "tests/sim/link.h"
#include "tests/sim/scheduler.h"

#include "mini/server/session.h"

#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace hbmux::sim {

/// What befell the calls of a run.
struct CallCounts {
  std::uint64_t served = 0, exceptions = 0, requests_lost = 0, replies_lost = 0, resets = 0, replies_cut = 0;
};

/// Calls wait for their handlers and finish in any order, as a server with many threads answers them. Lives as long as
/// its link has not ended; what is under way holds it weakly.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  /// `calm` is looked at for each call: while it is set nothing goes wrong.
  ServerConnection(Scheduler& scheduler, Random random, const FaultPlan& plan, const bool& calm, CallCounts& counts,
                   mini::Endpoint endpoint, std::shared_ptr<Link> link);

  void start();
  bool is_over() const noexcept { return over_; }
  Link& link() noexcept { return *link_; }
  /// The session's and the connection's buffers, in bytes.
  std::size_t buffered() const noexcept { return in_.size() + out_bytes_; }

 private:
  void on_bytes();
  bool take_handshake();
  bool take_frame();
  void execute(std::string frame);
  std::string answer(std::string_view frame);
  void send(std::string reply);
  void flush();
  void end();

  Scheduler& scheduler_;
  Random random_;
  const FaultPlan& plan_;
  const bool& calm_;
  CallCounts& counts_;
  const mini::Endpoint endpoint_;
  const std::shared_ptr<Link> link_;
  mini::Session session_;
  bool greeted_ = false;  ///< The preamble and the header have come.
  bool over_ = false;
  bool ending_ = false;
  std::string in_;
  std::deque<std::string> out_;
  std::size_t out_bytes_ = 0;
};

}  // namespace hbmux::sim
