#include "cli/demo_report.h"

#include "cli/pool_grid.h"
#include "cli/progress.h"
#include "cli/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <utility>

namespace hbmux::cli {
namespace {

std::string seconds_text(std::chrono::steady_clock::duration time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%5.1f s  ", std::chrono::duration<double>(time).count());
  return text.data();
}

std::uint64_t rate(std::uint64_t count, std::chrono::duration<double> time) {
  return time.count() > 0 ? static_cast<std::uint64_t>(static_cast<double>(count) / time.count()) : 0;
}

std::string host_of(const std::string& address) { return address.substr(0, address.rfind(':')); }

}  // namespace

std::vector<std::string> sockets_texts(std::vector<PoolEntryStatistics> pools) {
  sort_for_reading(pools);
  bool one_host = std::all_of(pools.begin(), pools.end(), [&](const auto& pool) {
    return host_of(pool.address) == host_of(pools.front().address);
  });
  std::vector<std::string> texts;
  std::string last;
  for (const PoolEntryStatistics& pool : pools) {
    std::string group = pool.user + '/' + pool.service;
    if (group != last) texts.push_back(group);
    last = group;
    std::string address = one_host ? pool.address.substr(pool.address.rfind(':')) : pool.address;
    texts.back() += ' ' + address + ' ' + std::to_string(pool.open);
  }
  return texts;
}

DemoReport::DemoReport(Format format) : format_(format), terminal_(stdout_is_terminal()) {}

std::chrono::milliseconds DemoReport::interval() const noexcept {
  return std::chrono::milliseconds(terminal_ ? 250 : 1000);
}

void DemoReport::tick(const DemoLoad& load, const ConnectionStatistics& statistics) {
  auto now = Clock::now();
  LatencyCounts latency = load.latency();
  LatencyCounts interval = latency.since(last_latency_);
  std::string text = seconds_text(now - began_) +
                     padded(with_commas(rate(interval.total(), now - last_tick_)), 8, true) + " ops/s  p50 " +
                     padded(duration_text(interval.percentile(0.5)), 7, true) + "  p99 " +
                     padded(duration_text(interval.percentile(0.99)), 7, true) + "  in flight " +
                     padded(std::to_string(statistics.calls_in_flight), 2, true);
  last_tick_ = now;
  last_latency_ = std::move(latency);
  if (format_ == Format::table) show(std::move(text), sockets_texts(statistics.pools));
}

void DemoReport::show(std::string line, const std::vector<std::string>& sockets) {
  clear_live();
  if (!terminal_) {
    const char* before = "  sockets ";
    for (const std::string& text : sockets) line += std::exchange(before, ", ") + text;
    std::cout << line << std::endl;
    return;
  }
  std::size_t width = terminal_width() - 1;
  std::cout << line.substr(0, width) << '\n';
  const char* before = "sockets  ";
  for (const std::string& text : sockets) {
    std::cout << (std::exchange(before, "         ") + text).substr(0, width) << '\n';
  }
  std::cout.flush();
  live_lines_ = 1 + static_cast<int>(sockets.size());
}

void DemoReport::event(std::string_view text) { line(seconds_text(Clock::now() - began_) + std::string(text)); }

void DemoReport::line(std::string_view text) {
  if (format_ != Format::table) return;
  clear_live();
  std::cout << text << std::endl;
}

void DemoReport::clear_live() {
  if (live_lines_ > 0) std::cout << "\033[" << live_lines_ << "A\033[J";
  live_lines_ = 0;
}

void DemoReport::summary(const DemoLoad& load, const ConnectionStatistics& statistics,
                         std::chrono::duration<double> load_time) {
  clear_live();
  if (format_ == Format::table) return print_table_summary(load, statistics, load_time);
  LatencyCounts latency = load.latency();
  OperationCounts operations = load.operations();
  CheckCounts checks = load.checks();
  auto us = [&](double share) { return static_cast<std::uint64_t>(latency.percentile(share).count() / 1000); };
  Grid grid({"threads", "operations", "operations_per_second", "p50_us", "p99_us", "failed", "calls", "sockets_opened",
             "sockets_open", "retries", "rows", "lost", "wrong"});
  grid.add({static_cast<std::uint64_t>(load.threads()), operations.all(), rate(operations.all(), load_time), us(0.5),
            us(0.99), operations.failed, statistics.calls, statistics.sockets_opened,
            std::uint64_t{statistics.sockets_open()}, statistics.retries, load.rows_written(), checks.lost,
            checks.wrong});
  grid.print(std::cout, format_);
}

void DemoReport::print_table_summary(const DemoLoad& load, const ConnectionStatistics& statistics,
                                     std::chrono::duration<double> load_time) {
  LatencyCounts latency = load.latency();
  OperationCounts operations = load.operations();
  CheckCounts checks = load.checks();
  std::cout << '\n';
  pool_grid(statistics.pools).print(std::cout, Format::table);
  std::cout << "\noperations  " << with_commas(operations.all()) << " by " << load.threads() << " threads ("
            << with_commas(operations.puts) << " puts, " << with_commas(operations.gets) << " gets, "
            << with_commas(operations.increments) << " increments, " << with_commas(operations.scans) << " scans), "
            << with_commas(rate(operations.all(), load_time)) << "/s, p50 " << duration_text(latency.percentile(0.5))
            << ", p99 " << duration_text(latency.percentile(0.99)) << ", max " << duration_text(latency.percentile(1))
            << "\nfailed      " << with_commas(operations.failed);
  if (std::string error = load.first_error(); !error.empty()) std::cout << ", the first: " << error;
  std::cout << "\ncalls       " << with_commas(statistics.calls) << "\nsockets     "
            << with_commas(statistics.sockets_opened) << " opened, " << with_commas(statistics.sockets_open())
            << " open now\nretries     " << with_commas(statistics.retries) << "\nrows        "
            << with_commas(load.rows_written()) << " written, " << with_commas(checks.rows_read_back)
            << " read back and compared, " << with_commas(checks.rows_scanned)
            << " in a scan of the whole table\n\nlost " << checks.lost << ", wrong " << checks.wrong << std::endl;
}

}  // namespace hbmux::cli
