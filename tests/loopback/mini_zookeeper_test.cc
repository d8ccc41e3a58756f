// The client finds the embedded cluster by way of its ZooKeeper.
#include "tests/loopback/mini_test.h"

#include "rpc/zookeeper_registry.h"
#include "tests/support/ask_registry.h"

namespace hbmux::loopback {
namespace {

class MiniZooKeeper : public MiniTest {};

TEST_F(MiniZooKeeper, AClientReadsAndWritesByIt) {
  start({.region_servers = 2, .znode_parent = "/deep/hbase"});
  cluster().create_table("t", {"f"}, {"m"}).value();
  auto connection = ClusterConnection::open(cluster().zookeeper_uri()).value();
  auto table = connection.table("t");
  for (const char* row : {"a", "z"}) HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", "v")));
  EXPECT_EQ(keys_of(table.scan(Scan())), (std::vector<std::string>{"a", "z"}));
  EXPECT_TRUE(connection.admin().table_exists(TableName::parse("t").value()).value());
  EXPECT_EQ(ClusterConnection::open(cluster().zookeeper_configuration()).value().admin().list_tables().value().size(),
            1u);
}

TEST_F(MiniZooKeeper, TellsWhereHBaseMetaWentWhenItsServerDied) {
  start({.region_servers = 3});
  core::ZooKeeperSettings settings;
  settings.quorum = cluster().zookeeper_address();
  auto lanes = rpc::start_lanes(1);
  auto registry = std::make_unique<rpc::ZooKeeperRegistry>(settings, lanes);
  test::RegistryAsker ask(*registry);
  const ServerName before = ask.meta_locations().value()->primary.server;
  int holder = -1;
  const auto servers = cluster().region_servers();
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (servers[i] == before) holder = static_cast<int>(i);
  }
  ASSERT_GE(holder, 0);
  EXPECT_EQ(ask.active_master().value(), cluster().master());
  HBMUX_ASSERT_OK(cluster().kill_region_server(holder, 0ms));
  wait_until([&] { return ask.meta_locations().value()->primary.server != before; }, "another server for hbase:meta");
  registry.reset();
  rpc::stop_lanes(lanes);
}

TEST_F(MiniZooKeeper, OddParentsAreRefused) {
  for (const char* parent : {"", "/", "hbase", "/hbase/", "//hbase"}) {
    HBMUX_EXPECT_ERROR(mini::Cluster::start({.znode_parent = parent}), Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace hbmux::loopback
