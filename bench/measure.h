// What a load cost: time, CPU, context switches, memory; and the one line by which every program here reports it.
#pragma once

#include "bench/histogram.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace hbmux::bench {

using Clock = std::chrono::steady_clock;

/// What this process has used so far.
struct Usage {
  Clock::time_point at;
  double cpu_us = 0;  ///< User and system time of all threads.
  std::uint64_t switches = 0;

  static Usage now();
};

/// Resident memory of this process in KiB.
std::uint64_t rss_kib();
/// User and system time of another process in microseconds (as fine as the kernel's clock tick); 0 when it is not there.
double cpu_us_of(int pid);
/// Ties a process (0: the calling one, with the threads that it starts later) to a core.
void pin(int pid, int core);
/// The one minute load average.
double load_average();

/// What was measured and with what: the first words of a line.
struct Label {
  std::string client;  ///< "bare", "hbmux", ...
  std::string op;      ///< "get" or "put"
  std::string mode;    ///< "blocking" (n is the number of threads) or "async" (n is the number of calls in flight)
  int n = 0;
};

/// One run as counted.
struct Measurement {
  std::uint64_t calls = 0;
  std::uint64_t wrong = 0;  ///< Replies that were not the one asked for, and errors.
  double seconds = 0;
  double cpu_us = 0;
  std::uint64_t switches = 0;
  double server_cpu_us = 0;  ///< 0 when not known.
  Histogram latency;

  void used(const Usage& before, const Usage& after);
};

/// What is reported of a run: calls/s, microseconds, and amounts per call.
struct Figures {
  double rate = 0;
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us = 0;
  double switches = 0;
  double server_cpu_us = 0;
  std::uint64_t calls = 0;
  std::uint64_t wrong = 0;

  static Figures of(const Measurement& m);
  /// Each figure's median by itself; calls and wrong are sums. `runs` must not be empty.
  static Figures median(const std::vector<Figures>& runs);
};

/// "client=bare op=get mode=async n=64 rate=... p50_us=... p99_us=... cpu_us=... switches=... server_cpu_us=... rss_kib=... ..."
std::string line(const Label& label, const Figures& figures);

}  // namespace hbmux::bench
