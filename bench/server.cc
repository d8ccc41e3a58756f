// The embedded cluster in a process of its own, with one table of one family "f".
//   bench_server [--table bench] [--regions 1] [--servers 1] [--threads 1] [--delay-us 0] [--reorder 0] [--drop-one-in
//   0] [--core N]
//                [--load N]
// Prints "cluster=HOST:PORT server=HOST:PORT region=NAME" (the master, and where the table's last region is) and runs
// until it is killed. With --load the first N rows are written before any reply is delayed or lost; only into a table
// of one region.
#include "bench/arguments.h"
#include "bench/bare_client.h"
#include "bench/frames.h"
#include "bench/measure.h"

#include <hbmux/mini/cluster.h>

#include <unistd.h>

#include <cstdio>
#include <exception>

namespace {
using namespace hbmux;

/// Rows are "r" and nine digits; the table is cut where `rows` of them would be even parts.
std::vector<std::string> split_keys(int regions, std::uint32_t rows) {
  std::vector<std::string> keys;
  for (int i = 1; i < regions; ++i) {
    keys.push_back(bench::row_key(
        static_cast<std::uint32_t>(std::uint64_t{rows} * static_cast<unsigned>(i) / static_cast<unsigned>(regions))));
  }
  return keys;
}

int run(int argc, char** argv) {
  bench::Arguments args(argc, argv);
  const auto table = args.text("--table", "bench");
  const int regions = args.integer("--regions", 1);
  const auto rows = static_cast<std::uint32_t>(args.integer("--rows", 10000));
  const int core = args.integer("--core", -1);
  mini::Options options;
  options.region_servers = args.integer("--servers", 1);
  options.threads = args.integer("--threads", 1);
  mini::ReplyFaults faults;
  faults.delay_max = std::chrono::microseconds(args.integer("--delay-us", 0));
  faults.reorder_window = args.integer("--reorder", 0);
  faults.drop_one_in = args.integer("--drop-one-in", 0);
  const auto load = static_cast<std::uint32_t>(args.integer("--load", 0));
  args.done();
  if (load > 0 && regions > 1) throw std::runtime_error("--load needs a table of one region");

  if (core >= 0) bench::pin(0, core);
  auto cluster = mini::Cluster::start(options).value();
  cluster.create_table(table, {"f"}, split_keys(regions, rows)).value();
  const auto region = cluster.regions(table).back();
  const auto server = cluster.region_servers().at(static_cast<std::size_t>(region.server));
  if (load > 0)
    bench::load_rows(bench::locate(bench::Address::parse(cluster.master().address.to_string()), table), load);
  cluster.set_reply_faults(faults);
  std::printf("cluster=%s server=%s region=%s\n", cluster.master().address.to_string().c_str(),
              server.address.to_string().c_str(), region.name.c_str());
  std::fflush(stdout);
  while (true) ::pause();
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const std::exception& e) {
  std::fprintf(stderr, "bench_server: %s\n", e.what());
  return 2;
}
