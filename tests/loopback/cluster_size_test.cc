// What an embedded cluster with many servers and regions costs: it has to fit into a test.
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <gtest/gtest.h>

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HBMUX_HAS_OWN_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HBMUX_HAS_OWN_MALLOC 1
#endif
#endif

namespace hbmux::mini {
namespace {

using namespace std::chrono_literals;

std::size_t bytes_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::vector<std::string> keys(int count) {
  std::vector<std::string> keys;
  for (int i = 1; i < count; ++i) {
    char key[16] = {};
    std::snprintf(key, sizeof key, "row%08d", i);
    keys.emplace_back(key);
  }
  return keys;
}

// With its row in hbase:meta, its place in all indices, and what malloc adds.
TEST(ClusterSize, AnEmptyRegionTakesLessThanTwoKibibytes) {
#ifdef HBMUX_HAS_OWN_MALLOC
  GTEST_SKIP() << "a sanitizer has replaced malloc, and does not count in use";
#endif
  constexpr std::size_t kRegions = 20'000;
  Cluster cluster = Cluster::start({.region_servers = 3}).value();
  cluster.create_table("warm", {"info"}, keys(100)).value();
  auto splits = keys(static_cast<int>(kRegions));
  const std::size_t before = bytes_in_use();
  cluster.create_table("users", {"info"}, splits).value();
  const std::size_t each = (bytes_in_use() - before) / kRegions;
  RecordProperty("bytes", static_cast<int>(each));
  std::printf("%zu bytes an empty region\n", each);
  EXPECT_LT(each, 2048u);
  EXPECT_GT(each, 500u) << "this did not count what it should";
  ASSERT_EQ(cluster.regions("users").size(), kRegions);
}

// The best of several: on a busy machine any one may take longer.
TEST(ClusterSize, AThousandRegionsAreThereInAMoment) {
  const auto splits = keys(1000);
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 10; ++i) {
    const auto began = std::chrono::steady_clock::now();
    Cluster cluster = Cluster::start({.region_servers = 3}).value();
    cluster.create_table("t", {"f"}, splits).value();
    best = std::min(best, std::chrono::steady_clock::now() - began);
    ASSERT_EQ(cluster.regions("t").size(), 1000u);
  }
  std::printf("3 servers and 1,000 regions: %lld us\n",
              static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(best).count()));
  EXPECT_LT(best, 200ms);
}

TEST(ClusterSize, TwoHundredServersWork) {
  constexpr int kServers = 200;
  const auto splits = keys(2 * kServers);
  Cluster cluster = Cluster::start({.region_servers = kServers}).value();
  cluster.create_table("t", {"f"}, splits).value();
  std::set<int> hosts;
  for (const RegionStatus& region : cluster.regions("t")) hosts.insert(region.server);
  EXPECT_EQ(hosts.size(), static_cast<std::size_t>(kServers)) << "each has regions";
  auto connection = ClusterConnection::open(cluster.client_configuration()).value();
  auto table = connection.table("t");
  std::vector<Action> puts, gets;
  for (const std::string& key : splits) {
    puts.emplace_back(Put(key).add("f", "q", key));
    gets.emplace_back(Get(key));
  }
  for (const auto& done : table.batch(std::move(puts))) ASSERT_TRUE(done) << done.error().to_string();
  int found = 0;
  for (const auto& done : table.batch(std::move(gets))) found += done && done->exists() ? 1 : 0;
  EXPECT_EQ(found, static_cast<int>(splits.size()));
  EXPECT_GE(cluster.stats().connections_open, static_cast<std::uint64_t>(kServers)) << "the client is at all of them";
}

}  // namespace
}  // namespace hbmux::mini
