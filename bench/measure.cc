#include "bench/measure.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace hbmux::bench {

Usage Usage::now() {
  rusage r{};
  getrusage(RUSAGE_SELF, &r);
  const auto us = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return {Clock::now(), us(r.ru_utime) + us(r.ru_stime), static_cast<std::uint64_t>(r.ru_nvcsw + r.ru_nivcsw)};
}

std::uint64_t rss_kib() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

double cpu_us_of(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(in, line)) return 0;
  std::istringstream fields(line.substr(line.rfind(')') + 1));  // the command name may contain blanks
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void pin(int pid, int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(core), &set);
  if (sched_setaffinity(pid, sizeof set, &set) != 0) throw std::runtime_error("cannot pin to core " + std::to_string(core));
}

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

void Measurement::used(const Usage& before, const Usage& after) {
  seconds = std::chrono::duration<double>(after.at - before.at).count();
  cpu_us = after.cpu_us - before.cpu_us;
  switches = after.switches - before.switches;
}

std::string Measurement::line() const {
  char text[512];
  std::snprintf(text, sizeof text,
                "client=%s op=%s mode=%s n=%d rate=%.0f p50_us=%.1f p99_us=%.1f cpu_us=%.2f switches=%.3f "
                "server_cpu_us=%.2f rss_kib=%llu calls=%llu wrong=%llu",
                client.c_str(), op.c_str(), mode.c_str(), n, rate(), latency.quantile_us(0.5), latency.quantile_us(0.99),
                per_call(cpu_us), per_call(static_cast<double>(switches)), per_call(server_cpu_us),
                static_cast<unsigned long long>(rss_kib()), static_cast<unsigned long long>(calls),
                static_cast<unsigned long long>(wrong));
  return text;
}

}  // namespace hbmux::bench
