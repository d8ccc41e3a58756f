// (c) As (b), and a blocking caller also reads when nobody reads: no hop at all while one caller is alone. It completes the calls of
// others on the way, and passes the role on when its own reply has come.
//
// The socket must not be in the lane's own reactor, which would wake for each reply. It lies in a second epoll set, which the lane
// watches, armed for one event (EPOLLONESHOT). Callers leave it unarmed while they read; a timer arms it again when no caller has read
// for a tick, so that the end of an idle connection is seen within two ticks.
#include "bench/threading/gathering.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace hbmux::bench {
namespace {

constexpr auto kTick = std::chrono::milliseconds(5);

class ReadingClient final : public GatheringClient {
 public:
  ReadingClient(const Target& target, InPlace in_place)
      : GatheringClient(target, in_place),
        passes_role_on_(in_place == InPlace::always),
        name_(in_place == InPlace::always ? "reading" : "lone-reading"),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        watch_(lane_context_, ::dup(epoll_.fd())),
        stream_(lane_context_),
        timer_(lane_context_) {
    arm(EPOLL_CTL_ADD);
    wait_readable();
    run_lane();
  }
  ~ReadingClient() override { stop_lane(); }

  const char* name() const override { return name_; }

  void start(Call& call) override {
    GatheringClient::start(call);
    if (call.blocking) return;
    std::lock_guard lock(mutex_);
    ++async_;
    if (!reading_ && !armed_) arm(EPOLL_CTL_MOD);
  }

  void get(Call& call) override {
    call.blocking = true;
    call.state.store(kPending, std::memory_order_relaxed);
    call.taken = false;
    GatheringClient::start(call);
    {
      std::unique_lock lock(mutex_);
      if (!call.taken && !reading_ && in_place()) {
        reading_ = true;
      } else {
        if (!call.taken) link(call);  // else whoever took it is about to say so, and nobody may find it in the list
        if (!reading_ && !armed_) arm(EPOLL_CTL_MOD);
        lock.unlock();
        if (wait_for_state(call) == kDone) return;
        call.state.store(kPending);
      }
    }
    read_until(call);
  }

 private:
  /// The calling thread has the reader's role.
  void read_until(Call& own) {
    bool mine = false;
    while (!mine) {
      pollfd wanted{socket_.fd(), POLLIN, 0};
      ::poll(&wanted, 1, 10000);
      if (!receive()) return fail();
      take_calls();
      Call* handlers = nullptr;
      for (const auto& reply : arrived_) {
        if (reply.call == nullptr) {
          note_stray();
          continue;
        }
        reply.call->take_value(reply.frame);
        if (reply.call == &own) {
          mine = true;
        } else if (reply.call->blocking) {
          set_state(*reply.call, kDone);
        } else {
          reply.call->next = handlers;
          handlers = reply.call;
        }
      }
      consume();
      if (handlers != nullptr) asio::post(lane_context_, [this, handlers] { run_handlers(handlers); });
    }
    release();
  }

  /// The lane has the role; one read, as more to read arms the socket at once.
  void read_on_lane() {
    if (!receive()) return fail();
    take_calls();
    deliver();
    consume();
    flush();
    release();
  }

  void take_calls() {
    std::lock_guard lock(mutex_);
    for (auto& reply : arrived_) {
      reply.call = table_.take(reply.id);
      if (reply.call == nullptr) continue;
      reply.call->taken = true;
      if (!reply.call->blocking) --async_;
      if (reply.call->listed) unlink(*reply.call);
    }
  }

  void release() {
    std::unique_lock lock(mutex_);
    ++reads_;
    if (newest_ != nullptr && passes_role_on_) {
      Call& next = *newest_;  // the one that will have the role for longest
      unlink(next);
      lock.unlock();
      return set_state(next, kReader);
    }
    reading_ = false;
    if (!armed_ && (on_lane() || async_ > 0 || newest_ != nullptr)) arm(EPOLL_CTL_MOD);
  }

  void run_handlers(Call* call) {
    while (call != nullptr) {
      Call* next = call->next;
      call->done(*call);
      call = next;
    }
    flush();
  }

  void fail() {
    {
      std::lock_guard lock(mutex_);
      while (newest_ != nullptr) {
        newest_->taken = true;
        unlink(*newest_);
      }
    }
    fail_all();
  }

  void arm(int operation) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    armed_ = ::epoll_ctl(epoll_.fd(), operation, socket_.fd(), &event) == 0;
  }

  void wait_readable() {
    watch_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
      if (error) return;
      epoll_event event{};
      if (::epoll_wait(epoll_.fd(), &event, 1, 0) == 1) on_readable();
      if (!closed()) wait_readable();
    });
  }

  void on_readable() {
    {
      std::lock_guard lock(mutex_);
      armed_ = false;
      if (reading_) return start_timer();  // a caller reads; this was the one needless wake-up
      reading_ = true;
    }
    read_on_lane();
  }

  void start_timer() {
    if (ticking_) return;
    ticking_ = true;
    reads_seen_ = reads_;
    tick();
  }

  void tick() {
    timer_.expires_after(kTick);
    timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      std::lock_guard lock(mutex_);
      if (!armed_ && !reading_ && reads_ == reads_seen_) arm(EPOLL_CTL_MOD);
      reads_seen_ = reads_;
      ticking_ = !armed_;
      if (ticking_) tick();
    });
  }

  void wait_writable() override {
    if (!stream_.is_open()) stream_.assign(asio::ip::tcp::v4(), ::dup(socket_.fd()));
    stream_.async_wait(asio::ip::tcp::socket::wait_write, [this](boost::system::error_code) { write_on(); });
  }

  void link(Call& call) {
    call.listed = true;
    call.previous = newest_;
    call.next = nullptr;
    if (newest_ != nullptr) newest_->next = &call;
    newest_ = &call;
  }
  void unlink(Call& call) {
    if (call.previous != nullptr) call.previous->next = call.next;
    (call.next != nullptr ? call.next->previous : newest_) = call.previous;
    call.listed = false;
  }

  const bool passes_role_on_;  ///< To another caller; else to the lane.
  const char* const name_;
  Socket epoll_;
  asio::posix::stream_descriptor watch_;
  asio::ip::tcp::socket stream_;
  asio::steady_timer timer_;

  // Guarded by mutex_.
  Call* newest_ = nullptr;  ///< Blocking callers that sleep.
  std::size_t async_ = 0;   ///< Calls in flight that no caller waits for.
  bool reading_ = false;    ///< Somebody has the reader's role, and with it the buffer.
  bool armed_ = false;
  bool ticking_ = false;
  std::uint64_t reads_ = 0;
  std::uint64_t reads_seen_ = 0;
};

}  // namespace

std::unique_ptr<Client> make_reading_client(const Target& target, InPlace in_place) {
  return std::make_unique<ReadingClient>(target, in_place);
}

}  // namespace hbmux::bench
