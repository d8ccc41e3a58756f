// Tables, regions and the cluster.
#include "tests/integration/cluster.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>

namespace hbmux::integration {
namespace {

class Administration : public ClusterTest {};

TEST_F(Administration, ATablesLife) {
  const auto name = new_name();
  EXPECT_EQ(admin().table_exists(name).value(), false);
  HBMUX_EXPECT_ERROR(admin().table_state(name), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().describe_table(name), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().regions(name), Errc::table_not_found);

  HBMUX_ASSERT_OK(admin().create_table(TableDescriptor(name).family("f"), {"m"}));
  EXPECT_EQ(admin().table_exists(name).value(), true);
  EXPECT_EQ(admin().table_state(name).value(), TableState::enabled);
  const auto tables = admin().list_tables().value();
  EXPECT_TRUE(std::is_sorted(tables.begin(), tables.end()));
  EXPECT_EQ(std::count(tables.begin(), tables.end(), name), 1);
  EXPECT_EQ(std::count(tables.begin(), tables.end(), TableName::meta()), 0);
  HBMUX_EXPECT_ERROR(admin().create_table(TableDescriptor(name).family("f")), Errc::table_exists);

  HBMUX_EXPECT_ERROR(admin().delete_table(name), Errc::table_not_disabled);
  HBMUX_EXPECT_ERROR(admin().enable_table(name), Errc::table_not_disabled);
  HBMUX_ASSERT_OK(admin().disable_table(name));
  EXPECT_EQ(admin().table_state(name).value(), TableState::disabled);
  HBMUX_EXPECT_ERROR(admin().disable_table(name), Errc::table_not_enabled);
  const auto refused = connection().table(name).get(Get("r"));
  HBMUX_EXPECT_ERROR(refused, Errc::table_not_enabled);
  EXPECT_NE(refused.error().to_string().find(name.to_string()), std::string::npos) << refused.error();
  HBMUX_EXPECT_ERROR(admin().flush_table(name), Errc::table_not_enabled);

  HBMUX_ASSERT_OK(admin().enable_table(name));
  HBMUX_EXPECT_OK(connection().table(name).get(Get("r")));
  HBMUX_ASSERT_OK(admin().disable_table(name));
  HBMUX_ASSERT_OK(admin().delete_table(name));
  EXPECT_EQ(admin().table_exists(name).value(), false);
  HBMUX_EXPECT_ERROR(admin().delete_table(name), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().disable_table(name), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().flush_table(name), Errc::table_not_found);
}

TEST_F(Administration, DescriptorsComeBack) {
  const auto name = new_name();
  ColumnFamilyDescriptor family("f");
  family.max_versions(3).time_to_live(86400);
  family.values["BLOOMFILTER"] = "ROWCOL";
  family.configuration["hbase.hstore.blockingStoreFiles"] = "21";
  TableDescriptor wanted(name);
  wanted.values["MAX_FILESIZE"] = "1073741824";
  wanted.family(family).family("g");
  HBMUX_ASSERT_OK(admin().create_table(wanted));

  const auto found = admin().describe_table(name);
  HBMUX_ASSERT_OK(found);
  EXPECT_EQ(found->name, name);
  EXPECT_EQ(found->values.at("MAX_FILESIZE"), "1073741824");
  ASSERT_EQ(found->families.size(), 2u);
  EXPECT_EQ(found->families[0].name, "f");
  EXPECT_EQ(found->families[0].values.at("VERSIONS"), "3");
  EXPECT_EQ(found->families[0].values.at("TTL"), "86400");
  EXPECT_EQ(found->families[0].values.at("BLOOMFILTER"), "ROWCOL");
  EXPECT_EQ(found->families[0].configuration.at("hbase.hstore.blockingStoreFiles"), "21");
  EXPECT_EQ(found->families[1].name, "g");
}

TEST_F(Administration, SplitKeysAndRegions) {
  const auto name = make_table({"c", "a", std::string("b\0", 2)});
  const auto regions = admin().regions(name);
  HBMUX_ASSERT_OK(regions);
  std::vector<std::string> starts;
  for (const auto& location : *regions) {
    EXPECT_TRUE(location.is_known());
    EXPECT_EQ(location.region->table(), name);
    starts.emplace_back(location.region->start_key());
  }
  EXPECT_EQ(starts, (std::vector<std::string>{"", "a", std::string("b\0", 2), "c"}));
  const auto status = admin().cluster_status().value();
  for (const auto& location : *regions) {
    EXPECT_TRUE(std::any_of(status.live_servers.begin(), status.live_servers.end(),
                            [&](const auto& server) { return server.name == location.server; }));
  }
}

TEST_F(Administration, Truncate) {
  const auto name = make_table({"m"});
  auto table = connection().table(name);
  for (const bool preserve : {true, false}) {
    HBMUX_ASSERT_OK(table.put(Put("a").add("f", "q", "1")));
    HBMUX_EXPECT_ERROR(admin().truncate_table(name, preserve), Errc::table_not_disabled);
    HBMUX_ASSERT_OK(admin().disable_table(name));
    HBMUX_ASSERT_OK(admin().truncate_table(name, preserve));
    EXPECT_EQ(admin().table_state(name).value(), TableState::enabled);
    EXPECT_EQ(admin().regions(name).value().size(), preserve ? 2u : 1u);
    EXPECT_FALSE(table.get(Get("a")).value().exists());
  }
}

TEST_F(Administration, FlushAndSplit) {
  const auto name = make_table();
  auto table = connection().table(name);
  const std::string parent = admin().regions(name).value().front().region->name();
  EXPECT_FALSE(admin().split_region(parent)) << "an empty region has no middle";
  std::vector<Action> puts;
  for (int i = 100; i < 200; ++i) puts.emplace_back(Put("r" + std::to_string(i)).add("f", "q", std::string(1000, 'v')));
  for (const auto& put : table.batch(std::move(puts))) HBMUX_ASSERT_OK(put);

  HBMUX_ASSERT_OK(admin().flush_table(name));
  HBMUX_ASSERT_OK(admin().split_region(parent));
  auto regions = admin().regions(name).value();
  ASSERT_EQ(regions.size(), 2u);
  const auto middle = std::string(regions[1].region->start_key());
  EXPECT_GT(middle, "r100");
  EXPECT_LE(middle, "r199");

  HBMUX_EXPECT_ERROR(admin().split_region(regions[1].region->name(), middle), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin().split_region(regions[1].region->name(), "r100"), Errc::invalid_argument);
  for (int i = 100; i < 200; ++i) EXPECT_TRUE(table.exists(Get("r" + std::to_string(i))).value()) << i;
}

TEST_F(Administration, SplitWhereItIsTold) {
  const auto name = make_table({"m"});
  auto regions = admin().regions(name).value();
  HBMUX_ASSERT_OK(admin().split_region(std::string(regions[0].region->encoded_name()), "c"));
  HBMUX_ASSERT_OK(admin().split_region(regions[1].region->name(), std::string("n\0\xff", 3)));
  regions = admin().regions(name).value();
  std::vector<std::string> starts;
  for (const auto& location : regions) starts.emplace_back(location.region->start_key());
  EXPECT_EQ(starts, (std::vector<std::string>{"", "c", "m", std::string("n\0\xff", 3)}));
  HBMUX_EXPECT_ERROR(admin().split_region(std::string(32, 'a')), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin().split_region("no region"), Errc::invalid_argument);
}

TEST_F(Administration, Move) {
  if (cluster().region_servers().size() < 2) GTEST_SKIP() << "needs two region servers";
  const auto name = make_table();
  auto table = connection().table(name);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "1")));
  const bool balancer = admin().balancer_switch(false).value();
  for (int i = 0; i < 4; ++i) {
    const auto before = admin().regions(name).value().front();
    const auto servers = admin().cluster_status().value().live_servers;
    const auto other =
        std::find_if(servers.begin(), servers.end(), [&](const auto& server) { return server.name != before.server; });
    ASSERT_NE(other, servers.end());
    const std::string encoded(before.region->encoded_name());
    if (i % 2 == 0) {
      HBMUX_ASSERT_OK(admin().move_region(encoded, other->name));
      EXPECT_EQ(admin().regions(name).value().front().server, other->name);
    } else {
      HBMUX_ASSERT_OK(admin().move_region(encoded));
    }
    EXPECT_EQ(text_of(table.get(Get("r")).value()), "q=1");
    HBMUX_EXPECT_OK(table.put(Put("r").add("f", "q", "1")));
  }
  HBMUX_EXPECT_OK(admin().balancer_switch(balancer));
}

