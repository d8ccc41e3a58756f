// (a) All I/O on one lane: no lock, and only the lane touches the table and the socket. The price is two hops a call.
#include "bench/threading/client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <unistd.h>

namespace hbmux::bench {
namespace {

class PostingClient final : public Client {
 public:
  explicit PostingClient(const Target& target)
      : Client(target), stream_(lane_context_, asio::ip::tcp::v4(), ::dup(socket_.fd())) {
    read();
    run_lane();
  }
  ~PostingClient() override { stop_lane(); }

  const char* name() const override { return "posting"; }

  void start(Call& call) override {
    if (on_lane()) return add(call);  // from a handler: goes out with the others when the batch is done
    Call* newest = posted_.load(std::memory_order_relaxed);
    do {
      call.next = newest;
    } while (!posted_.compare_exchange_weak(newest, &call, std::memory_order_release, std::memory_order_relaxed));
    // The call is the lane's from here on.
    if (newest == nullptr) asio::post(lane_context_, [this] { take_posted(); });
  }

 private:
  void take_posted() {
    Call* oldest = nullptr;  // the list is newest first
    for (Call* call = posted_.exchange(nullptr, std::memory_order_acquire); call != nullptr;) {
      Call* next = call->next;
      call->next = oldest;
      oldest = call;
      call = next;
    }
    while (oldest != nullptr) {
      Call& call = *oldest;
      oldest = call.next;
      add(call);
    }
    flush();
  }

  void add(Call& call) { request_.append_to(queued_, table_.add(call), call.row); }

  void flush() {
    if (waiting_) return;
    queued_.erase(0, send_now(queued_));
    if (queued_.empty()) return;
    waiting_ = true;
    stream_.async_wait(asio::ip::tcp::socket::wait_write, [this](boost::system::error_code) {
      waiting_ = false;
      flush();
    });
  }

  void read() {
    const auto room = asio::buffer(buffer_.data() + held_, buffer_.size() - held_);
    stream_.async_read_some(room, [this](boost::system::error_code error, std::size_t size) {
      if (error) return fail();
      split(size);
      for (auto& reply : arrived_) reply.call = table_.take(reply.id);
      deliver();
      consume();
      flush();
      read();
    });
  }

  void fail() {
    note_closed();
    for (Call* call : table_.take_all()) {
      call->failed = true;
      call->blocking ? set_state(*call, kDone) : call->done(*call);
    }
  }

  asio::ip::tcp::socket stream_;
  std::atomic<Call*> posted_{nullptr};
  CallTable table_;
  std::string queued_;
  bool waiting_ = false;
};

}  // namespace

std::unique_ptr<Client> make_posting_client(const Target& target) { return std::make_unique<PostingClient>(target); }

}  // namespace hbmux::bench
