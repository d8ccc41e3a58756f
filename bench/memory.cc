// What the client keeps in memory, in a process of its own; the embedded cluster is in another.
//   bench_memory --mode regions [--regions 10000] [--way gets|admin] [--limit-kib 20480]
//     Resident memory before the program connects, and when all regions of a table are located.
//   bench_memory --mode calls [--calls 10000000] [--drop-one-in 100] [--timeout-ms 30] [--in-flight 256] [--limit-kib
//   1024]
//     Resident memory after a tenth of the calls and after all of them. The server never answers one call in
//     --drop-one-in, which times out.
// Besides: [-D NAME=VALUE]... The calls that were lost leave tombstones, by default up to 8192 of them: where there are
// fewer calls to fill them with, -D hbmux.rpc.tombstones.max=512. Exits with 1 when there is more growth than the limit
// (0: none), or when a reply was wrong.
#include "bench/arguments.h"
#include "bench/child.h"
#include "bench/frames.h"
#include "bench/table_load.h"

#include <hbmux/hbmux.h>

#include <atomic>
#include <cstdio>
#include <deque>
#include <exception>
#include <thread>

namespace {
using namespace hbmux;

ClusterConnection connect(const bench::Child& server, const Configuration& configuration) {
  return ClusterConnection::open("hbase+rpc://" + server.said("cluster"), configuration).value();
}
Configuration configuration_of(bench::Arguments& args) {
  Configuration configuration;
  for (const auto& pair : args.texts("-D")) configuration.add_pair(pair).value();
  return configuration;
}

int verdict(std::uint64_t before, std::uint64_t after, int limit_kib, std::uint64_t wrong) {
  const auto growth = static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before);
  const bool ok = wrong == 0 && (limit_kib == 0 || growth <= limit_kib);
  std::printf("growth_kib=%lld limit_kib=%d wrong=%llu %s\n", static_cast<long long>(growth), limit_kib,
              static_cast<unsigned long long>(wrong), ok ? "ok" : "TOO MUCH");
  return ok ? 0 : 1;
}

/// One row of each region is asked for (it is not there); with `way` admin the whole of hbase:meta is read first.
int run_regions(bench::Arguments& args) {
  const int regions = args.integer("--regions", 10000);
  const auto way = args.text("--way", "gets");
  const int limit = args.integer("--limit-kib", 20 << 10);
  const auto configuration = configuration_of(args);
  args.done();
  const auto count = std::to_string(regions);
  const bench::Child server(
      {bench::beside_this_program("bench_server"), "--regions", count, "--rows", count, "--servers", "3"});

  const auto before = bench::rss_kib();
  const auto connection = connect(server, configuration);
  const auto table = connection.table("bench");
  std::uint64_t wrong = 0;
  const auto start = bench::Usage::now();
  if (way == "admin") {
    const auto found = connection.admin().regions(TableName::parse("bench").value()).value();
    wrong += found.size() != static_cast<std::size_t>(regions);
  }
  const auto ask_all = [&] {
    for (int i = 0; i < regions; ++i) {
      const auto row = table.get(Get(bench::row_key(static_cast<std::uint32_t>(i))));
      if (!row) std::fprintf(stderr, "%s\n", row.error().to_string().c_str());
      wrong += !row || row->exists();
    }
  };
  ask_all();
  bench::Measurement cost;
  cost.used(start, bench::Usage::now());
  const auto located = bench::rss_kib();
  const auto lookups = connection.statistics().region_lookups;
  ask_all();
  wrong += connection.statistics().region_lookups != lookups;  // a region was not known after all
  const auto after = bench::rss_kib();
  std::printf(
      "mode=regions way=%s regions=%d lookups=%llu seconds=%.2f cpu_seconds=%.2f rss_kib_before=%llu located=%llu "
      "asked_again=%llu\n",
      way.c_str(), regions, static_cast<unsigned long long>(lookups), cost.seconds, cost.cpu_us / 1e6,
      static_cast<unsigned long long>(before), static_cast<unsigned long long>(located),
      static_cast<unsigned long long>(after));
  return verdict(before, std::max(located, after), limit, wrong);
}

