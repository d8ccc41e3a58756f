// Writing in place, as (b) and (c) do it.
#pragma once

#include "bench/threading/client.h"

#include <boost/asio/ip/tcp.hpp>

#include <mutex>

namespace hbmux::bench {

/// `mutex_` guards the table, the queue and the two flags; nothing blocks under it. Whoever sets `writing_` owns `out_` until it clears
/// the flag: frames that come meanwhile collect in `queued_` and go out in its next write.
class GatheringClient : public Client {
 public:
  void start(Call& call) override;

 protected:
  GatheringClient(const Target& target, InPlace in_place) : Client(target), in_place_(in_place) {}

  /// Whether the caller that comes now should act itself; with the lock held.
  bool in_place() const noexcept { return in_place_ == InPlace::always || lone_calls_ >= kLoneCalls; }

  /// The lane writes what has collected: after a batch of handlers, or when a caller asked for it.
  void flush();
  void fail_all();
  /// Called on the lane when the socket was full; write_on() must follow when it takes bytes again.
  virtual void wait_writable() = 0;
  void write_on();

  std::mutex mutex_;
  CallTable table_;

 private:
  void write(std::unique_lock<std::mutex>& lock);

  /// Several threads that take turns look alone now and then; so many times in a row they do not.
  static constexpr int kLoneCalls = 16;

  const InPlace in_place_;
  int lone_calls_ = 0;
  std::string queued_;
  std::string out_;
  bool writing_ = false;
  bool flush_posted_ = false;
};

}  // namespace hbmux::bench
