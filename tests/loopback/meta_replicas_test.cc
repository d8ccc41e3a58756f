// Copies of hbase:meta: lookups that go to them, those that are behind, and those whose server is gone.
#include "tests/loopback/mini_test.h"

#include <set>

namespace hbmux::loopback {
namespace {

class MetaReplicas : public MiniTest {
 protected:
  void SetUp() override { start({.region_servers = 3, .meta_replicas = 3}); }

  ClusterConnection& connect_with(const std::string& mode, Settings more = {}) {
    more.insert(more.end(), {{"hbase.locator.meta.replicas.mode", mode},
                             {"hbase.client.locate.prefetch.limit", "1"},
                             {"hbase.ipc.client.failed.servers.expiry", "50"},
                             {"hbase.client.pause", "10"}});
    return connect(more);
  }
  int server_of_meta(int replica) {
    for (const auto& region : cluster().regions("hbase:meta")) {
      if (region.replica == replica) return region.server;
    }
    return -1;
  }
  /// Which copies answered scans, by the calls of their servers that a delay of nothing counted.
  std::vector<std::uint64_t> count_scans(const std::function<void()>& work) {
    std::vector<int> faults;
    for (int replica = 0; replica < 3; ++replica) {
      faults.push_back(cluster().inject("delay method=Scan table=hbase:meta min=0 max=1us server=rs" + std::to_string(server_of_meta(replica))).value());
    }
    work();
    std::vector<std::uint64_t> counts;
    for (const int fault : faults) {
      for (const auto& each : cluster().fault_counts()) {
        if (each.id == fault) counts.push_back(each.happened);
      }
      cluster().heal(fault);
    }
    return counts;
  }
};

std::vector<std::string> many_keys() {
  std::vector<std::string> keys;
  for (int i = 1; i < 60; ++i) keys.push_back(key(i));
  return keys;
}

TEST_F(MetaReplicas, AreOnDifferentServersAndKnownToBothRegistries) {
  std::set<int> servers;
  for (int replica = 0; replica < 3; ++replica) servers.insert(server_of_meta(replica));
  EXPECT_EQ(servers.size(), 3u);
  for (const Configuration& way : {cluster().client_configuration(), cluster().zookeeper_configuration()}) {
    auto connection = ClusterConnection::open(way).value();
    const auto places = connection.table("hbase:meta").region_locator().region_locations("").value();
    ASSERT_EQ(places.size(), 3u);
    for (int replica = 0; replica < 3; ++replica) {
      const auto& place = places[static_cast<std::size_t>(replica)];
      EXPECT_EQ(place.region->replica_id(), replica);
      EXPECT_EQ(place.server, cluster().region_servers()[static_cast<std::size_t>(server_of_meta(replica))]);
    }
    EXPECT_EQ(connection.table("hbase:meta").region_locator().all_region_locations().value().size(), 3u);
  }
}

TEST_F(MetaReplicas, LookupsGoToThePrimaryOneByDefault) {
  auto table = make_table("t", many_keys());
  connect_with("None");
  const auto counts = count_scans([&] {
    for (int i = 0; i < 60; ++i) HBMUX_ASSERT_OK(connection().table("t").get(Get(key(i))));
  });
  EXPECT_GE(counts.at(0), 60u);
  EXPECT_EQ(counts.at(1), 0u);
  EXPECT_EQ(counts.at(2), 0u);
}

TEST_F(MetaReplicas, LookupsAreSpread) {
  make_table("t", many_keys());
  connect_with("LoadBalance");
  const auto counts = count_scans([&] {
    for (int i = 0; i < 60; ++i) HBMUX_ASSERT_OK(connection().table("t").get(Get(key(i))));
  });
  for (const auto count : counts) EXPECT_GT(count, 5u) << "of 60, a third each on average";
}

TEST_F(MetaReplicas, OneThatIsBehindIsPassedOver) {
  make_table("t", {"m"});
  connect_with("LoadBalance");
  auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.put(Put("a").add("f", "q", "v")));
  cluster().inject("replica-lag table=hbase:meta by=1h").value();
  // Copies still say where regions were, and know nothing of new ones.
  for (int round = 0; round < 10; ++round) {
    const int to = (region_of("t", "a").server + 1) % 3;
    move("t", "a", to);
    connection().clear_region_location_cache();
    HBMUX_ASSERT_OK(table.get(Get("a")));
    const std::string name = "new" + std::to_string(round);
    make_table(name);
    HBMUX_ASSERT_OK(connection().table(name).put(Put("r").add("f", "q", "v")));
  }
}

TEST_F(MetaReplicas, OthersAnswerWhenThePrimaryOneDoesNot) {
  make_table("t", many_keys());
  for (const char* mode : {"HedgedRead", "LoadBalance"}) {
    connect_with(mode, {{"hbase.client.meta.replica.scan.timeout", "20000"}, {"hbase.rpc.timeout", "3000"}});
    HBMUX_ASSERT_OK(connection().table("hbase:meta").region_locator().region_location(""));
    const int fault = cluster().inject("delay method=Scan table=hbase:meta min=2s max=2s server=rs" + std::to_string(server_of_meta(0))).value();
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 8; ++i) HBMUX_ASSERT_OK(connection().table("t").region_locator().region_location(key(i)));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1500ms) << mode;
    cluster().heal(fault);
  }
}

TEST_F(MetaReplicas, TheServerOfAnyCopyMayDie) {
  make_table("t", many_keys());
  for (const char* mode : {"HedgedRead", "LoadBalance"}) {
    for (int replica = 0; replica < 3; ++replica) {
      connect_with(mode);
      HBMUX_ASSERT_OK(connection().table("hbase:meta").region_locator().region_location(""));
      const int server = server_of_meta(replica);
      cluster().kill_region_server(server, 50ms);
      SCOPED_TRACE(std::string(mode) + " " + std::to_string(replica));
      for (int i = 0; i < 20; ++i) HBMUX_ASSERT_OK(connection().table("t").get(Get(key(i))));
      HBMUX_ASSERT_OK(cluster().start_region_server(server));
      cluster().balance();
    }
  }
}

TEST_F(MetaReplicas, TheOlderPropertyAsksAllOfThem) {
  make_table("t");
  connect({{"hbase.meta.replicas.use", "true"}, {"hbase.client.meta.replica.scan.timeout", "20000"}});
  HBMUX_ASSERT_OK(connection().table("hbase:meta").region_locator().region_location(""));
  cluster().inject("delay method=Scan table=hbase:meta min=2s max=2s server=rs" + std::to_string(server_of_meta(0))).value();
  const auto began = std::chrono::steady_clock::now();
  HBMUX_ASSERT_OK(connection().table("t").region_locator().region_location("r"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1500ms);
}

TEST_F(MetaReplicas, OneReplicaByItsNumber) {
  cluster().create_table("two", {"f"}, {"m"}, 2).value();
  auto locator = connect().table("two").region_locator();
  const auto first = locator.region_location("a", 0, false).value();
  const auto second = locator.region_location("a", 1, false).value();
  EXPECT_EQ(second.region->replica_id(), 1);
  EXPECT_NE(first.server, second.server);
  EXPECT_EQ(locator.region_location("a", 2, false).error().code(), Errc::invalid_argument);
  EXPECT_EQ(locator.all_region_locations().value().size(), 4u);
  EXPECT_EQ(locator.start_keys().value(), (std::vector<std::string>{"", "m"}));
}

}  // namespace
}  // namespace hbmux::loopback
