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
  return configuration;
}

void Cluster::tool(const std::string& arguments) const {
  const std::string command = "'" + tool_ + "' " + arguments;
  if (std::system(command.c_str()) != 0) ADD_FAILURE() << "failed: " << command;
}

void ClusterTest::SetUp() {
  std::string problem;
  cluster_ = Cluster::find(problem);
  if (!cluster_) GTEST_SKIP() << problem;
  connect();
}

void ClusterTest::TearDown() {
  if (tables_.empty()) return;
  connect();  // with the usual settings, whatever the test used
  for (const auto& table : tables_) {
    auto state = admin().table_state(table);
    if (!state) continue;
    if (*state == TableState::enabled) HBMUX_EXPECT_OK(admin().disable_table(table));
    HBMUX_EXPECT_OK(admin().delete_table(table));
  }
}

void ClusterTest::connect(const std::vector<std::pair<std::string, std::string>>& settings) {
  connection_.reset();
  auto configuration = cluster_->configuration();
  for (const auto& [name, value] : settings) configuration.set(name, value);
  auto opened = ClusterConnection::open(configuration);
  HBMUX_ASSERT_OK(opened);
  connection_.emplace(std::move(*opened));
}

TableName ClusterTest::new_name() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(test->test_suite_name()) + "_" + test->name();
  for (char& c : name) {
    if (c == '/') c = '_';
  }
  name += "_" + std::to_string(::getpid()) + "_" + std::to_string(tables_.size());
  return tables_.emplace_back(TableName::parse(name).value());
}

TableName ClusterTest::make_table(std::vector<std::string> split_keys) {
  const auto name = new_name();
  auto created = admin().create_table(
      TableDescriptor(name).family("f").family(ColumnFamilyDescriptor("g").max_versions(5)), std::move(split_keys));
  EXPECT_TRUE(created) << created.error();
  return name;
}

std::string text_of(const Row& row) {
  std::string text;
  for (const auto& cell : row) {
    if (!text.empty()) text += ' ';
    text += std::string(cell.qualifier()) + '=' + std::string(cell.value());
  }
  return text;
}

}  // namespace hbmux::integration
