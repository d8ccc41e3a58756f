#include "mini/net/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace hbmux::mini {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kSmallBuffer = std::size_t{16} << 10;
constexpr std::size_t kBuffer = std::size_t{256} << 10;
/// A client that does not read its answers is not read from.
constexpr std::size_t kUnsentMax = std::size_t{16} << 20;

/// How often a connection that is not read from is asked whether its client is still there.
constexpr auto kStallCheck = std::chrono::milliseconds(200);

/// Whether the peer has gone, which reading would tell.
bool peer_has_gone(asio::ip::tcp::socket& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_ESTABLISHED;
}

}  // namespace

Connection::Connection(Network& network, Listener& listener, asio::io_context& context, asio::ip::tcp::socket socket,
                       std::unique_ptr<Dialogue> dialogue)
    : network_(network),
      listener_(listener),
      context_(context),
      socket_(std::move(socket)),
      timer_(context),
      ticker_(context),
      dialogue_(std::move(dialogue)),
      in_(new char[kSmallBuffer]),
      capacity_(kSmallBuffer),
      schedule_(network.seed.fetch_add(1)) {
  network_.connections_accepted.fetch_add(1);
  network_.connections_open.fetch_add(1);
}

void Connection::start() {
  if (!open_) return;
  error_code ec;
  socket_.set_option(asio::ip::tcp::no_delay(true), ec);
  socket_.non_blocking(true, ec);
  const auto& server = listener_.server();
  if (server.faults != nullptr && server.faults->stalls_connection(server.number)) return stall();
  read();
  wait_for_tick();
}

void Connection::wait_for_tick() {
  const auto interval = dialogue_->tick_interval();
  if (!open_ || !interval) return;
  ticker_.expires_after(*interval);
  ticker_.async_wait([self = shared_from_this()](error_code ec) {
    if (ec || !self->open_ || self->silent_) return;
    self->dialogue_->tick(self->now(), self->replies_);
    self->write();
    self->wait_for_tick();
  });
}

void Connection::read() {
  if (!open_ || reading_ || deaf_ || dialogue_->is_closing() || replies_.bytes.size() > kUnsentMax) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(in_.get() + filled_, capacity_ - filled_),
                          [self = shared_from_this()](error_code ec, std::size_t count) {
                            self->reading_ = false;
                            if (ec) return self->close();
                            self->on_read(count);
                          });
}

void Connection::on_read(std::size_t count) {
  if (!open_) return;
  filled_ += count;
  if (silent_) {
    filled_ = 0;  // half closed: what comes is taken and forgotten
    return read();
  }
  FaultInjector* const faults = listener_.server().faults;
  replies_.wants_marks = !schedule_.empty() || (faults != nullptr && faults->wants_calls());
  const std::size_t taken = dialogue_->receive({in_.get(), filled_}, now(), replies_);
  network_.calls.fetch_add(dialogue_->calls() - calls_seen_, std::memory_order_relaxed);
  calls_seen_ = dialogue_->calls();
  filled_ -= taken;
  if (filled_ != 0 && taken != 0) std::memmove(in_.get(), in_.get() + taken, filled_);
  make_room();
  if (const auto& commit = listener_.server().commit; commit && !commit()) return reset();
  if (!replies_.marks.empty() || !schedule_.empty()) hold_replies();
  if (dialogue_->is_closing()) schedule_.take_all(replies_.bytes);
  send_due();
  read();
}

std::int64_t Connection::now() const { return listener_.server().clock(); }

/// Grows with what has really come, never with what a length field claims; shrinks when a big frame has gone.
void Connection::make_room() {
  std::size_t wanted = capacity_;
  if (filled_ == capacity_) {
    wanted = std::max(capacity_ * 2, kBuffer);
  } else if (filled_ == 0 && capacity_ > kBuffer) {
    wanted = kBuffer;
  }
  if (wanted == capacity_) return;
  std::unique_ptr<char[]> bigger(new char[wanted]);
  std::memcpy(bigger.get(), in_.get(), filled_);
  in_ = std::move(bigger);
  capacity_ = wanted;
}

