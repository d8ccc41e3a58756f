// The demonstration's threads: each with its own Table, all over one connection.
#pragma once

#include "cli/demo_ledger.h"
#include "cli/latency.h"

#include <hbmux/cluster_connection.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hbmux::cli {

struct OperationCounts {
  std::uint64_t puts = 0;
  std::uint64_t gets = 0;
  std::uint64_t increments = 0;
  std::uint64_t scans = 0;
  std::uint64_t failed = 0;  ///< Ended with an error after all attempts.
  std::uint64_t all() const noexcept { return puts + gets + increments + scans; }
};

/// What was found when rows were read and compared.
struct CheckCounts {
  std::uint64_t rows_read_back = 0;
  std::uint64_t rows_scanned = 0;
  std::uint64_t lost = 0;   ///< Rows that lack an acknowledged write at the end, or could not be read then.
  std::uint64_t wrong = 0;  ///< Answers, during the load too, with what was not written there, or without what was.
};

/// A mix of puts, gets, increments and short scans. start(), then stop(), then read_back(), each once, by one thread;
/// the counts may be read at any time.
class DemoLoad {
 public:
  DemoLoad(const ClusterConnection& connection, std::string table, int threads, int rows);
  ~DemoLoad();

  void start();
  void stop();
  /// Reads every row that was written, with as many threads, and then scans the whole table, and compares.
  void read_back();

  int threads() const noexcept { return static_cast<int>(workers_.size()); }
  LatencyCounts latency() const;
  OperationCounts operations() const;
  CheckCounts checks() const;
  std::uint64_t rows_written() const;
  /// The first operation that failed, as text; empty when none did.
  std::string first_error() const;

 private:
  class Worker;
  void scan_whole_table();
  void note(const Error& error);

  const ClusterConnection& connection_;
  std::string table_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  CheckCounts scan_check_;  // of the scan in read_back()
  mutable std::mutex mutex_;
  std::string first_error_;
};

}  // namespace hbmux::cli
