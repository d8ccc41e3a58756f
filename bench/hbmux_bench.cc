// Gets or puts with hbmux, by blocking threads and with calls in flight.
//   bench_hbmux --cluster HOST:PORT [--table bench] --load
//   bench_hbmux --cluster HOST:PORT --op get --threads 1,8,64 --in-flight 1,16,64,256 --seconds 5
// Instead of --cluster: --uri URI, or --conf DIR. Besides: [-D NAME=VALUE]... [--warm-up 0.3] [--rows 10000] [--core N]
// [--server-pid PID]
#include "bench/arguments.h"
#include "bench/table_load.h"

#include <hbmux/hbmux.h>

#include <cstdio>
#include <exception>

namespace {
using namespace hbmux;

ClusterConnection connect(bench::Arguments& args) {
  const auto cluster = args.text("--cluster");
  const auto conf = args.text("--conf");
  const auto uri = cluster.empty() ? args.text("--uri") : "hbase+rpc://" + cluster;
  auto configuration = conf.empty() ? Configuration() : Configuration::load(conf).value();
  for (const auto& pair : args.texts("-D")) configuration.add_pair(pair).value();
  if (uri.empty()) return ClusterConnection::open(configuration).value();
  return ClusterConnection::open(uri, configuration).value();
}

struct Runs {
  Table table;
  bench::TableLoadOptions options;
  double warm_up = 0;
  int server_pid = 0;
  bool wrong = false;

  void one(const char* mode, int n, bench::Measurement (*run)(const Table&, const bench::TableLoadOptions&)) {
    options.n = n;
    auto warming = options;
    warming.seconds = warm_up;
    if (warm_up > 0) run(table, warming);
    const double server_before = bench::cpu_us_of(server_pid);
    auto m = run(table, options);
    m.server_cpu_us = bench::cpu_us_of(server_pid) - server_before;
    wrong |= m.wrong > 0;
    std::puts(bench::line({"hbmux", options.op, mode, n}, bench::Figures::of(m)).c_str());
    std::fflush(stdout);
  }
};

int run(int argc, char** argv) {
  bench::Arguments args(argc, argv);
  const auto name = args.text("--table", "bench");
  const bool load = args.flag("--load");
  const auto threads = args.list("--threads", "");
  const auto in_flight = args.list("--in-flight", "");
  const int core = args.integer("--core", -1);
  bench::TableLoadOptions options;
  options.op = args.text("--op", options.op);
  options.rows = static_cast<std::uint32_t>(args.integer("--rows", static_cast<int>(options.rows)));
  options.seconds = args.number("--seconds", options.seconds);
  const double warm_up = args.number("--warm-up", 0.3);
  const int server_pid = args.integer("--server-pid", 0);
  if (options.rows == 0) throw std::runtime_error("--rows must be at least 1");
  if (core >= 0) bench::pin(0, core);  // before the connection starts its threads
  const auto connection = connect(args);
  args.done();

  Runs runs{connection.table(name), options, warm_up, server_pid};
  if (load) bench::load_rows(runs.table, options.rows);
  for (const int n : threads) runs.one("blocking", n, bench::run_blocking);
  for (const int n : in_flight) runs.one("async", n, bench::run_async);
  return runs.wrong ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const std::exception& e) {
  std::fprintf(stderr, "bench_hbmux: %s\n", e.what());
  return 2;
}
