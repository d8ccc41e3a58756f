// pool: what is in the PoolMap of a running process.
#include "cli/pool_grid.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/statistics_reader.h"
#include "cli/text.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

namespace hbmux::cli {
namespace {

struct PoolArguments {
  std::string socket;
  double watch_seconds = 0;
};

std::string choose_socket(const PoolArguments& arguments) {
  if (!arguments.socket.empty()) return arguments.socket;
  std::vector<std::string> found = find_statistics_sockets();
  if (found.size() == 1) return found.front();
  std::string message = found.empty() ? "no process with a statistics socket found in " + statistics_folder() +
                                            "; name the path that was given to ClusterConnection::expose_statistics"
                                      : "several processes; name one of their sockets:";
  for (const std::string& path : found) message += "\n  " + path;
  throw Exception(Error(found.empty() ? Errc::cannot_connect : Errc::invalid_argument, message));
}

void print_counters(const ReadStatistics& statistics) {
  auto count = [&](const char* name) -> std::uint64_t {
    auto found = statistics.counters.find(name);
    return found == statistics.counters.end() ? 0 : found->second;
  };
  std::cout << "calls " << with_commas(count("calls")) << " (" << with_commas(count("calls_in_flight"))
            << " in flight, " << with_commas(count("calls_failed")) << " failed, " << with_commas(count("timed_out"))
            << " timed out, " << with_commas(count("late_replies")) << " late replies), retries "
            << with_commas(count("retries")) << '\n'
            << "sockets " << with_commas(count("sockets_open")) << " open, " << with_commas(count("sockets_opened"))
            << " opened since the start; sent " << bytes_text(count("bytes_sent")) << " in "
            << with_commas(count("writes")) << " writes, received " << bytes_text(count("bytes_received")) << '\n';
  for (const std::string& server : statistics.failed_servers)
    std::cout << "on the failed-servers list: " << server << '\n';
  std::cout << '\n';
}

void print_once(const std::string& path, Format format) {
  ReadStatistics statistics = parse_statistics(read_statistics_text(path).value()).value();
  if (format == Format::table) print_counters(statistics);
  pool_grid(statistics.pools).print(std::cout, format);
  std::cout.flush();
}

ExitCode pool(const Session& session, const PoolArguments& arguments) {
  std::string path = choose_socket(arguments);
  bool redraw = arguments.watch_seconds > 0 && session.options.format == Format::table && stdout_is_terminal();
  for (;;) {
    if (redraw) std::cout << "\033[H\033[J";
    print_once(path, session.options.format);
    if (arguments.watch_seconds <= 0) return ExitCode::ok;
    std::this_thread::sleep_for(std::chrono::duration<double>(arguments.watch_seconds));
    if (session.options.format == Format::table && !redraw) std::cout << '\n';
  }
}

}  // namespace

void add_pool_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<PoolArguments>();
  auto* command =
      app.add_subcommand("pool", "Show the connection pools of a running process that opted in (demo does)");
  command->add_option("socket", arguments->socket, "Its statistics socket (default: the only one that is found)")
      ->type_name("");
  command->add_option("--watch", arguments->watch_seconds, "Show them again every so many seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86400.0).description(""));
  command->callback(
      [&session, arguments] { session.run = [&session, arguments] { return pool(session, *arguments); }; });
}

}  // namespace hbmux::cli
