#include "cli/session.h"

#include <cmath>
#include <iostream>

namespace hbmux::cli {

Result<Configuration> Session::configuration() const {
  auto configuration = Configuration::load(options.conf_dir);
  if (!configuration) return configuration;
  if (auto applied = apply_command_line(*configuration); !applied) return applied.error();
  return configuration;
}

Result<void> Session::apply_command_line(Configuration& configuration) const {
  for (const std::string& pair : options.pairs) {
    if (auto added = configuration.add_pair(pair); !added) return added;
  }
  // HBase's default of twenty minutes suits a service; a person in front of a terminal wants to hear of it sooner.
  auto millis = std::to_string(std::llround(options.timeout_seconds * 1000));
  for (const char* name : {"hbase.client.operation.timeout", "hbase.client.meta.operation.timeout",
                           "hbase.client.scanner.timeout.period"}) {
    if (!configuration.get_raw(name)) configuration.set(name, millis);
  }
  return {};
}

ClusterConnection& Session::connection() {
  if (!connection_) {
    Configuration properties = configuration().value();
    connection_ = options.uri.empty() ? ClusterConnection::open(properties).value()
                                      : ClusterConnection::open(options.uri, properties).value();
  }
  return *connection_;
}

ExitCode report(const Error& error) {
  std::cout.flush();
  std::cerr << "hbmux: " << error.to_string() << '\n';
  return exit_code(error.code());
}

}  // namespace hbmux::cli
