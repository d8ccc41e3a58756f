// What a row costs the client when many travel at once: buffered puts, scans, gets of 100.
//   bench_bulk --cluster HOST:PORT [--table bench] --op put|scan|multiget --rows N [--value 100] [-D NAME=VALUE]... [--core N]
// put writes rows 0 to N-1; scan reads the whole table (N is what it must find); multiget asks for N rows, 100 at a time.
// Prints "client=hbmux op=... rows=... seconds=... cpu_us_per_row=... rss_mib=..." (resident memory at its highest, above that before the work).
#include "bench/arguments.h"
#include "bench/frames.h"
#include "bench/measure.h"

#include <hbmux/hbmux.h>

#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <string>

namespace {
using namespace hbmux;

std::uint64_t peak_rss_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss);
}

struct Work {
  Table table;
  std::uint32_t rows;
  std::size_t value_size;

  void put() {
    auto mutator = table.buffered_mutator();
    std::string value(value_size, '.');
    for (std::uint32_t row = 0; row < rows; ++row) {
      char key[bench::kRowSize];
      bench::write_row(key, row);
      value.replace(0, bench::kRowSize, key, bench::kRowSize);
      mutator.mutate(Put(std::string_view(key, bench::kRowSize)).add("f", "q", value)).value();
    }
    mutator.close().value();
  }

  void scan() {
    std::uint32_t found = 0;
    Scanner scanner = table.scan(Scan().cache_blocks(false));
    while (auto row = scanner.next().value()) {
      if ((*row)[0].value().size() != value_size) throw std::runtime_error("a row with a wrong value");
      ++found;
    }
    if (found != rows) throw std::runtime_error("found " + std::to_string(found) + " rows");
  }

  void multiget() {
    for (std::uint32_t first = 0; first < rows; first += 100) {
      std::vector<Action> gets;
      gets.reserve(100);
      for (std::uint32_t i = 0; i < 100; ++i) {
        char key[bench::kRowSize];
        bench::write_row(key, static_cast<std::uint32_t>((std::uint64_t{first + i} * 7919) % rows));
        gets.emplace_back(Get(std::string_view(key, bench::kRowSize)));
      }
      for (const auto& row : table.batch(std::move(gets))) {
        if (row.value().size() != 1) throw std::runtime_error("a row that is not there");
      }
    }
  }
};

int run(int argc, char** argv) {
  bench::Arguments args(argc, argv);
  Configuration configuration;
  for (const auto& pair : args.texts("-D")) configuration.add_pair(pair).value();
  const auto cluster = args.text("--cluster");
  const auto op = args.text("--op", "put");
  const auto table = args.text("--table", "bench");
  const auto rows = static_cast<std::uint32_t>(args.integer("--rows", 1000000));
  const auto value_size = static_cast<std::size_t>(args.integer("--value", 100));
  const int core = args.integer("--core", -1);
  args.done();
  if (core >= 0) bench::pin(0, core);
  const auto connection = ClusterConnection::open("hbase+rpc://" + cluster, configuration).value();
  Work work{connection.table(table), rows, value_size};
  work.table.get(Get("r000000000")).value();  // connected, and the first region known
  const std::uint64_t rss = bench::rss_kib();
  const auto before = bench::Usage::now();
  if (op == "put") {
    work.put();
  } else if (op == "scan") {
    work.scan();
  } else if (op == "multiget") {
    work.multiget();
  } else {
    throw std::runtime_error("no such operation: " + op);
  }
  const auto after = bench::Usage::now();
  const double seconds = std::chrono::duration<double>(after.at - before.at).count();
  std::printf("client=hbmux op=%s rows=%u seconds=%.2f cpu_us_per_row=%.3f rss_mib=%.1f\n", op.c_str(), rows, seconds,
              (after.cpu_us - before.cpu_us) / rows, static_cast<double>(std::max(peak_rss_kib(), rss) - rss) / 1024);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const std::exception& e) {
  std::fprintf(stderr, "bench_bulk: %s\n", e.what());
  return 2;
}
