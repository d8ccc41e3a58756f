// What the demonstration shows while it runs, and at the end.
#pragma once

#include "cli/demo_load.h"
#include "cli/session.h"

#include <hbmux/pool_statistics.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::cli {

/// "root/ClientService :41001 1 :41002 1": open sockets per (address, user, service); a text for each (user, service),
/// and the host only where there are several.
std::vector<std::string> sockets_texts(std::vector<PoolEntryStatistics> pools);

/// Used by one thread. On a terminal what is live is written over, the sockets below the line; else it is all in one
/// line, once a second.
class DemoReport {
 public:
  explicit DemoReport(Format format);

  /// The load begins: times are counted from here.
  void begin() { began_ = last_tick_ = Clock::now(); }
  /// How often tick() wants to be called.
  std::chrono::milliseconds interval() const noexcept;
  /// The live line: the rate and latencies since the last tick, and what the pools hold now.
  void tick(const DemoLoad& load, const ConnectionStatistics& statistics);
  /// A line that stays, with the time in front: "5.0 s  ...".
  void event(std::string_view text);
  /// A line that stays. Both are silent unless the format is a table.
  void line(std::string_view text);
  void summary(const DemoLoad& load, const ConnectionStatistics& statistics, std::chrono::duration<double> load_time);

 private:
  using Clock = std::chrono::steady_clock;
  void show(std::string line, const std::vector<std::string>& sockets);
  void clear_live();
  void print_table_summary(const DemoLoad& load, const ConnectionStatistics& statistics,
                           std::chrono::duration<double> load_time);

  Format format_;
  bool terminal_;
  int live_lines_ = 0;  // on the screen
  Clock::time_point began_ = Clock::now();
  Clock::time_point last_tick_ = began_;
  LatencyCounts last_latency_;
};

}  // namespace hbmux::cli
