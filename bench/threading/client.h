// The base of the three prototypes: a connected socket, a lane (one thread that runs an Asio context), reading and splitting.
#pragma once

#include "bench/target.h"
#include "bench/threading/call.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hbmux::bench {

namespace asio = boost::asio;

/// One connection that many threads share. A connection that the server closes fails all calls and stays closed.
class Client {
 public:
  virtual ~Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  virtual const char* name() const = 0;
  /// Any thread; `call.done` runs on the lane.
  virtual void start(Call& call) = 0;
  /// Any thread but the lane. Returns when the call is done.
  virtual void get(Call& call);
  bool closed() const { return closed_.load(); }
  /// Replies that belonged to no call.
  std::uint64_t strays() const { return strays_.load(); }

 protected:
  struct Arrived {
    std::uint32_t id;
    std::string_view frame;
    Call* call;
  };

  explicit Client(const Target& target);
  void run_lane();   ///< At the end of the most derived constructor.
  void stop_lane();  ///< At the begin of the most derived destructor.
  bool on_lane() const noexcept { return std::this_thread::get_id() == lane_.get_id(); }

  /// What recv() gave: adds to `arrived_`. The frames stay where they are until consume().
  void split(std::size_t received);
  void consume();
  /// Reads what is there without waiting; false when the connection has ended.
  bool receive();
  /// Sends without waiting; returns how much of it went, or throws nothing: a broken connection takes all.
  std::size_t send_now(std::string_view bytes);
  void note_closed() { closed_.store(true); }
  void note_stray() { strays_.fetch_add(1, std::memory_order_relaxed); }
  /// Hands the replies out: wakes blocking callers, runs the handlers of the others. On the lane only.
  void deliver();

  asio::io_context lane_context_{1};
  Socket socket_;
  RequestTemplate request_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;
  std::size_t used_ = 0;
  std::vector<Arrived> arrived_;

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread lane_;
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> strays_{0};
};

/// When a caller acts itself instead of leaving it to the lane.
enum class InPlace {
  always,  ///< Whenever nobody else is at it.
  lone     ///< Only when the last calls each found no other call in flight; else as (a), so that writes gather.
};

/// (a) All I/O on the lane; a caller links its call into a list, and the first one posts the lane a visit.
std::unique_ptr<Client> make_posting_client(const Target& target);
/// (b) The caller writes in place when nobody is writing; the lane reads.
std::unique_ptr<Client> make_writing_client(const Target& target, InPlace in_place);
/// (c) As (b); and a blocking caller also reads when nobody reads.
std::unique_ptr<Client> make_reading_client(const Target& target, InPlace in_place);

}  // namespace hbmux::bench
