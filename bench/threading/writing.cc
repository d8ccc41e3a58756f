// (b) The caller writes in place when nobody is writing; the lane reads and wakes the caller. One hop a call.
#include "bench/threading/gathering.h"

#include <unistd.h>

namespace hbmux::bench {
namespace {

class WritingClient final : public GatheringClient {
 public:
  WritingClient(const Target& target, InPlace in_place)
      : GatheringClient(target, in_place),
        name_(in_place == InPlace::always ? "writing" : "lone-writing"),
        stream_(lane_context_, asio::ip::tcp::v4(), ::dup(socket_.fd())) {
    read();
    run_lane();
  }
  ~WritingClient() override { stop_lane(); }

  const char* name() const override { return name_; }

 private:
  void read() {
    const auto room = asio::buffer(buffer_.data() + held_, buffer_.size() - held_);
    stream_.async_read_some(room, [this](boost::system::error_code error, std::size_t size) {
      if (error) return fail_all();
      split(size);
      {
        std::lock_guard lock(mutex_);
        for (auto& reply : arrived_) reply.call = table_.take(reply.id);
      }
      deliver();
      consume();
      flush();
      read();
    });
  }

  void wait_writable() override {
    stream_.async_wait(asio::ip::tcp::socket::wait_write, [this](boost::system::error_code) { write_on(); });
  }

  const char* const name_;
  asio::ip::tcp::socket stream_;
};

}  // namespace

std::unique_ptr<Client> make_writing_client(const Target& target, InPlace in_place) {
  return std::make_unique<WritingClient>(target, in_place);
}

}  // namespace hbmux::bench
