// demo: the main job, shown. Many threads over one connection, a region server that dies and returns, and every row
// compared.
#include "cli/demo_cluster.h"
#include "cli/demo_load.h"
#include "cli/demo_report.h"
#include "cli/session.h"
#include "cli/statistics_reader.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <thread>

namespace hbmux::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct DemoArguments {
  double seconds = 15;
  int threads = 8;
  int rows = 50000;
  int region_servers = 3;
};

volatile std::sig_atomic_t interrupted = 0;

/// Ctrl-C ends the load early and still compares and cleans up; a second one ends the program.
void end_load_on_interrupt() {
  auto handler = [](int signal) {
    interrupted = 1;
    std::signal(signal, SIG_DFL);
  };
  std::signal(SIGINT, handler);
  std::signal(SIGTERM, handler);
}

/// Runs the load for its time; on an embedded cluster a server dies after a third of it, and is back after two.
void run_load(DemoCluster& cluster, DemoLoad& load, DemoReport& report, std::chrono::duration<double> time) {
  auto began = Clock::now();
  auto at = [&](double share) { return began + std::chrono::duration_cast<Clock::duration>(time * share); };
  enum class Stage { healthy, killed, returned } stage = cluster.is_embedded() ? Stage::healthy : Stage::returned;
  auto next_tick = began + report.interval();
  report.begin();
  load.start();
  while (Clock::now() < at(1) && !interrupted) {
    std::this_thread::sleep_until(std::min(next_tick, at(1)));
    report.tick(load, cluster.connection().statistics());
    next_tick += report.interval();
    if (stage == Stage::healthy && Clock::now() >= at(1.0 / 3)) {
      report.event("kill -9 of the region server at " + cluster.kill_server());
      stage = Stage::killed;
    } else if (stage == Stage::killed && Clock::now() >= at(2.0 / 3)) {
      cluster.return_server();
      report.event("it is back, and regions move to it");
      stage = Stage::returned;
    }
  }
  load.stop();
}

ExitCode demo(Session& session, const DemoArguments& arguments) {
  end_load_on_interrupt();
  DemoReport report(session.options.format);
  DemoCluster cluster(session, arguments.region_servers);
  report.line(cluster.description());
  std::string socket = statistics_path_of_this_process();
  if (auto exposed = cluster.connection().expose_statistics(socket)) {
    report.line("One connection, " + std::to_string(arguments.threads) +
                " threads; look into its pools with: hbmux pool " + socket);
  } else {
    std::cerr << "hbmux: no statistics socket: " << exposed.error().to_string() << '\n';
  }
  report.line("");

  DemoLoad load(cluster.connection(), cluster.table(), arguments.threads, arguments.rows);
  auto began = Clock::now();
  run_load(cluster, load, report, std::chrono::duration<double>(arguments.seconds));
  auto load_time = Clock::now() - began;
  report.event("reading every row back");
  load.read_back();
  report.summary(load, cluster.connection().statistics(), load_time);
  CheckCounts checks = load.checks();
  return checks.lost == 0 && checks.wrong == 0 ? ExitCode::ok : ExitCode::no;
}

}  // namespace

void add_demo_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<DemoArguments>();
  auto* command = app.add_subcommand(
      "demo", "Many threads over one connection, a region server killed under them, every row compared");
  command->footer(
      "Without --conf or --uri on an embedded cluster; with one of them on a real one, without the kill, in a table "
      "that it makes "
      "and drops.");
  command->add_option("--seconds", arguments->seconds, "How long the load runs")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 1e6).description(""))
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "How many, each with its own Table")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""))
      ->capture_default_str();
  command->add_option("--rows", arguments->rows, "How many rows are written and written again")
      ->type_name("N")
      ->check(CLI::Range(1, 100000000).description(""))
      ->capture_default_str();
  command->add_option("--region-servers", arguments->region_servers, "Of the embedded cluster")
      ->type_name("N")
      ->check(CLI::Range(2, 64).description(""))
      ->capture_default_str();
  command->callback(
      [&session, arguments] { session.run = [&session, arguments] { return demo(session, *arguments); }; });
}

}  // namespace hbmux::cli
