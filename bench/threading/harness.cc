// The threading decision (docs/adr/0001-threading.md): prototypes of a multiplexing connection beside the bare client, in one run.
//   bench_threading [--pin] [--seconds 2] [--rounds 5] [--threads 1,8,64] [--in-flight 1,64,256] [--own-thread 64]
//                   [--server canned|mini] [--cluster HOST:PORT] [--only NAME]
#include "bench/arguments.h"
#include "bench/bare_client.h"
#include "bench/child.h"
#include "bench/threading/client.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

namespace {
using namespace hbmux::bench;

constexpr std::uint32_t kRows = 10000;
constexpr int kServerCore = 0;
constexpr int kClientCore = 1;

using Maker = std::function<std::unique_ptr<Client>(const Target&)>;

std::vector<Maker> prototypes() {
  return {
      [](const Target& t) { return make_posting_client(t); },
      [](const Target& t) { return make_writing_client(t, InPlace::always); },
      [](const Target& t) { return make_reading_client(t, InPlace::always); },
      [](const Target& t) { return make_writing_client(t, InPlace::lone); },
      [](const Target& t) { return make_reading_client(t, InPlace::lone); },
  };
}

struct Random {
  std::uint64_t state;
  std::uint32_t row() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<std::uint32_t>((state >> 32) * kRows >> 32);
  }
};

void record(Measurement& m, const Call& call) {
  m.latency.record(static_cast<std::uint64_t>(std::chrono::nanoseconds(Clock::now() - call.started).count()));
  ++m.calls;
  m.wrong += !call.right();
}

