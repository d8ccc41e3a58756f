#include "bench/bare_client.h"

#include "bench/frames.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace hbmux::bench {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

RequestTemplate request_for(const Target& target, std::string_view op) {
  if (op == "get") return RequestTemplate::get(target.region);
  if (op == "put") return RequestTemplate::put(target.region);
  throw std::runtime_error("no such operation: " + std::string(op));
}

/// The window of calls in flight and the buffers of one run.
class BareRun {
 public:
  BareRun(const Target& target, std::string_view op, std::uint32_t rows)
      : socket_(open_connection(target.server, "ClientService")),
        request_(request_for(target, op)),
        rows_(rows),
        buffer_(kReadBytes) {}

  /// Adds a call to the next write.
  void add(std::uint32_t row) {
    request_.append_to(out_, next_id_, row);
    next_id_ = next_id_ == kLastCallId ? kFirstCallId : next_id_ + 1;
    ++queued_;
  }
  void add_random() {
    seed_ ^= seed_ << 13;
    seed_ ^= seed_ >> 7;
    seed_ ^= seed_ << 17;
    add(static_cast<std::uint32_t>((seed_ >> 32) * rows_ >> 32));
  }

  /// One gathered write of all that was added.
  void write() {
    if (out_.empty()) return;
    const auto now = Clock::now();
    for (auto id = next_id_ - queued_; id != next_id_; ++id) sent_at_[id % kSlots] = now;
    send_all(socket_.fd(), out_);
    out_.clear();
    queued_ = 0;
  }

  /// One read; hands each reply's id to `done`.
  template <typename Done>
  void read(Done&& done) {
    const auto n = ::recv(socket_.fd(), buffer_.data() + held_, buffer_.size() - held_, 0);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) throw std::runtime_error(n == 0 ? "the server closed the connection" : std::strerror(errno));
    held_ += static_cast<std::size_t>(n);
    const auto now = Clock::now();
    const auto used = split_frames({buffer_.data(), held_}, [&](std::string_view frame) {
      const auto id = call_id_of(frame);
      if (frame_size_ == 0) frame_size_ = frame.size();
      wrong += frame.size() != frame_size_;
      const auto took = now - sent_at_[id % kSlots];
      latency.record(static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count()));
      done();
    });
    std::memmove(buffer_.data(), buffer_.data() + used, held_ - used);
    held_ -= used;
  }

  Histogram latency;
  std::uint64_t wrong = 0;

 private:
  static constexpr std::size_t kSlots = 4096;
  Socket socket_;
  RequestTemplate request_;
  std::uint32_t rows_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;
  std::string out_;
  std::uint32_t next_id_ = kFirstCallId;
  std::uint32_t queued_ = 0;
  std::uint64_t seed_ = 0x9e3779b97f4a7c15;
  std::size_t frame_size_ = 0;
  std::vector<Clock::time_point> sent_at_ = std::vector<Clock::time_point>(kSlots);
};

}  // namespace

void load_rows(const Target& target, std::uint32_t rows) {
  BareRun run(target, "put", rows);
  std::uint32_t next = 0, done = 0;
  for (; next < rows && next < 64; ++next) run.add(next);
  while (done < rows) {
    run.write();
    run.read([&] {
      ++done;
      if (next < rows) run.add(next++);
    });
  }
  if (run.wrong > 0) throw std::runtime_error(std::to_string(run.wrong) + " puts failed");
}

void check_rows(const Target& target, std::uint32_t rows) {
  const auto socket = open_connection(target.server, "ClientService");
  const auto put = RequestTemplate::put(target.region), get = RequestTemplate::get(target.region);
  for (const auto row : {0u, rows / 2, rows - 1}) {
    std::string frame;
    put.append_to(frame, kFirstCallId, row);
    exchange(socket.fd(), frame);
    frame.clear();
    get.append_to(frame, kFirstCallId, row);
    send_all(socket.fd(), frame);
    std::vector<char> reply(4096);
    std::size_t held = 0;
    bool seen = false;
    while (!seen) {
      const auto n = ::recv(socket.fd(), reply.data() + held, reply.size() - held, 0);
      if (n <= 0) throw std::runtime_error("no reply to a get");
      held += static_cast<std::size_t>(n);
      split_frames({reply.data(), held}, [&](std::string_view f) {
        seen = true;
        if (const auto error = error_of(f); !error.empty()) throw std::runtime_error(error);
        if (!f.ends_with(value_of(row))) throw std::runtime_error("a get's reply does not end with the value");
      });
    }
  }
}

Measurement run_bare(const Target& target, const BareOptions& options) {
  BareRun run(target, options.op, options.rows);
  for (int i = 0; i < options.in_flight; ++i) run.add_random();
  const auto before = Usage::now();
  const auto end = before.at + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  std::uint64_t calls = 0;
  while (Clock::now() < end) {
    run.write();
    run.read([&] {
      ++calls;
      run.add_random();
    });
  }
  Measurement m;
  m.used(before, Usage::now());
  m.calls = calls;
  m.wrong = run.wrong;
  m.latency = run.latency;
  return m;
}

}  // namespace hbmux::bench
