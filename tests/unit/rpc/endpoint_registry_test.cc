// The RPC and the master registry on a manual lane: the test plays the servers and moves the clock.
#include "rpc/master_registry.h"
#include "rpc/rpc_registry.h"
#include "tests/support/manual_lane.h"
#include "tests/support/server_side.h"

#include <hbmux/pb/Registry.pb.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace hbmux::rpc {
namespace {

using namespace std::chrono_literals;

ServerAddress at(std::uint16_t port) { return {"host", port}; }

class EndpointRegistryTest : public testing::Test {
 protected:
  /// A connection that a server has accepted.
  struct Peer {
    std::shared_ptr<test::MemoryPipe> pipe;
    test::ServerSide server;
    test::ServerRequest last;
  };

  template <class R = RpcRegistry>
  void make(std::vector<ServerAddress> endpoints) {
    settings_.registry.endpoints = std::move(endpoints);
    client_ = std::make_unique<RpcClient>(settings_, std::vector<std::shared_ptr<Lane>>{lane_});
    registry_ = std::make_unique<R>(*client_, User{"ada", ""}, settings_.registry);
  }
  void TearDown() override {
    if (!client_) return;
    const Error closed(Errc::closed, "the test is over");
    registry_->close(closed);
    client_->close(closed);
    lane_->run();
    registry_.reset();
    client_.reset();
    lane_->run();
  }

  void ask_master(std::chrono::milliseconds timeout = 10s) {
    registry_->async_active_master(lane_->now() + timeout, [this](Result<ServerName> answer) {
      ASSERT_FALSE(answer_) << "answered twice";
      answer_ = std::move(answer);
    });
    lane_->run();
  }
  /// The servers that a connection was opened to since the last look.
  std::set<std::uint16_t> newly_asked() {
    std::set<std::uint16_t> ports;
    for (; seen_ < lane_->connect_addresses.size(); ++seen_) ports.insert(lane_->connect_addresses[seen_].port);
    return ports;
  }
  Peer& accept() {
    auto& peer = peers_.emplace_back();
    peer.pipe = lane_->accept();
    read(peer);
    return peer;
  }
  void read(Peer& peer) {
    for (auto& request : peer.server.read(peer.pipe->to_server)) peer.last = std::move(request);
  }
  void answer(Peer& peer, const google::protobuf::MessageLite& message) {
    peer.pipe->server_sends(peer.server.answer(peer.last.id, message));
    lane_->run();
  }
  void refuse() { lane_->refuse(Error(Errc::cannot_connect, "refused")); }

  static pb::GetActiveMasterResponse master(std::uint32_t port) {
    pb::GetActiveMasterResponse message;
    message.mutable_server_name()->set_host_name("m");
    message.mutable_server_name()->set_port(port);
    message.mutable_server_name()->set_start_code(1);
    return message;
  }

  core::ClientSettings settings_;
  test::LaneOfTest lane_;
  std::unique_ptr<RpcClient> client_;
  std::unique_ptr<Registry> registry_;
  std::deque<Peer> peers_;
  std::size_t seen_ = 0;
  std::optional<Result<ServerName>> answer_;
};

// Two are asked at once, over ClientMetaService; the first answer ends it.
TEST_F(EndpointRegistryTest, AsksTwoAndTakesTheFirstAnswer) {
  make({at(1), at(2), at(3)});
  ask_master();
  EXPECT_EQ(newly_asked().size(), 2u);
  auto& first = accept();
  auto& second = accept();
  EXPECT_EQ(first.server.hello.service_name(), "ClientMetaService");
  EXPECT_EQ(first.server.hello.user_info().effective_user(), "ada");
  EXPECT_EQ(second.last.method, "GetActiveMaster");
  EXPECT_FALSE(answer_);
  answer(second, master(16000));
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->value(), (ServerName{{"m", 16000}, 1}));
  answer(first, master(16001));  // too late; nothing happens twice
  EXPECT_TRUE(newly_asked().empty());
}

// One of two does not know: the other one's word counts. Neither knows: the next group is asked.
TEST_F(EndpointRegistryTest, AnAnswerThatSaysNothingIsNone) {
  make({at(1), at(2), at(3)});
  ask_master();
  auto asked = newly_asked();
  answer(accept(), pb::GetActiveMasterResponse());
  EXPECT_TRUE(newly_asked().empty());
  answer(accept(), pb::GetActiveMasterResponse());
  EXPECT_FALSE(answer_);
  asked.merge(newly_asked());
  EXPECT_EQ(asked, (std::set<std::uint16_t>{1, 2, 3}));
  answer(accept(), master(16000));
  ASSERT_TRUE(answer_);
  EXPECT_TRUE(*answer_);
}

