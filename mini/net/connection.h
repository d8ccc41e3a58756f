// One accepted socket.
#pragma once

#include "mini/faults/reply_schedule.h"
#include "mini/net/network.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace hbmux::mini {

/// Reads what is there, lets the dialogue answer all of it, and sends all answers with one write. Everything happens on
/// its context's one thread. Lives as long as something is pending on it or its listener knows it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Network& network, Listener& listener, boost::asio::io_context& context,
             boost::asio::ip::tcp::socket socket, std::unique_ptr<Dialogue> dialogue);

  boost::asio::io_context& context() noexcept { return context_; }
  // On the context's thread.
  void start();
  /// Ends the connection with RST, as a dead process' kernel does.
  void reset();

 private:
  void read();
  void on_read(std::size_t count);
  void wait_for_tick();
  std::int64_t now() const;
  void hold_replies();
  void meet(const MarkedReply& mark, std::string_view reply);
  void send_due();
  void finish();
  void stall();
  void write();
  void on_written();
  void close();
  void make_room();

  Network& network_;
  Listener& listener_;
  boost::asio::io_context& context_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer ticker_;
  const std::unique_ptr<Dialogue> dialogue_;
  std::uint64_t calls_seen_ = 0;
  std::unique_ptr<char[]> in_;
  std::size_t capacity_ = 0;
  std::size_t filled_ = 0;
  Replies replies_;      ///< What was answered and nobody has begun to send.
  std::string sending_;  ///< What a write is at.
  ReplySchedule schedule_;
  /// What becomes of the connection when everything is sent.
  enum class End : std::uint8_t { none, close, half_close, reset, stall } end_ = End::none;
  bool silent_ = false;  ///< Nothing is sent any more.
  bool deaf_ = false;    ///< Nothing is read any more.
  bool writing_ = false;
  bool reading_ = false;
  bool open_ = true;
};

}  // namespace hbmux::mini
