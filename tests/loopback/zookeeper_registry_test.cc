// The ZooKeeper registry against a server that the test leads, over sockets.
#include "rpc/zookeeper_registry.h"

#include <hbmux/pb/ClusterId.pb.h>
#include <hbmux/pb/ZooKeeper.pb.h>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/ask_registry.h"
#include "tests/support/fake_zookeeper.h"

namespace hbmux::rpc {
namespace {

using namespace std::chrono_literals;
using test::FakeZooKeeper;
using Manner = FakeZooKeeper::Manner;

std::string meta_data(const std::string& host, std::uint32_t port,
                      pb::RegionState::State state = pb::RegionState::OPEN) {
  pb::MetaRegionServer message;
  message.mutable_server()->set_host_name(host);
  message.mutable_server()->set_port(port);
  message.mutable_server()->set_start_code(7);
  message.set_state(state);
  return "PBUF" + message.SerializeAsString();
}

std::string master_data() {
  pb::Master message;
  message.mutable_master()->set_host_name("m");
  message.mutable_master()->set_port(16000);
  message.mutable_master()->set_start_code(5);
  return std::string("\xff\0\0\0\x03xyz", 8) + "PBUF" + message.SerializeAsString();
}

std::string cluster_id_data() {
  pb::ClusterId message;
  message.set_cluster_id("the-id");
  return "PBUF" + message.SerializeAsString();
}

class ZooKeeperRegistryTest : public testing::Test {
 protected:
  ~ZooKeeperRegistryTest() override {
    registry_.reset();
    stop_lanes(lanes_);
  }

  void put_cluster(FakeZooKeeper& server) {
    server.put("/hbase/meta-region-server", meta_data("rs1", 16020));
    server.put("/hbase/master", master_data());
    server.put("/hbase/hbaseid", cluster_id_data());
  }

  test::RegistryAsker open(const std::string& quorum) {
    settings_.quorum = quorum;
    registry_ = std::make_unique<ZooKeeperRegistry>(settings_, lanes_);
    return test::RegistryAsker(*registry_);
  }

  /// Asks, and expects Errc::unavailable with all of `words` in its message.
  void expect_unavailable(const std::string& quorum, std::chrono::milliseconds timeout,
                          const std::vector<std::string>& words) {
    auto ask = open(quorum);
    const auto begin = std::chrono::steady_clock::now();
    const auto master = ask.active_master(timeout);
    const auto took = std::chrono::steady_clock::now() - begin;
    ASSERT_FALSE(master);
    EXPECT_EQ(master.error().code(), Errc::unavailable) << master.error();
    for (const std::string& word : words) {
      EXPECT_NE(master.error().message().find(word), std::string::npos) << word << " in " << master.error();
    }
    EXPECT_LT(took, timeout + 10s);
  }

