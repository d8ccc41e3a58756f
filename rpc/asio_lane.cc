#include "rpc/asio_lane.h"

#include "rpc/resolver.h"
#include "rpc/tcp_stream.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fcntl.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace hbmux::rpc {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

thread_local const Lane* this_threads_lane = nullptr;

class AsioLane final : public Lane, public std::enable_shared_from_this<AsioLane> {
 public:
  AsioLane() : context_(1), work_(context_.get_executor()), timer_(context_) {}

  void start(std::size_t number) {
    thread_ = std::thread([self = shared_from_this()] {
      this_threads_lane = self.get();
      self->context_.run();
      this_threads_lane = nullptr;
      self->ended_.store(true);
      self->run_late();
    });
    ::pthread_setname_np(thread_.native_handle(), ("hbmux-lane-" + std::to_string(number)).c_str());
  }

  TimePoint now() const noexcept override { return Clock::now(); }

  // A task is never lost: whoever waits for what it does would wait for ever. Either the thread, when it ends, sees what was posted, or who posts
  // sees that it has ended.
  void post(Task task) override {
    auto self = weak_from_this().lock();  // the task may be what held the lane last
    asio::post(context_, std::move(task));
    if (self && ended_.load()) std::thread([self = std::move(self)] { self->run_late(); }).detach();
  }

  void call_at(TimePoint at, Task task) override {
    bool earliest = false;
    {
      std::lock_guard lock(timers_mutex_);
      if (!stopping_) {
        timers_.push_back({at, next_order_++, std::move(task)});
        std::push_heap(timers_.begin(), timers_.end(), Timer::later);
        earliest = at < armed_at_;
        if (earliest) armed_at_ = at;
      }
    }
    if (task) return post(std::move(task));  // stopping
    if (earliest) post([self = shared_from_this()] { self->arm(); });
  }

  Task connect(const ServerAddress& address, const StreamOptions& options, TimePoint deadline,
               core::UniqueFunction<void(Result<std::unique_ptr<Stream>>)> done) override;

  bool runs_here() const noexcept override { return this_threads_lane == this; }

  void stop() {
    std::vector<Timer> timers;
    {
      std::lock_guard lock(timers_mutex_);
      stopping_ = true;
      timers.swap(timers_);
    }
    for (auto& timer : timers) post(std::move(timer.task));
    post([self = shared_from_this()] {
      self->timer_.cancel();
      self->work_.reset();
    });
  }

  /// After stop(). Whether the thread has ended.
  bool join(TimePoint until) {
    if (!thread_.joinable()) return ended_.load(std::memory_order_acquire);
    while (!runs_here() && !ended_.load(std::memory_order_acquire) && Clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    if (ended_.load(std::memory_order_acquire)) {
      thread_.join();
      return true;
    }
    // A handler of the user's still runs on it, perhaps the one that closes the connection: the thread ends by itself.
    thread_.detach();
    return false;
  }

  asio::io_context& context() noexcept { return context_; }

 private:
  struct Timer {
    TimePoint at;
    std::uint64_t order;
    Task task;
    static bool later(const Timer& a, const Timer& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
  };

  /// What came after the lane's thread had ended: rare, and refused calls for the most part.
  void run_late() {
    std::lock_guard lock(late_mutex_);
    this_threads_lane = this;
    context_.restart();
    context_.poll();
    this_threads_lane = nullptr;
  }

  void arm() {
    TimePoint at;
    {
      std::lock_guard lock(timers_mutex_);
      if (timers_.empty() || stopping_) {
        armed_at_ = TimePoint::max();
        return;
      }
      at = armed_at_ = timers_.front().at;
    }
    timer_.expires_at(at);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
      if (!ec) self->run_due();
    });
  }

  void run_due() {
    const TimePoint now = Clock::now();
    for (;;) {
      Task task;
      {
        std::lock_guard lock(timers_mutex_);
        if (timers_.empty() || timers_.front().at > now) break;
        std::pop_heap(timers_.begin(), timers_.end(), Timer::later);
        task = std::move(timers_.back().task);
        timers_.pop_back();
      }
      task();
    }
    arm();
  }

  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer timer_;
  std::thread thread_;
  std::atomic<bool> ended_{false};
  std::mutex late_mutex_;
  std::mutex timers_mutex_;
  std::vector<Timer> timers_;  // a heap, the earliest in front
  std::uint64_t next_order_ = 0;
  TimePoint armed_at_ = TimePoint::max();
  bool stopping_ = false;
};

