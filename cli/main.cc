// The `hbmux` command: what it can do, and the options that all of it shares.
#include "cli/session.h"

#include <hbmux/log.h>
#include <hbmux/version.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>

namespace hbmux::cli {
namespace {

void add_common_options(CLI::App& app, CommonOptions& options) {
  static const std::map<std::string, Format> kFormats = {
      {"table", Format::table}, {"json", Format::json}, {"csv", Format::csv}};
  app.add_option("--conf", options.conf_dir,
                 "Folder with hbase-site.xml (default: $HBASE_CONF_DIR, else /etc/hbase/conf)")
      ->type_name("DIR");
  app.add_option("--uri", options.uri, "Cluster: hbase+zk://HOST:PORT/ZNODE or hbase+rpc://HOST:PORT")
      ->type_name("URI")
      ->envname("HBMUX_URI");
  app.add_option("-D", options.pairs, "Set a property; may be given several times")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--format", options.format, "How to print: table, json or csv")
      ->type_name("FORMAT")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case).description(""))
      ->option_text("FORMAT");
  app.add_option("--timeout", options.timeout_seconds,
                 "Seconds an operation may take, all its attempts together, unless properties say otherwise")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 1e6).description(""))
      ->capture_default_str();
  app.add_flag("--progress", options.progress, "Show progress even when standard error is no terminal");
  app.add_flag("-v,--verbose", options.verbosity, "Tell more on standard error; -vv: everything");
  app.set_version_flag("--version", "hbmux " HBMUX_VERSION_STRING);
}

void set_verbosity(int verbosity) {
  if (verbosity == 0) return;
  set_log_sink([](LogLevel, std::string_view message) { std::cerr << (std::string(message) + '\n'); },
               verbosity == 1 ? LogLevel::info : LogLevel::trace);
}

int run(int argc, char** argv) {
  CLI::App app("hbmux: Apache HBase from the command line, and an embedded cluster to try it on", "hbmux");
  app.require_subcommand(1);
  app.fallthrough();  // common options may stand behind the subcommand
  app.get_formatter()->column_width(34);
  app.footer(std::string("\nRows, columns and values may hold any byte, written and shown as \\xNN.\n\n") +
             kExitCodeHelp);
  Session session;
  add_common_options(app, session.options);
  add_demo_command(app, session);
  add_mini_command(app, session);
#ifdef HBMUX_HAS_GATEWAY
  add_gateway_command(app, session);
#endif
  add_data_commands(app, session);
  add_scan_commands(app, session);
  add_load_command(app, session);
  add_admin_commands(app, session);
  add_pool_command(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help and the like
    return app.exit(success);
  } catch (const CLI::ParseError& problem) {
    std::cerr << "hbmux: " << problem.what() << "\nTry: hbmux --help\n";
    return static_cast<int>(ExitCode::usage);
  }
  set_verbosity(session.options.verbosity);
  try {
    ExitCode code = session.run();
    std::cout.flush();
    return static_cast<int>(code);
  } catch (const Exception& failure) {
    return static_cast<int>(report(failure.error()));
  }
}

}  // namespace
}  // namespace hbmux::cli

int main(int argc, char** argv) { return hbmux::cli::run(argc, argv); }
