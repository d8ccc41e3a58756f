#include "bench/threading/gathering.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace hbmux::bench {

void GatheringClient::start(Call& call) {
  std::unique_lock lock(mutex_);
  lone_calls_ = table_.size() == 0 ? std::min(lone_calls_ + 1, kLoneCalls) : 0;
  request_.append_to(queued_, table_.add(call), call.row);
  if (writing_ || on_lane()) return;  // goes out with the writer's next write, or when the lane is done with its batch
  if (in_place()) {
    writing_ = true;
    return write(lock);
  }
  if (flush_posted_) return;
  flush_posted_ = true;
  lock.unlock();
  asio::post(lane_context_, [this] { flush(); });
}

void GatheringClient::flush() {
  std::unique_lock lock(mutex_);
  flush_posted_ = false;
  if (writing_ || queued_.empty()) return;
  writing_ = true;
  write(lock);
}

void GatheringClient::write(std::unique_lock<std::mutex>& lock) {
  while (!queued_.empty()) {
    out_.swap(queued_);
    lock.unlock();
    out_.erase(0, send_now(out_));
    if (!out_.empty()) return asio::post(lane_context_, [this] { wait_writable(); });
    lock.lock();
  }
  writing_ = false;
}

void GatheringClient::write_on() {
  out_.erase(0, send_now(out_));
  if (!out_.empty()) return wait_writable();
  std::unique_lock lock(mutex_);
  write(lock);
}

void GatheringClient::fail_all() {
  note_closed();
  std::unique_lock lock(mutex_);
  const auto calls = table_.take_all();
  lock.unlock();
  for (Call* call : calls) {
    call->failed = true;
    call->blocking ? set_state(*call, kDone) : call->done(*call);
  }
}

}  // namespace hbmux::bench
