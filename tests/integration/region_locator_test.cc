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
