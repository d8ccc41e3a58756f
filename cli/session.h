// What all subcommands share: where the cluster is, how to print, and how a failure ends the program.
#pragma once

#include "cli/exit_code.h"

#include <hbmux/cluster_connection.h>
#include <hbmux/configuration.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hbmux::cli {

enum class Format { table, json, csv };

/// The options that may stand before or behind any subcommand.
struct CommonOptions {
  std::string conf_dir;
  std::string uri;
  std::vector<std::string> pairs;  ///< -D name=value
  Format format = Format::table;
  bool progress = false;
  int verbosity = 0;
  double timeout_seconds = 60;

  /// Whether the command line named a cluster.
  bool names_cluster() const noexcept { return !conf_dir.empty() || !uri.empty(); }
};

/// One run of the program. Made in main(), used by one thread.
class Session {
 public:
  CommonOptions options;
  /// Set by the subcommand that was chosen while the command line was parsed; run afterwards.
  std::function<ExitCode()> run;

  /// The files, then the command line.
  Result<Configuration> configuration() const;
  /// -D pairs and --timeout.
  Result<void> apply_command_line(Configuration& configuration) const;
  /// Opens the connection on first use. Throws hbmux::Exception.
  ClusterConnection& connection();
  Table table(const std::string& name) { return connection().table(name); }
  Admin admin() { return connection().admin(); }

 private:
  std::optional<ClusterConnection> connection_;
};

/// Prints "hbmux: ..." on standard error, and says with which status to exit.
ExitCode report(const Error& error);

// One function a group of subcommands: each adds its subcommands to `app`, and sets Session::run when one was chosen.
void add_data_commands(CLI::App& app, Session& session);
void add_scan_commands(CLI::App& app, Session& session);
void add_load_command(CLI::App& app, Session& session);
void add_admin_commands(CLI::App& app, Session& session);
void add_pool_command(CLI::App& app, Session& session);
void add_mini_command(CLI::App& app, Session& session);
void add_demo_command(CLI::App& app, Session& session);
#ifdef HBMUX_HAS_GATEWAY
void add_gateway_command(CLI::App& app, Session& session);
#endif

}  // namespace hbmux::cli
