#include "mini/net/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <cstring>

namespace hbmux::mini {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kSmallBuffer = std::size_t{16} << 10;
constexpr std::size_t kBuffer = std::size_t{256} << 10;
/// A client that does not read its answers is not read from.
constexpr std::size_t kUnsentMax = std::size_t{16} << 20;

std::int64_t wall_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Connection::Connection(Network& network, Listener& listener, asio::io_context& context, asio::ip::tcp::socket socket,
                       Endpoint endpoint)
    : network_(network),
      listener_(listener),
      context_(context),
      socket_(std::move(socket)),
      timer_(context),
      session_(endpoint),
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
  read();
}

void Connection::read() {
  if (!open_ || reading_ || session_.is_closing() || replies_.bytes.size() > kUnsentMax) return;
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
  const bool faults = network_.has_faults() || !schedule_.empty();
  replies_.mark_ends = faults;
  const std::size_t taken = session_.receive({in_.get(), filled_}, wall_clock(), replies_);
  network_.calls.fetch_add(session_.calls() - calls_seen_, std::memory_order_relaxed);
  calls_seen_ = session_.calls();
  filled_ -= taken;
  if (filled_ != 0 && taken != 0) std::memmove(in_.get(), in_.get() + taken, filled_);
  make_room();
  if (faults && !session_.is_closing()) {
    hold_replies();
    send_due();
  } else {
    if (faults) schedule_.take_all(replies_.bytes);
    write();
  }
  read();
}

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
  const ReplyFaults faults = network_.faults();
  const auto now = std::chrono::steady_clock::now();
  std::size_t start = 0;
  for (const std::size_t end : replies_.ends) {
    schedule_.add(std::string_view(replies_.bytes).substr(start, end - start), now, faults);
    start = end;
  }
  replies_.ends.clear();
  replies_.bytes.erase(0, start);
}

void Connection::send_due() {
  schedule_.take_due(std::chrono::steady_clock::now(), replies_.bytes);
  if (const auto due = schedule_.next_due()) {
    timer_.expires_at(*due);
    timer_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec && self->open_) self->send_due();
    });
  }
  write();
}

void Connection::write() {
  if (!open_ || writing_) return;
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
  if (session_.is_closing()) close();
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
  socket_.close(ignored);
  network_.connections_open.fetch_sub(1);
  listener_.remove(shared_from_this());
}

}  // namespace hbmux::mini
