#include "tests/sim/simulated_lane.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>

namespace hbmux::sim {

namespace error = boost::asio::error;

// ---------------------------------------------------------------- the stream

SimulatedStream::SimulatedStream(std::shared_ptr<Link> link, std::shared_ptr<rpc::Lane> lane, Random random,
                                 const FaultPlan& plan)
    : link_(std::move(link)), lane_(std::move(lane)), random_(random), plan_(plan) {
  link_->down->on_arrival = [this] { tell(when_readable_, {}); };
  link_->up->on_room = [this] { tell(when_writable_, {}); };
  link_->on_client_reset = [this] {
    tell(when_readable_, {});
    tell(when_writable_, {});
  };
}

SimulatedStream::~SimulatedStream() { close(); }

void SimulatedStream::tell(Ready& waiting, boost::system::error_code ec) {
  if (!waiting) return;
  lane_->post([ready = std::move(waiting), ec]() mutable { ready(ec); });
  waiting = nullptr;
}

std::size_t SimulatedStream::write_some(std::span<const std::string_view> buffers,
                                        boost::system::error_code& ec) noexcept {
  ec.clear();
  if (closed_ || link_->is_reset()) {
    ec = error::broken_pipe;
    return 0;
  }
  std::size_t total = 0;
  for (const auto& buffer : buffers) total += buffer.size();
  std::size_t most = std::min(total, link_->up->room());
  if (most > 1 && random_.chance(plan_.short_write)) most = 1 + random_.below(most);
  std::size_t written = 0;
  for (const auto& buffer : buffers) {
    if (written == most) break;
    written += link_->up->send(buffer.substr(0, most - written));
  }
  if (written == 0 && total != 0) ec = error::would_block;
  return written;
}

bool SimulatedStream::readable() const noexcept {
  return !link_->down->arrived().empty() || link_->down->has_ended() || link_->is_reset();
}

std::size_t SimulatedStream::read_some(char* at, std::size_t size, boost::system::error_code& ec) noexcept {
  ec.clear();
  std::string& arrived = link_->down->arrived();
  if (link_->is_reset()) {  // what had arrived is lost as well
    ec = error::connection_reset;
    return 0;
  }
  if (arrived.empty()) {
    ec = link_->down->has_ended() ? boost::system::error_code(error::eof) : error::would_block;
    return 0;
  }
  size = std::min(size, arrived.size());
  if (size > 1 && random_.chance(plan_.short_read)) size = 1 + random_.below(size);
  std::memcpy(at, arrived.data(), size);
  arrived.erase(0, size);
  return size;
}

void SimulatedStream::async_wait_readable(Ready ready) {
  when_readable_ = std::move(ready);
  if (readable() || random_.chance(plan_.idle_wake)) tell(when_readable_, {});
}

void SimulatedStream::async_wait_writable(Ready ready) {
  when_writable_ = std::move(ready);
  if (link_->up->room() > 0 || link_->is_reset()) tell(when_writable_, {});
}

void SimulatedStream::close() noexcept {
  if (std::exchange(closed_, true)) return;
  link_->down->on_arrival = nullptr;
  link_->up->on_room = nullptr;
  link_->on_client_reset = nullptr;
  if (!link_->is_reset()) link_->up->send_end();
  tell(when_readable_, error::operation_aborted);
  tell(when_writable_, error::operation_aborted);
}

// ---------------------------------------------------------------- the lane

std::chrono::microseconds SimulatedLane::lag() noexcept {
  if (plan_.lane_lag_max.count() == 0) return std::chrono::microseconds(0);
  return random_.time(std::chrono::microseconds(0), plan_.lane_lag_max);
}

void SimulatedLane::run(Task task) {
  running_ = true;
  task();
  running_ = false;
}

void SimulatedLane::post(Task task) {
  last_turn_ = std::max(last_turn_, scheduler_.now() + lag());
  ++pending_;
  scheduler_.at(last_turn_, [self = shared_from_this(), task = std::move(task)]() mutable {
    --self->pending_;
    self->run(std::move(task));
  });
}

void SimulatedLane::call_at(TimePoint at, Task task) {
  if (stopping_) return post(std::move(task));
  const std::pair key{std::max(at, scheduler_.now()) + lag(), next_timer_++};
  timers_.emplace(key, std::move(task));
  scheduler_.at(key.first, [self = shared_from_this(), key] {
    const auto timer = self->timers_.find(key);
    if (timer == self->timers_.end()) return;
    Task due = std::move(timer->second);
    self->timers_.erase(timer);
    self->run(std::move(due));
  });
}

void SimulatedLane::stop() {
  stopping_ = true;
  auto timers = std::move(timers_);
  timers_.clear();
  for (auto& [key, task] : timers) post(std::move(task));
}

Task SimulatedLane::connect(const ServerAddress& address, const rpc::StreamOptions&, TimePoint deadline,
                            ConnectDone done) {
  return connect_(shared_from_this(), address, deadline, std::move(done));
}

}  // namespace hbmux::sim
