#include "tests/sim/link.h"

#include <algorithm>

namespace hbmux::sim {

std::size_t Pipe::send(std::string_view bytes) {
  if (ending_) return bytes.size();  // after its own end nothing of it arrives
  bytes = bytes.substr(0, room());
  const std::size_t taken = bytes.size();
  under_way_ += taken;
  while (!bytes.empty()) {
    const std::size_t size = std::min(
        bytes.size(), static_cast<std::size_t>(random_.between(1, static_cast<std::int64_t>(plan_.segment_max))));
    last_arrival_ = std::max(last_arrival_, scheduler_.now() + random_.time(plan_.latency_min, plan_.latency_max));
    scheduler_.at(last_arrival_, [self = shared_from_this(), segment = std::string(bytes.substr(0, size))]() mutable {
      self->arrive(std::move(segment));
    });
    bytes.remove_prefix(size);
  }
  return taken;
}

// An empty segment is the end.
void Pipe::send_end() {
  if (std::exchange(ending_, true)) return;
  last_arrival_ = std::max(last_arrival_, scheduler_.now() + random_.time(plan_.latency_min, plan_.latency_max));
  scheduler_.at(last_arrival_, [self = shared_from_this()] { self->arrive({}); });
}

void Pipe::arrive(std::string segment) {
  if (cut_) return;
  if (stalled_) {
    held_.push_back(std::move(segment));
  } else {
    deliver(std::move(segment));
  }
}

void Pipe::deliver(std::string segment) {
  under_way_ -= segment.size();
  if (segment.empty()) ended_ = true;
  arrived_ += segment;
  const auto keep = shared_from_this();
  if (on_arrival) on_arrival();
  if (!cut_ && on_room) on_room();
}

void Pipe::go_on() {
  stalled_ = false;
  auto held = std::move(held_);
  held_.clear();
  for (auto& segment : held) arrive(std::move(segment));
}

void Link::reset() {
  if (std::exchange(is_reset_, true)) return;
  up->cut();
  down->cut();
  const auto client = on_client_reset, server = on_server_reset;
  if (server) server();
  if (client) client();
}

}  // namespace hbmux::sim