Measurement run_blocking(Client& client, int threads, double seconds) {
  std::atomic<bool> stop{false};
  std::vector<Measurement> parts(static_cast<std::size_t>(threads));
  std::vector<std::thread> workers;
  const auto before = Usage::now();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    workers.emplace_back([&, i] {
      Random random{0x9e3779b97f4a7c15 * (i + 1)};
      Call call;
      while (!stop.load(std::memory_order_relaxed)) {
        call.row = random.row();
        call.started = Clock::now();
        client.get(call);
        record(parts[i], call);
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  for (auto& w : workers) w.join();
  Measurement m;
  m.used(before, Usage::now());
  for (const auto& part : parts) {
    m.calls += part.calls;
    m.wrong += part.wrong;
    m.latency.add(part.latency);
  }
  return m;
}

/// Handlers start the next call: on the lane, or posted to a thread of the user's own. All run on one thread, so that nothing here needs
/// a lock.
struct AsyncLoad {
  Client& client;
  asio::io_context* own = nullptr;
  Measurement result;
  Random random{0x9e3779b97f4a7c15};
  std::atomic<bool> stop{false};
  std::atomic<int> in_flight{0};

  void begin(Call& call) {
    call.row = random.row();
    call.started = Clock::now();
    client.start(call);
  }
  void finish(Call& call) {
    record(result, call);
    if (stop.load(std::memory_order_relaxed)) {
      in_flight.fetch_sub(1);
      in_flight.notify_one();
    } else {
      begin(call);
    }
  }
  static void done(Call& call) {
    auto* self = static_cast<AsyncLoad*>(call.context);
    if (self->own == nullptr) return self->finish(call);
    asio::post(*self->own, [self, &call] { self->finish(call); });
  }
};

Measurement run_async(Client& client, int in_flight, double seconds, asio::io_context* own) {
  AsyncLoad load{client, own, {}};
  load.in_flight = in_flight;
  std::vector<Call> calls(static_cast<std::size_t>(in_flight));
  std::vector<std::uint32_t> first_rows;
  for (std::size_t i = 0; i < calls.size(); ++i) first_rows.push_back(load.random.row());
  const auto before = Usage::now();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    calls[i].context = &load;
    calls[i].done = AsyncLoad::done;
    calls[i].row = first_rows[i];
    calls[i].started = Clock::now();
    client.start(calls[i]);
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  load.stop = true;
  for (int left = load.in_flight; left > 0; left = load.in_flight) load.in_flight.wait(left);
  auto m = load.result;
  m.used(before, Usage::now());
  return m;
}

Measurement run_mode(Client& client, asio::io_context& own, const std::string& mode, int n, double seconds) {
  if (mode == "blocking") return run_blocking(client, n, seconds);
  if (mode == "async") return run_async(client, n, seconds, nullptr);
  auto work = asio::make_work_guard(own);
  std::thread thread([&] { own.run(); });
  auto m = run_async(client, n, seconds, &own);
  work.reset();
  thread.join();
  return m;
}

/// How long an idle connection takes to notice that its server was killed.
double milliseconds_to_see_fin(const Maker& make, const std::vector<std::string>& command) {
  Child server(command);
  const auto client = make(server.target());
  run_blocking(*client, 1, 0.05);
  const auto start = Clock::now();
  server.kill();
  while (!client->closed() && Clock::now() - start < std::chrono::seconds(2)) {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class Harness {
 public:
  Harness(Target target, int server_pid, double seconds) : target_(std::move(target)), pid_(server_pid), seconds_(seconds) {}

  void bare(int in_flight) {
    BareOptions options;
    options.in_flight = in_flight;
    options.seconds = seconds_;
    measure([&] { return run_bare(target_, options); }, {"bare", "get", "async", in_flight});
  }
  void prototype(const Maker& make, const std::string& mode, int n) {
    asio::io_context own(1);  // outlives the lane that posts to it
    const auto client = make(target_);
    measure([&] { return run_mode(*client, own, mode, n, seconds_); }, {client->name(), "get", mode, n});
    if (client->strays() > 0) throw std::runtime_error(std::string(client->name()) + ": replies to nobody");
  }
  void print() {
    for (const auto& [label, runs] : results_) std::puts(line(label, Figures::median(runs)).c_str());
  }
  bool any_wrong() const { return wrong_; }

 private:
  template <typename Run>
  void measure(Run&& run, const Label& label) {
    const double server_before = cpu_us_of(pid_);
    auto m = run();
    m.server_cpu_us = cpu_us_of(pid_) - server_before;
    wrong_ |= m.wrong > 0;
    runs_of(label).push_back(Figures::of(m));
  }

  std::vector<Figures>& runs_of(const Label& label) {
    const auto same = [&](const auto& result) {
      return result.first.client == label.client && result.first.mode == label.mode && result.first.n == label.n;
    };
    auto found = std::find_if(results_.begin(), results_.end(), same);
    if (found == results_.end()) found = results_.insert(found, {label, {}});
    return found->second;
  }

  Target target_;
  int pid_;
  double seconds_;
  bool wrong_ = false;
  std::vector<std::pair<Label, std::vector<Figures>>> results_;
};

int run(int argc, char** argv) {
  Arguments args(argc, argv);
  const bool pinned = args.flag("--pin");
  const double seconds = args.number("--seconds", 2);
  const int rounds = args.integer("--rounds", 5);
  const auto threads = args.list("--threads", "1,2,8,64");
  const auto in_flight = args.list("--in-flight", "1,64,256");
  const auto own_thread = args.list("--own-thread", "64");
  const auto cluster = args.text("--cluster");
  const auto server_name = args.text("--server", "canned");
  const auto only = args.text("--only");
  args.done();

  const std::vector<std::string> command{
      beside_this_program(server_name == "canned" ? "bench_canned_server" : "bench_server")};
  std::optional<Child> server;
  if (cluster.empty()) server.emplace(command);
  const auto target = server ? server->target() : locate(Address::parse(cluster), "bench");
  if (pinned) {
    if (server) pin(server->pid(), kServerCore);
    pin(0, kClientCore);
  }
  if (server_name != "canned") load_rows(target, kRows);
  check_rows(target, kRows);

  std::printf("# server %s, pinned %s, %.1f s, %d rounds, load average before %.2f\n", server_name.c_str(),
              pinned ? "yes" : "no", seconds, rounds, load_average());
  auto makers = prototypes();
  std::erase_if(makers, [&](const Maker& make) { return !only.empty() && only != make(target)->name(); });
  Harness harness(target, server ? server->pid() : 0, seconds);
  for (int round = 0; round < rounds; ++round) {
    for (const int n : threads) {
      if (n == 1) harness.bare(1);
      for (const auto& make : makers) harness.prototype(make, "blocking", n);
    }
    for (const int n : in_flight) {
      if (n > 1) harness.bare(n);
      for (const auto& make : makers) harness.prototype(make, "async", n);
    }
    for (const int n : own_thread) {
      for (const auto& make : makers) harness.prototype(make, "own-thread", n);
    }
  }
  harness.print();
  if (server_name == "canned" && cluster.empty()) {
    for (const auto& make : makers) {
      std::printf("client=%s fin_seen_ms=%.1f\n", make(target)->name(), milliseconds_to_see_fin(make, command));
    }
  }
  return harness.any_wrong() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) try {
  return run(argc, argv);
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_threading: %s\n", e.what());
  return 2;
}