TEST_F(Administration, ARegionThatIsNotThere) {
  const auto moved = admin().move_region(std::string(32, 'a'));
  ASSERT_FALSE(moved);
  EXPECT_NE(moved.error().exception_class().find("UnknownRegionException"), std::string::npos) << moved.error();
  HBMUX_EXPECT_ERROR(admin().move_region("no region"), Errc::invalid_argument);
}

TEST_F(Administration, ClusterStatus) {
  const auto status = admin().cluster_status();
  HBMUX_ASSERT_OK(status);
  EXPECT_EQ(status->hbase_version.substr(0, 2), "2.") << status->hbase_version;
  EXPECT_EQ(status->cluster_id.size(), 36u);
  EXPECT_EQ(status->master.address.to_string(), cluster().master());
  EXPECT_GT(status->master.start_code, 0);
  EXPECT_EQ(status->live_servers.size(), cluster().region_servers().size());
  for (const auto& server : status->live_servers) {
    const auto& known = cluster().region_servers();
    EXPECT_EQ(std::count(known.begin(), known.end(), server.name.address.to_string()), 1);
  }
  ASSERT_TRUE(status->balancer_on);
}

TEST_F(Administration, Balancer) {
  const bool before = admin().cluster_status().value().balancer_on.value();
  EXPECT_EQ(admin().balancer_switch(!before).value(), before);
  EXPECT_EQ(admin().cluster_status().value().balancer_on.value(), !before);
  EXPECT_EQ(admin().balancer_switch(before).value(), !before);
}

