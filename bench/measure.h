// What a load cost: time, CPU, context switches, memory; and the one line by which every program here reports it.
#pragma once

#include "bench/histogram.h"

#include <chrono>
#include <cstdint>
#include <string>

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

struct Measurement {
  std::string client;  ///< "bare", "hbmux", ...
  std::string op;      ///< "get" or "put"
  std::string mode;    ///< "blocking" (n is the number of threads) or "async" (n is the number of calls in flight)
  int n = 0;
  std::uint64_t calls = 0;
  std::uint64_t wrong = 0;  ///< Replies that were not the one asked for, and errors.
  double seconds = 0;
  double cpu_us = 0;
  std::uint64_t switches = 0;
  double server_cpu_us = 0;  ///< 0 when not known.
  Histogram latency;

  void used(const Usage& before, const Usage& after);
  double rate() const { return seconds > 0 ? static_cast<double>(calls) / seconds : 0; }
  double per_call(double amount) const { return calls > 0 ? amount / static_cast<double>(calls) : 0; }
  /// "client=bare op=get mode=async n=64 rate=... p50_us=... p99_us=... cpu_us=... ..."
  std::string line() const;
};

}  // namespace hbmux::bench