/// Gets in flight until a number of them has ended; then none is in flight, and it can go on.
class Calls {
 public:
  Calls(Table table, int in_flight, std::uint32_t rows) : table_(std::move(table)), rows_(rows), chains_(in_flight) {}

  void run(std::uint64_t calls) {
    left_ = static_cast<std::int64_t>(calls);
    running_ = chains_;
    for (int i = 0; i < chains_; ++i) next();
    for (int running = running_; running > 0; running = running_) running_.wait(running);
  }

  std::atomic<std::uint64_t> right{0}, timed_out{0}, wrong{0};

 private:
  void next() {
    if (left_.fetch_sub(1) <= 0) {
      if (running_.fetch_sub(1) == 1) running_.notify_one();
      return;
    }
    const auto row = row_.fetch_add(1, std::memory_order_relaxed) * 7919u % rows_;
    table_.async_get(Get(bench::row_key(row)), [this, row](Result<Row> reply) {
      if (!reply && reply.error().code() == Errc::timed_out) {
        ++timed_out;
      } else {
        ++(bench::is_row(reply, row) ? right : wrong);
      }
      next();
    });
  }

  const Table table_;
  const std::uint32_t rows_;
  const int chains_;
  std::atomic<std::uint32_t> row_{0};
  std::atomic<std::int64_t> left_{0};
  std::atomic<int> running_{0};
};

int run_calls(bench::Arguments& args) {
  constexpr std::uint32_t kRows = 10000;
  constexpr std::uint64_t kSteps = 10;
  const auto calls = static_cast<std::uint64_t>(args.number("--calls", 10'000'000));
  const auto drop_one_in = args.integer("--drop-one-in", 100);
  const std::chrono::milliseconds timeout(args.integer("--timeout-ms", 30));
  const int in_flight = args.integer("--in-flight", 256);
  const int limit = args.integer("--limit-kib", 1 << 10);
  const auto configuration = configuration_of(args);
  args.done();
  // Rows must be there before replies get lost: the server drops none to hbase:meta's and the master's callers in that
  // time either.
  const bench::Child server({bench::beside_this_program("bench_server"), "--load", std::to_string(kRows),
                             "--drop-one-in", std::to_string(drop_one_in)});

  const auto start_rss = bench::rss_kib();
  const auto connection = connect(server, configuration);
  // An attempt that times out is not repeated: the operation's time is over, too.
  Calls load(connection.table("bench").with(TableOptions().operation_timeout(timeout)), in_flight, kRows);
  std::uint64_t first = 0, last = 0;
  const auto start = bench::Clock::now();
  for (std::uint64_t step = 1; step <= kSteps; ++step) {
    load.run(calls / kSteps);
    last = bench::rss_kib();
    if (step == 1) first = last;
    std::printf("mode=calls calls=%llu timed_out=%llu rss_kib=%llu\n",
                static_cast<unsigned long long>(calls / kSteps * step),
                static_cast<unsigned long long>(load.timed_out.load()), static_cast<unsigned long long>(last));
    std::fflush(stdout);
  }
  const double seconds = std::chrono::duration<double>(bench::Clock::now() - start).count();
  const auto s = connection.statistics();
  std::printf("mode=calls seconds=%.1f rss_kib_before=%llu timed_out=%llu late_replies=%llu sockets_opened=%llu\n",
              seconds, static_cast<unsigned long long>(start_rss), static_cast<unsigned long long>(s.timed_out),
              static_cast<unsigned long long>(s.late_replies), static_cast<unsigned long long>(s.sockets_opened));
  const bool enough = drop_one_in == 0 || load.timed_out * 2 * static_cast<unsigned>(drop_one_in) > calls;
  if (!enough) std::puts("fewer calls timed out than the server was told to lose");
  return verdict(first, last, limit, load.wrong + !enough);
}

int run(int argc, char** argv) {
  bench::Arguments args(argc, argv);
  const auto mode = args.text("--mode", "regions");
  if (mode == "regions") return run_regions(args);
  if (mode == "calls") return run_calls(args);
  throw std::runtime_error("no such mode: " + mode);
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const std::exception& e) {
  std::fprintf(stderr, "bench_memory: %s\n", e.what());
  return 2;
}