// Nobody helps: the error tells who was asked, and why each did not help.
TEST_F(EndpointRegistryTest, TheErrorNamesAll) {
  make({at(1), at(2)});
  ask_master();
  refuse();
  answer(accept(), pb::GetActiveMasterResponse());
  ASSERT_TRUE(answer_);
  ASSERT_FALSE(*answer_);
  EXPECT_EQ(answer_->error().code(), Errc::unavailable);
  const std::string& text = answer_->error().message();
  for (const char* part :
       {"who the active master is", "host:1 (", "host:2 (", "cannot_connect: ", "it does not know an active master"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

// Servers that accept and say nothing: it ends at the deadline, and no later group is begun.
TEST_F(EndpointRegistryTest, EndsAtItsDeadline) {
  make({at(1), at(2), at(3), at(4)});
  ask_master(5s);
  accept();
  accept();
  newly_asked();
  lane_->advance(4999ms);
  EXPECT_FALSE(answer_);
  lane_->advance(20ms);
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->error().code(), Errc::unavailable);
  EXPECT_NE(answer_->error().message().find("timed_out"), std::string::npos) << answer_->error();
  EXPECT_NE(answer_->error().message().find("2 more were not asked"), std::string::npos) << answer_->error();
  EXPECT_TRUE(newly_asked().empty());
}

TEST_F(EndpointRegistryTest, GarbageIsAFailureOfThatServer) {
  make({at(1)});
  ask_master();
  auto& peer = accept();
  pb::GetActiveMasterResponse message = master(0);
  answer(peer, message);
  ASSERT_TRUE(answer_);
  EXPECT_NE(answer_->error().message().find("protocol_error"), std::string::npos) << answer_->error();
}

// After a tenth of the period the cluster itself is asked for servers, and those are used then.
TEST_F(EndpointRegistryTest, LearnsServersFromTheCluster) {
  make({at(1)});
  lane_->advance(29999ms);
  EXPECT_TRUE(newly_asked().empty());
  lane_->advance(1ms);
  EXPECT_EQ(newly_asked(), (std::set<std::uint16_t>{1}));
  auto& seed = accept();
  EXPECT_EQ(seed.last.method, "GetBootstrapNodes");
  pb::GetBootstrapNodesResponse nodes;
  for (const std::uint32_t port : {7, 8}) {
    nodes.add_server_name()->set_host_name("host");
    nodes.mutable_server_name(nodes.server_name_size() - 1)->set_port(port);
  }
  answer(seed, nodes);
  ask_master();
  EXPECT_EQ(newly_asked(), (std::set<std::uint16_t>{7, 8}));
}

// All that were learned are gone: those of the configuration are asked before giving up. Java's client would be stuck.
TEST_F(EndpointRegistryTest, FallsBackToTheConfiguredServers) {
  make({at(1)});
  lane_->advance(30s);
  auto& seed = accept();
  pb::GetBootstrapNodesResponse nodes;
  nodes.add_server_name()->set_host_name("host");
  nodes.mutable_server_name(0)->set_port(7);
  answer(seed, nodes);
  newly_asked();
  ask_master();
  EXPECT_EQ(newly_asked(), (std::set<std::uint16_t>{7}));
  refuse();
  read(seed);
  EXPECT_EQ(seed.last.method, "GetActiveMaster");
  answer(seed, master(16000));
  ASSERT_TRUE(answer_);
  EXPECT_TRUE(*answer_);
}

// A server that cannot be reached is a sign that the list is old: it is fetched earlier, but not at once.
TEST_F(EndpointRegistryTest, HurriesAfterAConnectionError) {
  settings_.registry.initial_refresh_delay = 300s;
  make({at(1)});
  ask_master();
  refuse();
  ASSERT_TRUE(answer_);
  newly_asked();
  lane_->advance(59s);
  EXPECT_TRUE(newly_asked().empty());
  lane_->advance(1s);
  EXPECT_EQ(newly_asked(), (std::set<std::uint16_t>{1}));
  EXPECT_EQ(accept().last.method, "GetBootstrapNodes");
}

TEST_F(EndpointRegistryTest, TheMasterRegistryLearnsMasters) {
  make<MasterRegistry>({at(1)});
  lane_->advance(30s);
  auto& seed = accept();
  EXPECT_EQ(seed.last.method, "GetMasters");
  pb::GetMastersResponse masters;
  auto& entry = *masters.add_master_servers();
  entry.mutable_server_name()->set_host_name("host");
  entry.mutable_server_name()->set_port(9);
  entry.set_is_active(true);
  answer(seed, masters);
  newly_asked();
  ask_master();
  EXPECT_EQ(newly_asked(), (std::set<std::uint16_t>{9}));
}

TEST_F(EndpointRegistryTest, CloseEndsWhatIsPendingAndLater) {
  make({at(1)});
  ask_master();
  const Error reason(Errc::closed, "closed for the test");
  registry_->close(reason);
  client_->close(reason);
  lane_->run();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->error().code(), Errc::closed);
  answer_.reset();
  ask_master();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->error().message(), "closed for the test");
}

}  // namespace
}  // namespace hbmux::rpc
