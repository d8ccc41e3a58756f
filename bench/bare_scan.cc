// A scan as cheap as a hand-written socket can make it: it asks, finds out whether there is more, and throws the cells away unseen.
//   bench_bare_scan --cluster HOST:PORT [--table bench] --rows N [--core N]
// N is how many rows there are, for the figures. Prints "client=bare op=scan rows=... seconds=... cpu_us_per_row=... mib=...".
#include "bench/arguments.h"
#include "bench/frames.h"
#include "bench/measure.h"
#include "bench/target.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {
using namespace hbmux::bench;

constexpr std::uint64_t kAnswerBytes = 2 << 20;  // hbase.client.scanner.max.result.size

class BareScan {
 public:
  explicit BareScan(const Target& target) : socket_(open_connection(target.server, "ClientService")), buffer_(256 << 10) {
    std::string region, scan;
    put_number(region, 1, 1);  // REGION_NAME
    put_bytes(region, 2, target.region);
    put_number(scan, 10, kAnswerBytes);
    put_bytes(open_, 1, region);
    put_bytes(open_, 2, scan);
  }

  /// The bytes that came.
  std::uint64_t run() {
    std::uint64_t bytes = 0;
    std::string param = open_;
    for (std::uint32_t call = 0, more = 1; more != 0; ++call) {
      put_number(param, 4, std::numeric_limits<std::int32_t>::max());  // number_of_rows
      put_number(param, 7, 1);                                         // client_handles_partials
      put_number(param, 8, 1);                                         // client_handles_heartbeats
      send_all(socket_.fd(), request_frame(kFirstCallId + call, "Scan", param));
      bytes += receive();
      if (call == 0) scanner_ = find_number(message_, 2);
      more = static_cast<std::uint32_t>(find_number(message_, 8));
      param.clear();
      put_number(param, 3, scanner_);
      put_number(param, 6, call);  // next_call_seq
    }
    return bytes;
  }

 private:
  /// Reads one answer: its beginning stays in the buffer until what is behind the message has to be thrown away.
  std::uint64_t receive() {
    held_ = 0;
    while (!has_message()) read_some();
    const std::uint64_t size = 4 + std::uint64_t{get_u32(buffer_.data())};
    message_ = answer_;
    for (std::uint64_t rest = size - held_; rest > 0;) {
      const auto n = ::recv(socket_.fd(), buffer_.data(), std::min<std::uint64_t>(rest, buffer_.size()), 0);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw std::runtime_error("the server closed the connection");
      rest -= static_cast<std::uint64_t>(n);
    }
    return size;
  }
  bool has_message() {
    if (held_ < 4) return false;
    const std::size_t size = get_u32(buffer_.data());
    std::string_view frame(buffer_.data() + 4, std::min(size, held_ - 4)), header;
    if (const auto error = held_ == 4 + size ? error_of(frame) : std::string(); !error.empty()) throw std::runtime_error(error);
    return take_delimited(frame, header) && take_delimited(frame, answer_);
  }
  void read_some() {
    if (held_ == buffer_.size()) throw std::runtime_error("the beginning of an answer is too large");
    const auto n = ::recv(socket_.fd(), buffer_.data() + held_, buffer_.size() - held_, 0);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) throw std::runtime_error(n == 0 ? "the server closed the connection" : std::strerror(errno));
    held_ += static_cast<std::size_t>(n);
  }

  Socket socket_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;
  std::string open_;
  std::string_view answer_;
  std::string message_;
  std::uint64_t scanner_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  Arguments args(argc, argv);
  const auto cluster = args.text("--cluster");
  const auto table = args.text("--table", "bench");
  const auto rows = args.integer("--rows", 1000000);
  const int core = args.integer("--core", -1);
  args.done();
  if (core >= 0) pin(0, core);
  BareScan scan(locate(Address::parse(cluster), table));
  const auto before = Usage::now();
  const std::uint64_t bytes = scan.run();
  const auto after = Usage::now();
  std::printf("client=bare op=scan rows=%d seconds=%.2f cpu_us_per_row=%.3f mib=%.1f\n", rows,
              std::chrono::duration<double>(after.at - before.at).count(), (after.cpu_us - before.cpu_us) / rows,
              static_cast<double>(bytes) / (1 << 20));
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_bare_scan: %s\n", e.what());
  return 2;
}
