// Where regions are, and calls of what runs inside them.
#include "tests/integration/cluster.h"

#include <boost/asio/use_future.hpp>

namespace hbmux::integration {
namespace {

class Regions : public ClusterTest {};

TEST_F(Regions, AreLocated) {
  auto table = connection().table(make_table({"g", "p"}));
  const auto locator = table.region_locator();
  EXPECT_EQ(locator.name(), table.name());
  const auto middle = locator.region_location("h");
  HBMUX_ASSERT_OK(middle);
  EXPECT_EQ(middle->region->start_key(), "g");
  EXPECT_EQ(middle->region->end_key(), "p");
  EXPECT_TRUE(middle->is_known());
  const auto again = locator.async_region_location("g", true, boost::asio::use_future).get();
  HBMUX_ASSERT_OK(again);
  EXPECT_EQ(again->region->name(), middle->region->name());
  using Range = RegionLocator::KeyRange;
  EXPECT_EQ(locator.start_end_keys().value(), (std::vector<Range>{{"", "g"}, {"g", "p"}, {"p", ""}}));
  EXPECT_EQ(locator.start_keys().value(), (std::vector<std::string>{"", "g", "p"}));
  EXPECT_EQ(locator.end_keys().value(), (std::vector<std::string>{"g", "p", ""}));
  EXPECT_EQ(locator.async_all_region_locations(boost::asio::use_future).get().value().size(), 3u);
  const auto replicas = locator.region_locations("z");
  HBMUX_ASSERT_OK(replicas);
  EXPECT_EQ(replicas->size(), 1u);
  const auto soon = locator.async_region_locations("z", true, boost::asio::use_future).get();
  HBMUX_ASSERT_OK(soon);
  ASSERT_EQ(soon->size(), 1u);
  EXPECT_EQ(soon->front().region->name(), replicas->front().region->name());
}

TEST_F(Regions, WhatIsForgottenIsLookedUpAgain) {
  auto table = connection().table(make_table());
  HBMUX_ASSERT_OK(table.get(Get("r")));
  const auto lookups = connection().statistics().region_lookups;
  HBMUX_ASSERT_OK(table.region_locator().region_location("r"));
  EXPECT_EQ(connection().statistics().region_lookups, lookups);
  table.region_locator().clear_region_location_cache();
  HBMUX_ASSERT_OK(table.get(Get("r")));
  EXPECT_EQ(connection().statistics().region_lookups, lookups + 1);
  HBMUX_ASSERT_OK(table.region_locator().region_location("r", true));
  EXPECT_EQ(connection().statistics().region_lookups, lookups + 2);
}

// What parallel work over a part of a table is split by: the regions of a range, each beginning where the one before ends.
TEST_F(Regions, OfARange) {
  std::vector<std::string> splits;
  for (char c = 'b'; c <= 'y'; ++c) splits.emplace_back(3, c);
  const auto locator = connection().table(make_table(splits)).region_locator();
  EXPECT_EQ(locator.all_region_locations()->size(), 25u);
  const auto count = [&](std::string at, const std::string& end) {
    int regions = 0;
    do {
      const auto location = locator.region_location(at);
      EXPECT_TRUE(location && location->region->contains(at));
      if (!location || ++regions > 25) return -1;
      at = std::string(location->region->end_key());
    } while (!at.empty() && (end.empty() || at < end));
    return regions;
  };
  EXPECT_EQ(count("ddc", "mmm"), 10);
  EXPECT_EQ(count("fff", "mmm"), 7);
  EXPECT_EQ(count("fff", "nnn"), 8);
  EXPECT_EQ(count("", "nnn"), 13);
  EXPECT_EQ(count("fff", ""), 20);
  EXPECT_EQ(count("", ""), 25);
  EXPECT_EQ(count("aac", "zzz1"), 25);
  EXPECT_EQ(count("ccc", "ccc"), 1);
}

TEST_F(Regions, OfATableThatMoved) {
  if (cluster().region_servers().size() < 2) GTEST_SKIP() << "needs two region servers";
  const auto table = connection().table(make_table());
  const auto locator = table.region_locator();
  const auto before = locator.region_location("r");
  HBMUX_ASSERT_OK(before);
  const auto servers = admin().cluster_status().value().live_servers;
  const auto& other = servers[0].name == before->server ? servers[1].name : servers[0].name;
  HBMUX_ASSERT_OK(admin().move_region(std::string(before->region->encoded_name()), other));
  EXPECT_EQ(locator.region_location("r", true)->server, other);
  EXPECT_EQ(locator.region_location("r")->server, other);
}

// What was known of a table that was deleted is of no use for the one that has its name now.
TEST_F(Regions, OfATableThatWasMadeAnew) {
  const auto name = make_table();
  const auto table = connection().table(name);
  for (int i = 10; i < 30; ++i) HBMUX_ASSERT_OK(table.put(Put(std::to_string(i)).add("f", "q", "v")));
  HBMUX_ASSERT_OK(admin().split_region(std::string(admin().regions(name)->front().region->encoded_name()), "20"));
  for (int i = 10; i < 30; ++i) EXPECT_TRUE(table.exists(Get(std::to_string(i))).value()) << i;
  HBMUX_ASSERT_OK(table.region_locator().region_location("10"));
  HBMUX_ASSERT_OK(table.region_locator().region_location("29"));
  HBMUX_ASSERT_OK(admin().disable_table(name));
  HBMUX_ASSERT_OK(admin().delete_table(name));
  HBMUX_ASSERT_OK(admin().create_table(TableDescriptor(name).family("f").family("g")));
  EXPECT_EQ(table.exists(Get("29")).value(), false);
  EXPECT_EQ(table.exists(Get("10")).value(), false);
}

// hbase:meta has one region, whose place the registry tells.
TEST_F(Regions, OfHbaseMeta) {
  const auto locator = connection().table(TableName::meta()).region_locator();
  EXPECT_EQ(locator.start_end_keys().value(), (std::vector<RegionLocator::KeyRange>{{"", ""}}));
  const auto location = locator.region_location("");
  HBMUX_ASSERT_OK(location);
  EXPECT_TRUE(location->is_known());
  EXPECT_EQ(location->region->table(), TableName::meta());
  EXPECT_EQ(locator.all_region_locations()->size(), 1u);
}

TEST_F(Regions, OfATableThatIsNotThere) {
  const auto locator = connection().table("no_such_table").region_locator();
  HBMUX_EXPECT_ERROR(locator.region_location("r"), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(locator.all_region_locations(), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(locator.start_keys(), Errc::table_not_found);
}

TEST_F(Regions, AServiceThatIsNotThere) {
  auto table = connection().table(make_table({"m"}));
  const auto answer = table.coprocessor_service("r", {"my.Service", "Method", ""});
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().exception_class().find("UnknownProtocolException"), std::string::npos) << answer.error();
  const auto all = table.coprocessor_service("", "", {"my.Service", "Method", ""});
  HBMUX_ASSERT_OK(all);
  EXPECT_EQ(all->size(), 2u);
  for (const auto& one : *all) EXPECT_FALSE(one.response);
  EXPECT_EQ(table.coprocessor_service("a", "b", {"my.Service", "Method", ""})->size(), 1u);
  EXPECT_EQ(table.coprocessor_service("n", "", {"my.Service", "Method", ""})->size(), 1u);
  HBMUX_EXPECT_ERROR(table.coprocessor_service("r", {"", "", ""}), Errc::invalid_argument);
}

}  // namespace
}  // namespace hbmux::integration
