#include "bench/threading/client.h"

#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace hbmux::bench {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

std::uint32_t* word(Call& call) { return reinterpret_cast<std::uint32_t*>(&call.state); }

}  // namespace

std::uint32_t wait_for_state(Call& call) {
  std::uint32_t seen = kPending;
  if (call.state.compare_exchange_strong(seen, kAsleep)) {
    const timespec limit{10, 0};  // a real client always has a deadline
    do {
      ::syscall(SYS_futex, word(call), FUTEX_WAIT_PRIVATE, kAsleep, &limit, nullptr, 0);
      seen = call.state.load();
    } while (seen == kAsleep);
  }
  return seen;
}

void set_state(Call& call, CallState state) {
  // After the exchange the caller may be gone; waking a stale address wakes nobody, or somebody who looks again.
  if (call.state.exchange(state) == kAsleep) ::syscall(SYS_futex, word(call), FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

Client::Client(const Target& target)
    : socket_(open_connection(target.server, "ClientService")),
      request_(RequestTemplate::get(target.region)),
      buffer_(kReadBytes),
      work_(asio::make_work_guard(lane_context_)) {}

void Client::run_lane() {
  lane_ = std::thread([this] { lane_context_.run(); });
}

void Client::stop_lane() {
  lane_context_.stop();
  if (lane_.joinable()) lane_.join();
}

void Client::get(Call& call) {
  call.blocking = true;
  call.state.store(kPending, std::memory_order_relaxed);
  start(call);
  wait_for_state(call);
}

void Client::split(std::size_t received) {
  held_ += received;
  used_ = split_frames({buffer_.data(), held_},
                       [this](std::string_view frame) { arrived_.push_back({call_id_of(frame), frame, nullptr}); });
}

void Client::consume() {
  arrived_.clear();
  std::memmove(buffer_.data(), buffer_.data() + used_, held_ - used_);
  held_ -= used_;
  used_ = 0;
}

bool Client::receive() {
  const auto n = ::recv(socket_.fd(), buffer_.data() + held_, buffer_.size() - held_, MSG_DONTWAIT);
  if (n > 0) split(static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

std::size_t Client::send_now(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto n = ::send(socket_.fd(), bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      return sent;
    } else if (errno != EINTR) {
      return bytes.size();  // the reader sees the end of the connection too, and fails the calls
    }
  }
  return sent;
}

void Client::deliver() {
  for (const auto& reply : arrived_) {
    if (reply.call == nullptr) {
      note_stray();
      continue;
    }
    reply.call->take_value(reply.frame);
    if (reply.call->blocking) {
      set_state(*reply.call, kDone);
    } else {
      reply.call->done(*reply.call);
    }
  }
}

}  // namespace hbmux::bench
