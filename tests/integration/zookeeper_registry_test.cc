// The ZooKeeper registry on a real ZooKeeper with a real HBase behind it.
#include "rpc/zookeeper_registry.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/integration/cluster.h"
#include "tests/support/ask_registry.h"

namespace hbmux::rpc {
namespace {

using namespace std::chrono_literals;

class ZooKeeperIntegration : public testing::Test {
 protected:
  void SetUp() override {
    std::string problem;
    const auto cluster = integration::Cluster::find(problem);
    if (!cluster) GTEST_SKIP() << problem;
    settings_.quorum = cluster->zookeeper();
    if (const char* parent = std::getenv("HBMUX_ZNODE_PARENT"); parent && *parent) settings_.znode_parent = parent;
    lanes_ = start_lanes(1);
    open();
  }
  void TearDown() override {
    registry_.reset();
    if (!lanes_.empty()) stop_lanes(lanes_);
  }
  void open() { registry_ = std::make_unique<ZooKeeperRegistry>(settings_, lanes_); }
  test::RegistryAsker ask() { return test::RegistryAsker(*registry_); }

  core::ZooKeeperSettings settings_;
  std::vector<std::shared_ptr<Lane>> lanes_;
  std::unique_ptr<ZooKeeperRegistry> registry_;
};

TEST_F(ZooKeeperIntegration, FindsTheCluster) {
  const auto meta = ask().meta_locations().value();
  EXPECT_TRUE(meta->primary.is_known());
  EXPECT_GT(meta->primary.server.start_code, 0);
  const auto master = ask().active_master().value();
  EXPECT_FALSE(master.address.host.empty());
  EXPECT_GT(master.start_code, 0);
  EXPECT_EQ(ask().cluster_id().value().size(), 36u) << "a UUID";
}

TEST_F(ZooKeeperIntegration, SurvivesIdleTimes) {
  settings_.keep_alive = 1ms;
  open();
  const auto id = ask().cluster_id().value();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask().cluster_id().value(), id);
}

TEST_F(ZooKeeperIntegration, AWrongParentIsNamed) {
  settings_.znode_parent = "/no-such-cluster";
  open();
  const auto meta = ask().meta_locations();
  ASSERT_FALSE(meta);
  EXPECT_EQ(meta.error().code(), Errc::unavailable);
  EXPECT_NE(meta.error().message().find("zookeeper.znode.parent (/no-such-cluster)"), std::string::npos)
      << meta.error();
}

TEST_F(ZooKeeperIntegration, AMemberThatIsDownDoesNotMatter) {
  settings_.quorum = "127.0.0.1:1," + settings_.quorum;
  for (int i = 0; i < 10; ++i) {
    open();
    EXPECT_TRUE(ask().meta_locations());
  }
}

TEST_F(ZooKeeperIntegration, ClosesWithQuestionsUnderWay) {
  for (int i = 0; i < 50; ++i) {
    open();
    std::promise<void> ended;
    registry_->async_meta_locations(Clock::now() + 10s, [&](auto) { ended.set_value(); });
    registry_.reset();
    ended.get_future().get();
  }
}

}  // namespace
}  // namespace hbmux::rpc
