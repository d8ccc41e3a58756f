// Replicas of regions over sockets: what a client is told, faults by their text, and what a restart leaves.
#include "tests/loopback/mini_test.h"
#include "tests/loopback/raw_client.h"

#include <unistd.h>

#include <filesystem>

namespace hbmux::loopback {
namespace {

class Replicas : public MiniTest {
 protected:
  Table make(const std::string& name, int replication, std::vector<std::string> split_keys = {}) {
    cluster().create_table(name, {"f"}, std::move(split_keys), replication).value();
    return connection().table(name);
  }
  mini::RegionStatus copy(const std::string& table, std::string_view row, int replica) {
    for (auto& region : cluster().regions(table)) {
      const bool holds = row >= region.start_key && (region.end_key.empty() || row < region.end_key);
      if (holds && region.replica == replica) return region;
    }
    throw std::runtime_error("no such copy");
  }
  /// What a copy says of a row: the value ("-" for none), and whether it is stale.
  std::string said(const std::string& table, std::string_view row, int replica) {
    const auto region = copy(table, row, replica);
    if (region.server < 0) return "nowhere";
    RawClient client(cluster().region_servers().at(static_cast<std::size_t>(region.server)).address);
    EXPECT_TRUE(client.send(RawClient::hello() + RawClient::get(1, region.name, row)));
    RawClient::End end{};
    const std::string bytes = client.receive(5s, end);
    std::string_view frame = std::string_view(bytes).substr(std::min<std::size_t>(bytes.size(), 4));
    std::string_view part;
    pb::ResponseHeader header;
    pb::GetResponse response;
    if (!rpc::wire::read_delimited(frame, part) || !header.ParseFromArray(part.data(), static_cast<int>(part.size())))
      return "nothing";
    if (header.has_exception()) return header.exception().exception_class_name();
    if (!rpc::wire::read_delimited(frame, part) || !response.ParseFromArray(part.data(), static_cast<int>(part.size())))
      return "nothing";
    const auto& result = response.result();
    return (result.cell().empty() ? "-" : result.cell(0).value()) + (result.stale() ? " stale" : "");
  }
  std::uint64_t happened(int fault) {
    for (const auto& each : cluster().fault_counts()) {
      if (each.id == fault) return each.happened;
    }
    return 0;
  }
};

TEST_F(Replicas, LagByTextAndHealed) {
  auto table = make("t", 3, {"m"});
  const int fault = cluster().inject("replica-lag table=t replica=1 by=1h").value();
  EXPECT_EQ(happened(fault), 2u) << "one of each region";
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  EXPECT_EQ(said("t", "r", 0), "v");
  EXPECT_EQ(said("t", "r", 1), "- stale");
  EXPECT_EQ(said("t", "r", 2), "v stale");
  cluster().heal(fault);
  EXPECT_EQ(said("t", "r", 1), "v stale");
  cluster().inject("replica-lag table=t row=r by=1h for=20ms").value();
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "w")));
  HBMUX_ASSERT_OK(table.put(Put("a").add("f", "q", "w")));
  EXPECT_EQ(said("t", "a", 2), "w stale");
  wait_until([&] { return said("t", "r", 2) == "w stale"; }, "the end of the lag");
}

TEST_F(Replicas, LagOfAll) {
  start({.region_servers = 2, .replica_lag = 50ms});
  auto table = make("t", 2);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  wait_until([&] { return said("t", "r", 1) == "v stale"; }, "the replica");
}

// hbase:meta has more columns then, and regions come and go with their replicas.
TEST_F(Replicas, TheClientFindsRegionsAmongTheirReplicas) {
  start({.region_servers = 3});
  connect({{"hbase.rpc.timeout", "500"}, {"hbase.ipc.client.failed.servers.expiry", "50"}});
  auto table = make("t", 3, {"m"});
  for (const char* row : {"a", "x"}) HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", row)));
  const int home = copy("t", "a", 0).server;
  cluster().kill_region_server(home, 20ms).value();
  for (const char* row : {"a", "x"}) HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", "w")));
  wait_until([&] { return said("t", "a", 1) == "w stale" && said("t", "a", 2) == "w stale"; }, "all copies");
  cluster().split_region(copy("t", "x", 0).encoded_name, "s").value();
  HBMUX_EXPECT_OK(table.put(Put("x").add("f", "q", "z")));
  EXPECT_EQ(keys_of(table.scan(Scan())), (std::vector<std::string>{"a", "x"}));
  EXPECT_EQ(said("t", "x", 1), "z stale");
  EXPECT_EQ(cluster().regions("t").size(), 9u);
}

TEST_F(Replicas, AreThereAgainAfterARestart) {
  const std::string directory = testing::TempDir() + "hbmux-replicas-" + std::to_string(::getpid());
  std::filesystem::remove_all(directory);
  start({.region_servers = 2, .data_directory = directory});
  HBMUX_ASSERT_OK(make("t", 2).put(Put("r").add("f", "q", "v")));
  stop();
  start({.region_servers = 2, .data_directory = directory});
  EXPECT_EQ(said("t", "r", 1), "v stale");
  HBMUX_ASSERT_OK(connection().table("t").put(Put("r").add("f", "q", "w")));
  EXPECT_EQ(said("t", "r", 1), "w stale");
  stop();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace hbmux::loopback
