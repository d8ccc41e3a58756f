#include "bench/measure.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
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
  // Exact, where statm lags behind by some pages for each core.
  std::ifstream exact("/proc/self/smaps_rollup");
  for (std::string word; exact >> word;) {
    std::uint64_t kib = 0;
    if (word == "Rss:" && exact >> kib) return kib;
  }
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
  if (sched_setaffinity(pid, sizeof set, &set) != 0)
    throw std::runtime_error("cannot pin to core " + std::to_string(core));
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

Figures Figures::of(const Measurement& m) {
  const auto calls = static_cast<double>(m.calls > 0 ? m.calls : 1);
  Figures f;
  f.rate = m.seconds > 0 ? static_cast<double>(m.calls) / m.seconds : 0;
  f.p50_us = m.latency.quantile_us(0.5);
  f.p99_us = m.latency.quantile_us(0.99);
  f.cpu_us = m.cpu_us / calls;
  f.switches = static_cast<double>(m.switches) / calls;
  f.server_cpu_us = m.server_cpu_us / calls;
  f.calls = m.calls;
  f.wrong = m.wrong;
  return f;
}

Figures Figures::median(const std::vector<Figures>& runs) {
  Figures result;
  for (double Figures::*figure : {&Figures::rate, &Figures::p50_us, &Figures::p99_us, &Figures::cpu_us,
                                  &Figures::switches, &Figures::server_cpu_us}) {
    std::vector<double> values;
    for (const auto& run : runs) values.push_back(run.*figure);
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    result.*figure = *middle;
  }
  for (const auto& run : runs) {
    result.calls += run.calls;
    result.wrong += run.wrong;
  }
  return result;
}

std::string line(const Label& label, const Figures& f) {
  char text[512];
  std::snprintf(text, sizeof text,
                "client=%s op=%s mode=%s n=%d rate=%.0f p50_us=%.1f p99_us=%.1f cpu_us=%.2f switches=%.3f "
                "server_cpu_us=%.2f rss_kib=%llu calls=%llu wrong=%llu",
                label.client.c_str(), label.op.c_str(), label.mode.c_str(), label.n, f.rate, f.p50_us, f.p99_us,
                f.cpu_us, f.switches, f.server_cpu_us, static_cast<unsigned long long>(rss_kib()),
                static_cast<unsigned long long>(f.calls), static_cast<unsigned long long>(f.wrong));
  return text;
}

}  // namespace hbmux::bench
