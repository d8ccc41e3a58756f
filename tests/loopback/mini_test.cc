#include "tests/loopback/mini_test.h"

#include <cstdio>
#include <thread>

namespace hbmux::loopback {

void MiniTest::SetUp() {
  // Tests open many connections on purpose.
  set_log_sink([](LogLevel, std::string_view message) { std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data()); },
               LogLevel::error);
}

void MiniTest::start(mini::Options options) {
  stop();
  auto started = mini::Cluster::start(options);
  if (!started) throw Exception(started.error());
  cluster_.emplace(std::move(*started));
}

void MiniTest::stop() {
  connection_.reset();
  cluster_.reset();
}

mini::Cluster& MiniTest::cluster() {
  if (!cluster_) start({.region_servers = 3});
  return *cluster_;
}

Configuration MiniTest::configuration(const Settings& settings) {
  Configuration configuration = cluster().client_configuration();
  configuration.set("hbase.client.operation.timeout", "20000");
  configuration.set("hbase.client.meta.operation.timeout", "20000");
  configuration.set("hbase.rpc.timeout", "10000");
  configuration.set("hbase.client.pause", "20");
  for (const auto& [name, value] : settings) configuration.set(name, value);
  return configuration;
}

ClusterConnection& MiniTest::connect(const Settings& settings) {
  connection_.reset();
  connection_.emplace(ClusterConnection::open(configuration(settings)).value());
  return *connection_;
}

ClusterConnection& MiniTest::connection() { return connection_ ? *connection_ : connect(); }

Table MiniTest::make_table(const std::string& name, std::vector<std::string> split_keys) {
  cluster().create_table(name, {"f", "g"}, std::move(split_keys)).value();
  return connection().table(name);
}

mini::RegionStatus MiniTest::region_of(const std::string& table, std::string_view row) {
  for (auto& region : cluster().regions(table)) {
    if (row >= region.start_key && (region.end_key.empty() || row < region.end_key)) return region;
  }
  throw std::runtime_error("no region");
}

void MiniTest::move(const std::string& table, std::string_view row, int server) {
  cluster().move_region(region_of(table, row).encoded_name, server).value();
}

std::string text_of(const Row& row) {
  std::string text(row.row());
  for (const Cell& cell : row) {
    text.append(" ").append(cell.family()).append(":").append(cell.qualifier()).append("=").append(cell.value());
  }
  return text;
}

std::vector<std::string> keys_of(Scanner scanner) {
  std::vector<std::string> keys;
  for (const auto& row : scanner) keys.push_back(row ? std::string(row->row()) : row.error().to_string());
  return keys;
}

std::string key(int number) {
  std::string digits = std::to_string(number);
  return "r" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

void wait_until(const std::function<bool()>& condition, const char* what) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      ADD_FAILURE() << "not within 20 s: " << what;
      return;
    }
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace hbmux::loopback