void Connection::hold_replies() {
  std::string bytes;
  bytes.swap(replies_.bytes);
  std::size_t start = 0;
  for (const MarkedReply& mark : replies_.marks) {
    if (end_ != End::none) break;
    meet(mark, std::string_view(bytes).substr(start, mark.end - start));
    start = mark.end;
  }
  // What no mark covers is no answer to a call: the end of the conversation.
  if (end_ == End::none) replies_.bytes.append(bytes, start);
  replies_.marks.clear();
}

void Connection::meet(const MarkedReply& mark, std::string_view reply) {
  switch (mark.fate) {
    case Fate::send: return schedule_.add(reply, std::chrono::steady_clock::now(), mark.delay, mark.window);
    case Fate::drop: return;
    case Fate::cut:
      schedule_.take_all(replies_.bytes);
      replies_.bytes += reply.substr(0, reply.size() / 2);
      end_ = End::close;
      return;
    case Fate::half_close:
      schedule_.take_all(replies_.bytes);
      replies_.bytes += reply;
      end_ = End::half_close;
      return;
    case Fate::reset: end_ = End::reset; return;
    case Fate::stall: end_ = End::stall; return;
  }
}

void Connection::send_due() {
  if (!schedule_.empty()) {
    schedule_.take_due(std::chrono::steady_clock::now(), replies_.bytes);
    if (const auto due = schedule_.next_due()) {
      timer_.expires_at(*due);
      timer_.async_wait([self = shared_from_this()](error_code ec) {
        if (!ec && self->open_) self->send_due();
      });
    }
  }
  write();
}

/// Everything is sent that ever will be.
void Connection::finish() {
  switch (end_) {
    case End::none:
      if (dialogue_->is_closing()) close();
      return;
    case End::close: return close();
    case End::reset: return reset();
    case End::stall: return stall();
    case End::half_close: {
      error_code ignored;
      socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
      silent_ = true;
      end_ = End::none;
    }
  }
}

/// From here on nothing is read or sent, until the client goes.
void Connection::stall() {
  silent_ = deaf_ = true;
  end_ = End::none;
  ticker_.expires_after(kStallCheck);
  ticker_.async_wait([self = shared_from_this()](error_code ec) {
    if (ec || !self->open_) return;
    if (peer_has_gone(self->socket_)) return self->close();
    self->stall();
  });
}

void Connection::write() {
  if (!open_ || writing_ || silent_) return;
  if (!replies_.bytes.empty()) {
    // Usually the kernel takes all of it at once, and no event is needed.
    error_code ec;
    const std::size_t sent = socket_.write_some(asio::buffer(replies_.bytes), ec);
    if (ec && ec != asio::error::would_block) return close();
    if (sent == replies_.bytes.size()) {
      replies_.bytes.clear();
      if (replies_.bytes.capacity() > kUnsentMax) std::string().swap(replies_.bytes);
    } else {
      sending_.clear();
      sending_.swap(replies_.bytes);
      sending_.erase(0, sent);
      writing_ = true;
      asio::async_write(socket_, asio::buffer(sending_), [self = shared_from_this()](error_code failed, std::size_t) {
        self->writing_ = false;
        if (failed) return self->close();
        self->on_written();
      });
      return;
    }
  }
  finish();
}

void Connection::on_written() {
  if (sending_.capacity() > kUnsentMax) std::string().swap(sending_);
  write();
  read();
}

void Connection::close() {
  if (!open_) return;
  open_ = false;
  error_code ignored;
  timer_.cancel();
  ticker_.cancel();
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  network_.connections_open.fetch_sub(1);
  listener_.remove(shared_from_this());
}

void Connection::reset() {
  if (!open_) return;
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  open_ = false;
  timer_.cancel();
  ticker_.cancel();
  socket_.close(ignored);
  network_.connections_open.fetch_sub(1);
  listener_.remove(shared_from_this());
}

}  // namespace hbmux::mini
