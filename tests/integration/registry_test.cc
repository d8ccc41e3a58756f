// The three ways to find a cluster.
#include "tests/integration/cluster.h"

#include <chrono>
#include <thread>

namespace hbmux::integration {
namespace {

class Registries : public ClusterTest {
 protected:
  /// A row there and back, and something that needs the master.
  void use() {
    const auto name = make_table();
    HBMUX_ASSERT_OK(connection().table(name).put(Put("r").add("f", "q", "1")));
    EXPECT_EQ(text_of(connection().table(name).get(Get("r")).value()), "q=1");
  }
  bool has_pool(std::string_view service, std::string_view address) {
    for (const auto& pool : connection().statistics().pools) {
      if (pool.service == service && pool.address == address) return true;
    }
    return false;
  }
};

TEST_F(Registries, ZooKeeper) {
  connect({{"hbase.client.registry.impl", "org.apache.hadoop.hbase.client.ZKConnectionRegistry"}});
  use();
  for (const auto& pool : connection().statistics().pools) EXPECT_NE(pool.service, "ClientMetaService");
}

TEST_F(Registries, RpcByMaster) {
  connect({{"hbase.client.registry.impl", "org.apache.hadoop.hbase.client.RpcConnectionRegistry"},
           {"hbase.masters", cluster().master()},
           {"hbase.zookeeper.quorum", "127.0.0.1:1"}});
  use();
  EXPECT_TRUE(has_pool("ClientMetaService", cluster().master()));
}

TEST_F(Registries, RpcByRegionServers) {
  std::string servers;
  for (const auto& server : cluster().region_servers()) servers += (servers.empty() ? "" : ", ") + server;
  connect({{"hbase.client.registry.impl", "RpcConnectionRegistry"},
           {"hbase.client.bootstrap.servers", servers},
           {"hbase.zookeeper.quorum", "127.0.0.1:1"}});
  use();
  EXPECT_FALSE(has_pool("ClientMetaService", cluster().master()));
}

TEST_F(Registries, Master) {
  connect({{"hbase.client.registry.impl", "org.apache.hadoop.hbase.client.MasterRegistry"},
           {"hbase.masters", cluster().master()},
           {"hbase.zookeeper.quorum", "127.0.0.1:1"}});
  use();
}

// A list where only one server is right: the others cost a connect, and no more.
TEST_F(Registries, DeadServersInTheList) {
  connect({{"hbase.client.registry.impl", "RpcConnectionRegistry"},
           {"hbase.client.bootstrap.servers",
            "127.0.0.1:1,127.0.0.1:2,127.0.0.1:3," + cluster().region_servers().front()}});
  use();
}

// The list is fetched from the cluster, and used from then on.
TEST_F(Registries, RefreshesItsList) {
  connect({{"hbase.client.registry.impl", "RpcConnectionRegistry"},
           {"hbase.client.bootstrap.servers", cluster().region_servers().front()},
           {"hbase.client.bootstrap.initial_refresh_delay_secs", "1"},
           {"hbase.client.bootstrap.refresh_interval_secs", "2"},
           {"hbase.client.bootstrap.min_secs_between_refreshes", "1"}});
  const auto calls = [&] { return connection().statistics().calls; };
  for (int i = 0; i < 50 && calls() < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_GE(calls(), 2u) << "nothing but the registry has called";
  EXPECT_EQ(connection().statistics().calls_failed, 0u);
  use();
}

TEST_F(Registries, Uris) {
  auto zookeeper =
      ClusterConnection::open("hbase+zk://" + cluster().zookeeper() + "/hbase?hbase.client.operation.timeout=30000");
  HBMUX_ASSERT_OK(zookeeper);
  HBMUX_EXPECT_OK(zookeeper->admin().list_tables());
  auto rpc = ClusterConnection::open("hbase+rpc://" + cluster().region_servers().front());
  HBMUX_ASSERT_OK(rpc);
  HBMUX_EXPECT_OK(rpc->admin().list_tables());
}

}  // namespace
}  // namespace hbmux::integration
