#include "tests/integration/cluster.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

namespace hbmux::integration {
namespace {

/// Output of a command; nothing when it failed.
std::optional<std::string> output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) return std::nullopt;
  std::string text;
  char bytes[4096];
  for (std::size_t count; (count = std::fread(bytes, 1, sizeof bytes, pipe)) > 0;) text.append(bytes, count);
  return ::pclose(pipe) == 0 ? std::optional(text) : std::nullopt;
}

/// What the tool knows, under what the environment says.
std::map<std::string, std::string> known_settings(const std::string& tool) {
  std::map<std::string, std::string> settings;
  if (!tool.empty()) {
    std::istringstream lines(output_of("'" + tool + "' env 2>/dev/null").value_or(""));
    for (std::string line; std::getline(lines, line);) {
      const auto equals = line.find('=');
      if (equals != std::string::npos) settings[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  for (const char* name : {"HBMUX_ZK_QUORUM", "HBMUX_MASTER", "HBMUX_RS_1", "HBMUX_RS_2", "HBMUX_RS_3"}) {
    if (const char* value = std::getenv(name); value && *value) settings[name] = value;
  }
  return settings;
}

}  // namespace

std::optional<Cluster> Cluster::find(std::string& problem) {
  Cluster cluster;
  if (const char* tool = std::getenv("HBMUX_HBASE_TOOL")) cluster.tool_ = tool;
  auto settings = known_settings(cluster.tool_);
  cluster.zookeeper_ = settings["HBMUX_ZK_QUORUM"];
  cluster.master_ = settings["HBMUX_MASTER"];
  for (int number = 1; settings.contains("HBMUX_RS_" + std::to_string(number)); ++number) {
    cluster.region_servers_.push_back(settings["HBMUX_RS_" + std::to_string(number)]);
  }
  if (!cluster.zookeeper_.empty() && !cluster.master_.empty() && !cluster.region_servers_.empty()) return cluster;
  problem =
      cluster.tool_.empty()
          ? "no HBase: HBMUX_ZK_QUORUM, HBMUX_MASTER and HBMUX_RS_1 are not set (tests/integration/run starts one)"
          : "no HBase: none is up for " + cluster.tool_;
  return std::nullopt;
}

Configuration Cluster::configuration() const {
  Configuration configuration;
  configuration.set("hbase.zookeeper.quorum", zookeeper_);
  configuration.set("hbase.client.operation.timeout", "60000");
  configuration.set("hbase.client.meta.operation.timeout", "60000");
  configuration.set("hbase.rpc.timeout", "20000");
  configuration.set("hbase.client.start.log.errors.counter", "1000");
  return configuration;
}

void Cluster::tool(const std::string& arguments) const {
  const std::string command = "'" + tool_ + "' " + arguments;
  if (std::system(command.c_str()) != 0) ADD_FAILURE() << "failed: " << command;
}

}  // namespace hbmux::integration