  std::vector<std::shared_ptr<Lane>> lanes_ = start_lanes(1);
  core::ZooKeeperSettings settings_;
  std::unique_ptr<ZooKeeperRegistry> registry_;
};

TEST_F(ZooKeeperRegistryTest, ReadsWhatHBaseWrote) {
  FakeZooKeeper server;
  put_cluster(server);
  auto ask = open(server.address());
  EXPECT_EQ(server.connections(), 0) << "nothing is opened before the first question";
  EXPECT_EQ(ask.active_master().value().to_string(), "m,16000,5");
  EXPECT_EQ(ask.cluster_id().value(), "the-id");
  const auto meta = ask.meta_locations().value();
  EXPECT_EQ(meta->primary.server.to_string(), "rs1,16020,7");
  EXPECT_EQ(meta->primary.region->name(), "hbase:meta,,1");
  EXPECT_TRUE(meta->secondaries.empty());
  EXPECT_EQ(server.connections(), 1);
}

// The numbers of replicas may have gaps, and a replica without a place is no reason to fail.
TEST_F(ZooKeeperRegistryTest, ReadsReplicasOfMeta) {
  FakeZooKeeper server;
  put_cluster(server);
  server.put("/hbase/meta-region-server-3", meta_data("rs3", 16023));
  server.put("/hbase/meta-region-server-1", meta_data("rs1", 16021));
  server.put("/hbase/meta-region-server-2", meta_data("rs2", 16022, pb::RegionState::OPENING));
  server.put("/hbase/meta-region-server-4", "garbage");
  server.put("/hbase/meta-region-server-5", "");
  server.put("/hbase/meta-region-server-x", "garbage");
  const auto meta = open(server.address()).meta_locations().value();
  ASSERT_EQ(meta->secondaries.size(), 2u);
  EXPECT_EQ(meta->secondaries[0].region->replica_id(), 1);
  EXPECT_EQ(meta->secondaries[0].server.address.port, 16021);
  EXPECT_EQ(meta->secondaries[1].region->replica_id(), 3);
  EXPECT_EQ(meta->secondaries[1].region->name().substr(0, 14), "hbase:meta,,1_");
}

TEST_F(ZooKeeperRegistryTest, FindsOtherParentsAndChroots) {
  FakeZooKeeper server;
  server.put("/chroot/hbase-secure/master", master_data());
  server.put("/hbase-secure/master", master_data());
  server.put("/master", master_data());
  settings_.znode_parent = "/hbase-secure";
  EXPECT_TRUE(open(server.address()).active_master());
  EXPECT_TRUE(open(server.address() + "/chroot").active_master());
  settings_.znode_parent = "";
  EXPECT_TRUE(open(server.address()).active_master());
}

TEST_F(ZooKeeperRegistryTest, MissingZnodesNameTheParent) {
  FakeZooKeeper server;
  server.put("/hbase/hbaseid", "");
  auto ask = open(server.address());
  for (const Error& error : {ask.active_master().error(), ask.meta_locations().error(), ask.cluster_id().error()}) {
    EXPECT_EQ(error.code(), Errc::unavailable);
    EXPECT_NE(error.message().find("there is no znode /hbase/"), std::string::npos) << error;
    EXPECT_NE(error.message().find("zookeeper.znode.parent (/hbase)"), std::string::npos) << error;
    EXPECT_NE(error.message().find(server.address()), std::string::npos) << error;
  }
  settings_.znode_parent = "/nowhere";
  const Error error = open(server.address()).meta_locations().error();
  EXPECT_NE(error.message().find("there is no znode /nowhere in"), std::string::npos) << error;
}

TEST_F(ZooKeeperRegistryTest, OtherDataAreProtocolErrors) {
  FakeZooKeeper server;
  for (const char* node : {"/hbase/meta-region-server", "/hbase/master", "/hbase/hbaseid"}) {
    server.put(node, "PBUF\xff\xff\xff\xff");
  }
  auto ask = open(server.address());
  for (const Error& error : {ask.active_master().error(), ask.meta_locations().error(), ask.cluster_id().error()}) {
    EXPECT_EQ(error.code(), Errc::protocol_error);
    EXPECT_NE(error.message().find("znode /hbase/"), std::string::npos) << error;
  }
}

TEST_F(ZooKeeperRegistryTest, ZnodesThatMayNotBeReadAreNamed) {
  FakeZooKeeper server;
  server.forbid("/hbase/master");
  const Error error = open(server.address()).active_master().error();
  EXPECT_EQ(error.code(), Errc::access_denied);
  EXPECT_NE(error.message().find("/hbase/master"), std::string::npos) << error;
}

TEST_F(ZooKeeperRegistryTest, ManyQuestionsAtOnce) {
  FakeZooKeeper server;
  put_cluster(server);
  open(server.address());
  constexpr int kQuestions = 500;
  std::atomic<int> good = 0, done = 0;
  std::promise<void> all;
  for (int i = 0; i < kQuestions; ++i) {
    registry_->async_meta_locations(Clock::now() + 20s, [&](Result<core::LocationsPtr> result) {
      good += result.has_value();
      if (++done == kQuestions) all.set_value();
    });
  }
  all.get_future().get();
  EXPECT_EQ(good, kQuestions);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ZooKeeperRegistryTest, ARefusingServerIsNamedInTime) {
  std::string address;
  { address = FakeZooKeeper().address(); }  // nobody listens there any more
  expect_unavailable(address, 1500ms, {"the ZooKeeper quorum " + address, "Connection refused", "/hbase/master"});
}

TEST_F(ZooKeeperRegistryTest, AServerThatClosesIsNotHammered) {
  FakeZooKeeper server(Manner::closes);
  expect_unavailable(server.address(), 1500ms, {server.address() + ": "});
  EXPECT_GE(server.connections(), 2);
  EXPECT_LE(server.connections(), 30);
}

TEST_F(ZooKeeperRegistryTest, GivesUpAfterTheConfiguredRetries) {
  FakeZooKeeper server(Manner::closes);
  settings_.recovery_retries = 2;
  settings_.recovery_pause = 10ms;
  const auto begin = std::chrono::steady_clock::now();
  expect_unavailable(server.address(), 60s, {server.address()});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(ZooKeeperRegistryTest, ASilentServerEndsAtTheDeadline) {
  FakeZooKeeper server(Manner::silent);
  expect_unavailable(server.address(), 500ms, {server.address()});
}

TEST_F(ZooKeeperRegistryTest, SomethingElseOnThePortIsAnError) {
  FakeZooKeeper server(Manner::garbage);
  expect_unavailable(server.address(), 1500ms, {server.address() + ": what listens there is no ZooKeeper"});
}

TEST_F(ZooKeeperRegistryTest, ASessionWithoutAnswersEndsAtTheDeadline) {
  FakeZooKeeper server(Manner::mute_session);
  expect_unavailable(server.address(), 500ms, {server.address()});
}

TEST_F(ZooKeeperRegistryTest, ANameThatDoesNotResolveIsNamed) {
  expect_unavailable("no-such-host.invalid:2181", 1500ms, {"no-such-host.invalid", "resolve"});
}

TEST_F(ZooKeeperRegistryTest, OneGoodServerOfTheQuorumIsEnough) {
  FakeZooKeeper good, closes(Manner::closes), garbage(Manner::garbage);
  std::string refusing;
  { refusing = FakeZooKeeper().address(); }
  put_cluster(good);
  const std::string quorum =
      "no-such-host.invalid:1," + closes.address() + "," + refusing + "," + garbage.address() + "," + good.address();
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(open(quorum).active_master()) << i;
}

TEST_F(ZooKeeperRegistryTest, ALostConnectionIsOpenedAgain) {
  FakeZooKeeper server;
  put_cluster(server);
  auto ask = open(server.address());
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(ask.active_master());
    server.drop_all();
  }
  EXPECT_TRUE(ask.active_master());
  server.set_manner(Manner::drops);
  EXPECT_FALSE(ask.active_master(700ms));
  server.set_manner(Manner::normal);
  EXPECT_TRUE(ask.active_master());
}

TEST_F(ZooKeeperRegistryTest, AnIdleSessionIsClosed) {
  FakeZooKeeper server;
  put_cluster(server);
  settings_.keep_alive = 100ms;
  auto ask = open(server.address());
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(ask.active_master());
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (server.open_connections() > 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_EQ(server.open_connections(), 0);
    EXPECT_EQ(server.connections(), i);
  }
}

TEST_F(ZooKeeperRegistryTest, ClosingEndsWhatIsPendingAtOnce) {
  for (Manner manner : {Manner::silent, Manner::mute_session, Manner::closes, Manner::garbage, Manner::normal}) {
    FakeZooKeeper server(manner);
    open(server.address());
    std::promise<Result<core::LocationsPtr>> meta;
    std::promise<Result<std::string>> id;
    registry_->async_meta_locations(Clock::now() + 1h, [&](auto result) { meta.set_value(std::move(result)); });
    registry_->async_cluster_id(TimePoint::max(), [&](auto result) { id.set_value(std::move(result)); });
    if (manner == Manner::mute_session) {
      while (server.questions() == 0) std::this_thread::yield();  // they are under way
    }
    const auto begin = std::chrono::steady_clock::now();
    registry_->close(Error(Errc::closed, "done"));
    EXPECT_FALSE(meta.get_future().get());
    EXPECT_FALSE(id.get_future().get());
    const auto later = test::RegistryAsker(*registry_).active_master();
    EXPECT_EQ(later.error().code(), Errc::closed);
    EXPECT_EQ(later.error().message(), "done");
    registry_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  }
}

TEST_F(ZooKeeperRegistryTest, CanBeDroppedAtAnyMoment) {
  FakeZooKeeper server;
  put_cluster(server);
  for (int i = 0; i < 60; ++i) {
    open(server.address());
    std::promise<void> ended;
    registry_->async_meta_locations(Clock::now() + 20s, [&](auto) { ended.set_value(); });
    std::this_thread::sleep_for(std::chrono::microseconds(150 * i));  // not to wait for something: to hit other moments
    registry_.reset();
    ended.get_future().get();
  }
}

std::size_t threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

TEST_F(ZooKeeperRegistryTest, LeavesNoThreadBehind) {
  FakeZooKeeper server(Manner::silent);  // its threads end with the connections
  const auto before = threads();
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(open(server.address()).active_master(50ms));
    registry_.reset();
  }
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (threads() > before && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_LE(threads(), before);
}

// What goes wrong on the way is told in the error, and logged below what is shown by default.
TEST_F(ZooKeeperRegistryTest, WritesNothingToStandardError) {
  testing::internal::CaptureStderr();
  {
    FakeZooKeeper server, closes(Manner::closes), garbage(Manner::garbage);
    put_cluster(server);
    open("no-such-host.invalid:1," + closes.address() + "," + garbage.address() + "," + server.address())
        .active_master()
        .value();
    registry_.reset();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace hbmux::rpc