TEST_F(Administration, Coroutines) {
  boost::asio::io_context context;
  const auto name = new_name();
  const auto handle = admin();
  bool done = false;
  auto work = [&]() -> boost::asio::awaitable<void> {
    auto descriptor = TableDescriptor(name).family("f");
    auto keys = std::vector<std::string>{"m"};
    HBMUX_EXPECT_OK(co_await handle.async_create_table(descriptor, keys));
    EXPECT_EQ((co_await handle.async_regions(name)).value().size(), 2u);
    EXPECT_EQ((co_await handle.async_table_state(name)).value(), TableState::enabled);
    HBMUX_EXPECT_OK(co_await handle.async_disable_table(name));
    HBMUX_EXPECT_OK(co_await handle.async_delete_table(name));
    done = true;
  };
  boost::asio::co_spawn(context, std::move(work), boost::asio::detached);
  context.run();
  EXPECT_TRUE(done);
}

TEST_F(Administration, AfterTheEnd) {
  const auto handle = admin();
  connection().close();
  HBMUX_EXPECT_ERROR(handle.list_tables(), Errc::closed);
  HBMUX_EXPECT_ERROR(handle.table_exists(TableName::parse("t").value()), Errc::closed);
  HBMUX_EXPECT_ERROR(handle.regions(TableName::parse("t").value()), Errc::closed);
}

}  // namespace
}  // namespace hbmux::integration
