// bare_client: gets or puts as fast as a hand-written socket can.
//   bench_bare --cluster HOST:PORT --table bench --load
//   bench_bare --cluster HOST:PORT --table bench --op get --n 1,64,256 --seconds 5
// Besides: [--rows 10000] [--core N] [--server-pid PID (to tell what the server used)]
#include "bench/arguments.h"
#include "bench/bare_client.h"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) try {
  using namespace hbmux::bench;
  Arguments args(argc, argv);
  const auto cluster = args.text("--cluster");
  const auto table = args.text("--table", "bench");
  const bool load = args.flag("--load");
  const auto in_flight = args.list("--n", load ? "" : "1,64,256");
  const int core = args.integer("--core", -1);
  const int server_pid = args.integer("--server-pid", 0);
  BareOptions options;
  options.op = args.text("--op", options.op);
  options.rows = static_cast<std::uint32_t>(args.integer("--rows", static_cast<int>(options.rows)));
  options.seconds = args.number("--seconds", options.seconds);
  args.done();
  if (cluster.empty()) throw std::runtime_error("--cluster HOST:PORT (a master or region server) is missing");
  if (options.rows == 0) throw std::runtime_error("--rows must be at least 1");

  if (core >= 0) pin(0, core);
  const auto target = locate(Address::parse(cluster), table);
  if (load) load_rows(target, options.rows);
  check_rows(target, options.rows);
  bool wrong = false;
  for (const int n : in_flight) {
    if (n < 1 || n > 4096) throw std::runtime_error("--n must be between 1 and 4096");
    options.in_flight = n;
    const double server_before = cpu_us_of(server_pid);
    auto m = run_bare(target, options);
    m.server_cpu_us = cpu_us_of(server_pid) - server_before;
    wrong |= m.wrong > 0;
    std::puts(line({"bare", options.op, "async", n}, Figures::of(m)).c_str());
    std::fflush(stdout);
  }
  return wrong ? 1 : 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_bare: %s\n", e.what());
  return 2;
}
