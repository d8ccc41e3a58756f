// Copies of hbase:meta, which lag: without hbase.region.replica.replication.catalog.enabled HBase 2.6 lets them see nothing but what was flushed before
// they were opened.
#include "tests/integration/cluster.h"

#include <set>
#include <thread>

namespace hbmux::integration {
namespace {

class MetaReplicaTest : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    before_ = admin().describe_table(TableName::meta()).value();
    if (admin().cluster_status().value().live_servers.size() < 2) GTEST_SKIP() << "copies of hbase:meta need several region servers";
    replicate(2);
  }
  void TearDown() override {
    if (before_ && !IsSkipped()) replicate(1);
    ClusterTest::TearDown();
  }
  void replicate(int copies) {
    TableDescriptor meta = *before_;
    meta.values["REGION_REPLICATION"] = std::to_string(copies);
    HBMUX_ASSERT_OK(admin().modify_table(meta));
    for (int i = 0; i < 300; ++i) {
      const auto places = connection().table(TableName::meta()).region_locator().region_locations("", true).value();
      if (places.size() == static_cast<std::size_t>(copies)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL() << "no " << copies << " copies of hbase:meta";
  }
  std::optional<TableDescriptor> before_;
};

TEST_F(MetaReplicaTest, TellWhereRegionsAre) {
  const auto places = connection().table(TableName::meta()).region_locator().all_region_locations().value();
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[1].region->name(), "hbase:meta,,1_0001");
  EXPECT_NE(places[0].server, places[1].server);
  const TableName name = new_name();
  HBMUX_ASSERT_OK(admin().create_table(TableDescriptor(name).family("f"), {"c", "e", "g", "i", "k", "m", "o", "q", "s"}));
  for (const char* mode : {"LoadBalance", "HedgedRead"}) {
    connect({{"hbase.locator.meta.replicas.mode", mode}, {"hbase.client.locate.prefetch.limit", "1"}});
    auto table = connection().table(name);
    for (char row = 'a'; row <= 't'; ++row) HBMUX_ASSERT_OK(table.put(Put(std::string(1, row)).add("f", "q", mode)));
    connection().clear_region_location_cache();
    for (char row = 'a'; row <= 't'; ++row) {
      EXPECT_EQ(table.get(Get(std::string(1, row))).value().value("f", "q"), mode);
    }
  }
}

TEST_F(MetaReplicaTest, OnesThatAreBehindArePassedOver) {
  const TableName name = new_name();
  HBMUX_ASSERT_OK(admin().create_table(TableDescriptor(name).family("f"), {"m"}));
  connect({{"hbase.locator.meta.replicas.mode", "LoadBalance"}});
  auto table = connection().table(name);
  HBMUX_ASSERT_OK(table.put(Put("a").add("f", "q", "v")));
  const auto servers = admin().cluster_status().value().live_servers;
  for (int round = 0; round < 4; ++round) {
    const auto place = table.region_locator().region_location("a", true).value();
    const ServerName& to = servers[0].name == place.server ? servers[1].name : servers[0].name;
    HBMUX_ASSERT_OK(admin().move_region(std::string(place.region->encoded_name()), to));
    connection().clear_region_location_cache();
    EXPECT_EQ(table.get(Get("a")).value().value("f", "q"), "v");
  }
}

}  // namespace
}  // namespace hbmux::integration
