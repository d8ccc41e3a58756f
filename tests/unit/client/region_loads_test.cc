#include "client/region_loads.h"

#include <gtest/gtest.h>

#include <memory>

namespace hbmux::client {
namespace {

using namespace std::chrono_literals;

const ServerName kOne{{"one", 1}, 1}, kOneAgain{{"one", 1}, 2};

RegionLocation place_of(const std::string& table, const ServerName& server) {
  return {std::make_shared<const RegionInfo>(RegionInfo(TableName::parse(table).value(), "", "", 1)), server, 1};
}

TEST(RegionLoads, HoldBackWhatItsServerSaidLast) {
  RegionLoads loads(core::LoadBackoff{10'000ms});
  const RegionLocation a = place_of("a", kOne), b = place_of("b", kOne);
  EXPECT_EQ(loads.pause(a), 0ms);
  loads.told(kOne, {{a.region->name(), {50, 0, 0}}, {b.region->name(), {}}});
  EXPECT_EQ(loads.pause(a), 625ms);
  EXPECT_EQ(loads.pause(b), 0ms);
  EXPECT_EQ(loads.pause(place_of("a", kOneAgain)), 0ms) << "it started anew, or the region moved";
  loads.told(kOne, {});
  EXPECT_EQ(loads.pause(a), 625ms) << "nothing new";
  loads.told(kOne, {{a.region->name(), {100, 0, 0}}});
  EXPECT_EQ(loads.pause(a), 10'000ms);
  loads.told(kOneAgain, {{a.region->name(), {}}});
  EXPECT_EQ(loads.pause(a), 0ms);
}

}  // namespace
}  // namespace hbmux::client