/// One attempt to open a stream: resolve, then try the addresses in turn until the deadline. Lives on the lane.
class Connecting : public std::enable_shared_from_this<Connecting> {
 public:
  using Done = core::UniqueFunction<void(Result<std::unique_ptr<Stream>>)>;
  Connecting(std::shared_ptr<AsioLane> lane, ServerAddress address, StreamOptions options, TimePoint deadline, Done done)
      : lane_(std::move(lane)),
        address_(std::move(address)),
        options_(options),
        deadline_(deadline),
        socket_(lane_->context()),
        done_(std::move(done)) {}

  void start() {
    lane_->call_at(deadline_, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (!self || !self->done_) return;
      const char* what = self->endpoints_.empty() ? "resolving the host name" : "connecting";
      self->finish(Error(Errc::cannot_connect, self->name() + ": " + what + " took longer than the connect time-out" +
                                                   (self->last_error_.empty() ? "" : "; before: " + self->last_error_)));
    });
    resolve(address_, [self = shared_from_this()](Result<Endpoints> endpoints) mutable {
      auto lane = self->lane_;
      lane->post([self = std::move(self), endpoints = std::move(endpoints)]() mutable {
        if (!self->done_) return;
        if (!endpoints) return self->finish(endpoints.error());
        self->endpoints_ = std::move(*endpoints);
        self->try_next(0);
      });
    });
  }

  void give_up() {
    if (done_) finish(Error(Errc::cancelled, name() + ": connecting was given up"));
  }

 private:
  std::string name() const { return address_.to_string(); }

  void try_next(std::size_t index) {
    if (index >= endpoints_.size()) {
      return finish(Error(Errc::cannot_connect, "cannot connect to " + name() + ": " +
                                                    (last_error_.empty() ? "it has no address" : last_error_)));
    }
    boost::system::error_code ec;
    if (socket_.is_open()) socket_.close(ec);
    socket_.open(endpoints_[index].protocol(), ec);
    if (!ec) ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);  // programs that ours starts do not hold it open
    if (!ec && options_.no_delay) socket_.set_option(tcp::no_delay(true), ec);
    if (!ec && options_.keep_alive) socket_.set_option(tcp::socket::keep_alive(true), ec);
    if (ec) return failed(index, ec);
    socket_.async_connect(endpoints_[index], [self = shared_from_this(), index](boost::system::error_code error) {
      if (!self->done_) return;
      if (error) return self->failed(index, error);
      self->finish(std::unique_ptr<Stream>(new TcpStream(std::move(self->socket_))));
    });
  }

  void failed(std::size_t index, boost::system::error_code ec) {
    last_error_ = ec.message() + " (" + endpoints_[index].address().to_string() + ")";
    try_next(index + 1);
  }

  void finish(Result<std::unique_ptr<Stream>> result) {
    if (!result) {
      boost::system::error_code ignored;
      socket_.close(ignored);
      result = Error(result.error()).with_server(name());
    }
    auto done = std::move(done_);
    done_ = nullptr;
    done(std::move(result));
  }

  const std::shared_ptr<AsioLane> lane_;
  const ServerAddress address_;
  const StreamOptions options_;
  const TimePoint deadline_;
  Endpoints endpoints_;
  std::string last_error_;
  tcp::socket socket_;
  Done done_;
};

Task AsioLane::connect(const ServerAddress& address, const StreamOptions& options, TimePoint deadline,
                       core::UniqueFunction<void(Result<std::unique_ptr<Stream>>)> done) {
  auto connecting = std::make_shared<Connecting>(shared_from_this(), address, options, deadline, std::move(done));
  post([connecting] { connecting->start(); });
  return [self = shared_from_this(), weak = std::weak_ptr<Connecting>(connecting)] {
    self->post([weak] {
      if (auto strong = weak.lock()) strong->give_up();
    });
  };
}

std::atomic<std::uint64_t> forks{0};

}  // namespace

const Lane* current_lane() noexcept { return this_threads_lane; }

std::vector<std::shared_ptr<Lane>> start_lanes(std::size_t count) {
  std::vector<std::shared_ptr<Lane>> lanes;
  for (std::size_t i = 0; i < count; ++i) {
    auto lane = std::make_shared<AsioLane>();
    lane->start(i);
    lanes.push_back(std::move(lane));
  }
  return lanes;
}

bool stop_lanes(const std::vector<std::shared_ptr<Lane>>& lanes) {
  for (const auto& lane : lanes) static_cast<AsioLane&>(*lane).stop();
  const TimePoint until = Clock::now() + std::chrono::milliseconds(900);
  bool ended = true;
  for (const auto& lane : lanes) ended = static_cast<AsioLane&>(*lane).join(until) && ended;
  return ended;
}

std::uint64_t fork_generation() noexcept {
  static const int registered =
      ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;
  return forks.load(std::memory_order_relaxed);
}

}  // namespace hbmux::rpc
