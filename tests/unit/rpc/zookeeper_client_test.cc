// A ZooKeeper session on a clock and a network that the test moves.
#include "rpc/zookeeper_client.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "tests/support/manual_lane.h"

namespace hbmux::rpc {
namespace {

using namespace std::chrono_literals;
using core::append_be;
using Data = std::optional<std::string>;
using Names = std::optional<std::vector<std::string>>;

class ZooKeeperClientTest : public testing::Test {
 protected:
  ~ZooKeeperClientTest() override {
    if (!client_) return;
    client_->close(Error(Errc::closed, "end of the test"));
    lane_->run();
    while (lane_->connecting() > 0) lane_->refuse(Error(Errc::cancelled, "end of the test"));
  }

  void make(const std::string& quorum = "a:1") {
    settings_.quorum = quorum;
    client_ = std::make_shared<ZooKeeperClient>(settings_, lane_, 1);
  }

  /// Where the answer to a get arrives.
  struct Asked {
    std::optional<Result<Data>> answer;
    int answers = 0;
  };
  std::shared_ptr<Asked> get(const std::string& path, std::chrono::milliseconds timeout = 1h) {
    auto asked = std::make_shared<Asked>();
    client_->get(path, lane_->now() + timeout, [asked](Result<Data> result) {
      asked->answer = std::move(result);
      ++asked->answers;
    });
    EXPECT_EQ(asked->answers, 0) << "never within the call";
    lane_->run();
    return asked;
  }

  static std::string frame(const std::string& body) {
    std::string out;
    append_be<std::int32_t>(out, static_cast<std::int32_t>(body.size()));
    return out + body;
  }
  static std::string welcome(std::int32_t timeout_ms = 90000) {
    std::string body;
    append_be<std::int32_t>(body, 0);
    append_be(body, timeout_ms);
    append_be<std::int64_t>(body, 99);
    append_be<std::int32_t>(body, 16);
    return frame(body + std::string(17, '\0'));
  }
  static std::string reply(std::int32_t id, std::int32_t error, const std::string& body = "") {
    std::string out;
    append_be(out, id);
    append_be<std::int64_t>(out, 1);
    append_be(out, error);
    return frame(out + body);
  }
  static std::string data(const std::string& bytes) {
    std::string out;
    append_be<std::int32_t>(out, static_cast<std::int32_t>(bytes.size()));
    return out + bytes + std::string(68, '\0');
  }

  /// Takes the connection and opens the session.
  std::shared_ptr<test::MemoryPipe> open_session() {
    auto pipe = lane_->accept();
    EXPECT_EQ(pipe->to_server, wire::zookeeper_connect_request(settings_.session_timeout));
    pipe->to_server.clear();
    pipe->server_sends(welcome());
    lane_->run();
    return pipe;
  }
  void say(const std::shared_ptr<test::MemoryPipe>& pipe, std::string bytes) {
    pipe->server_sends(std::move(bytes));
    lane_->run();
  }

  test::LaneOfTest lane_;
  core::ZooKeeperSettings settings_;
  std::shared_ptr<ZooKeeperClient> client_;
};

TEST_F(ZooKeeperClientTest, AsksWhenTheSessionIsOpen) {
  make();
  EXPECT_EQ(lane_->connecting(), 0u) << "nothing is opened before the first question";
  auto asked = get("/p");
  auto pipe = lane_->accept();
  pipe->to_server.clear();
  EXPECT_EQ(pipe->to_server, "");
  say(pipe, welcome());
  EXPECT_EQ(pipe->to_server, wire::zookeeper_get_request(1, "/p"));
  say(pipe, reply(1, 0, data("bytes")));
  EXPECT_EQ(asked->answer->value(), "bytes");
}

TEST_F(ZooKeeperClientTest, AnswersMayComeInPieces) {
  make();
  auto asked = get("/p");
  auto pipe = lane_->accept();
  for (char c : welcome() + reply(1, 0, data("bytes"))) say(pipe, std::string(1, c));
  EXPECT_EQ(asked->answer->value(), "bytes");
  EXPECT_EQ(asked->answers, 1);
}

TEST_F(ZooKeeperClientTest, ManyQuestionsShareTheSession) {
  make();
  auto first = get("/1"), second = get("/2");
  auto pipe = open_session();
  EXPECT_EQ(pipe->to_server, wire::zookeeper_get_request(1, "/1") + wire::zookeeper_get_request(2, "/2"));
  auto third = get("/3");
  say(pipe, reply(3, 0, data("three")) + reply(1, -101) + reply(2, 0, data("")));
  EXPECT_EQ(third->answer->value(), "three");
  EXPECT_EQ(first->answer->value(), std::nullopt) << "no such znode";
  EXPECT_EQ(second->answer->value(), "");
  EXPECT_EQ(lane_->connect_addresses.size(), 1u);
}

TEST_F(ZooKeeperClientTest, ListsChildren) {
  make();
  std::optional<Result<Names>> answer;
  client_->children("/p", lane_->now() + 1h, [&](Result<Names> result) { answer = std::move(result); });
  lane_->run();
  auto pipe = open_session();
  EXPECT_EQ(pipe->to_server, wire::zookeeper_children_request(1, "/p"));
  say(pipe, reply(1, 0, std::string("\0\0\0\1\0\0\0\2ab", 10)));
  EXPECT_EQ(answer->value(), std::vector<std::string>{"ab"});
}

TEST_F(ZooKeeperClientTest, PutsTheChrootInFront) {
  make("a:1/chroot");
  auto asked = get("/p"), root = get("/");
  auto pipe = open_session();
  EXPECT_EQ(pipe->to_server, wire::zookeeper_get_request(1, "/chroot/p") + wire::zookeeper_get_request(2, "/chroot"));
}

TEST_F(ZooKeeperClientTest, ErrorsOfTheServer) {
  make();
  auto denied = get("/1"), bad = get("//"), other = get("/3");
  auto pipe = open_session();
  say(pipe, reply(1, -102) + reply(2, -8) + reply(3, -6));
  EXPECT_EQ(denied->answer->error().code(), Errc::access_denied);
  EXPECT_EQ(bad->answer->error().code(), Errc::invalid_configuration);
  EXPECT_EQ(other->answer->error().code(), Errc::unavailable);
}

// A question that ended here may still be answered.
TEST_F(ZooKeeperClientTest, LateAnswersAreDropped) {
  make();
  auto asked = get("/p", 1s);
  auto pipe = open_session();
  lane_->advance(1s);
  EXPECT_EQ(asked->answer->error().code(), Errc::unavailable);
  auto second = get("/q");
  say(pipe, reply(1, 0, data("late")) + reply(2, 0, data("good")));
  EXPECT_EQ(asked->answers, 1);
  EXPECT_EQ(second->answer->value(), "good");
  EXPECT_FALSE(pipe->closed_by_client);
}

TEST_F(ZooKeeperClientTest, EndsAtItsDeadlineWhateverTheNetworkDoes) {
  make();
  auto connecting = get("/p", 100ms);
  auto later = get("/q", 200ms);
  lane_->advance(99ms);
  EXPECT_EQ(connecting->answers, 0);
  lane_->advance(1ms);
  EXPECT_EQ(connecting->answers, 1);
  EXPECT_EQ(connecting->answer->error().code(), Errc::unavailable);
  EXPECT_NE(connecting->answer->error().message().find("the ZooKeeper quorum a:1"), std::string::npos);
  EXPECT_EQ(later->answers, 0);
  auto pipe = lane_->accept();
  lane_->advance(100ms);
  EXPECT_EQ(later->answers, 1);
  EXPECT_EQ(get("/r", 0ms)->answers, 1);
}

TEST_F(ZooKeeperClientTest, TriesEachServerOfTheQuorumBeforeItPauses) {
  settings_.recovery_pause = 200ms;
  make("a:1,b:2,c:3");
  auto asked = get("/p");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(lane_->connecting(), 1u) << i;
    lane_->refuse(Error(Errc::cannot_connect, "refused"));
  }
  EXPECT_EQ(lane_->connecting(), 0u);
  std::set<ServerAddress> tried(lane_->connect_addresses.begin(), lane_->connect_addresses.end());
  EXPECT_EQ(tried.size(), 3u);
  // 50, 100, 200, 200 ms.
  for (auto pause : {50ms, 100ms, 200ms, 200ms}) {
    lane_->advance(pause - 1ms);
    EXPECT_EQ(lane_->connecting(), 0u);
    lane_->advance(1ms);
    for (int i = 0; i < 3; ++i) lane_->refuse(Error(Errc::cannot_connect, "refused"));
  }
  EXPECT_EQ(asked->answers, 0);
}

TEST_F(ZooKeeperClientTest, GivesUpAfterTheConfiguredRounds) {
  settings_.recovery_retries = 2;
  make("a:1,b:2");
  auto asked = get("/p");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(asked->answers, 0) << round;
    for (int i = 0; i < 2; ++i) lane_->refuse(Error(Errc::cannot_connect, "refused"));
    lane_->advance(1s);
  }
  EXPECT_EQ(asked->answers, 1);
  EXPECT_NE(asked->answer->error().message().find("refused"), std::string::npos);
  EXPECT_EQ(lane_->connecting(), 0u) << "nobody asks any more";
  EXPECT_EQ(lane_->connect_addresses.size(), 6u);
}

// Waiting for an attempt that comes after the deadline would be of no use.
TEST_F(ZooKeeperClientTest, DoesNotWaitForAPauseBeyondItsDeadline) {
  make();
  auto asked = get("/p", 40ms);
  lane_->refuse(Error(Errc::cannot_connect, "refused"));
  EXPECT_EQ(asked->answers, 1);
}

TEST_F(ZooKeeperClientTest, PassesOverASilentServerAfterFiveSeconds) {
  make("a:1,b:2,c:3");
  auto asked = get("/p");
  // The first one does not take the connection.
  lane_->advance(5s);
  EXPECT_EQ(lane_->connect_addresses.size(), 2u);
  lane_->refuse(Error(Errc::cancelled, "given up"));  // the first attempt, told at last
  // The second one takes it and says nothing.
  auto second = lane_->accept();
  lane_->advance(5s);
  EXPECT_TRUE(second->closed_by_client);
  // The third one opens a session and answers nothing.
  auto third = open_session();
  lane_->advance(4999ms);
  EXPECT_FALSE(third->closed_by_client);
  lane_->advance(1ms);
  EXPECT_TRUE(third->closed_by_client);
  // All of it again, after a pause.
  lane_->advance(50ms);
  auto fourth = open_session();
  say(fourth, reply(2, 0, data("bytes")));
  ASSERT_EQ(asked->answers, 1);
  EXPECT_EQ(asked->answer->value(), "bytes");
}

TEST_F(ZooKeeperClientTest, AsksAgainAfterTheSessionWasLost) {
  make("a:1,b:2");
  auto asked = get("/p");
  auto pipe = open_session();
  pipe->server_closes();
  lane_->run();
  EXPECT_TRUE(pipe->closed_by_client);
  auto second = open_session();
  EXPECT_EQ(second->to_server, wire::zookeeper_get_request(2, "/p"));
  EXPECT_NE(lane_->connect_addresses[0], lane_->connect_addresses[1]);
  say(second, reply(2, 0, data("bytes")));
  EXPECT_EQ(asked->answer->value(), "bytes");
}

TEST_F(ZooKeeperClientTest, AnIdleSessionThatIsLostIsNotOpenedAgain) {
  make();
  auto asked = get("/p");
  auto pipe = open_session();
  say(pipe, reply(1, 0, data("bytes")));
  pipe->server_closes();
  lane_->run();
  lane_->advance(1h);
  EXPECT_EQ(lane_->connecting(), 0u);
  EXPECT_EQ(lane_->connect_addresses.size(), 1u);
}

TEST_F(ZooKeeperClientTest, AnIdleSessionIsClosedAfterTheKeepAliveTime) {
  make();
  auto asked = get("/p");
  auto pipe = open_session();
  say(pipe, reply(1, 0, data("bytes")));
  pipe->to_server.clear();
  lane_->advance(30s);
  EXPECT_EQ(pipe->to_server, wire::zookeeper_ping()) << "after a third of the session's time-out";
  say(pipe, reply(-2, 0));
  pipe->to_server.clear();
  lane_->advance(29s);
  EXPECT_FALSE(pipe->closed_by_client);
  lane_->advance(1s);
  EXPECT_TRUE(pipe->closed_by_client);
  EXPECT_EQ(pipe->to_server, wire::zookeeper_close_request());
  // The next question opens another.
  auto second = get("/q");
  EXPECT_EQ(lane_->connecting(), 1u);
}

TEST_F(ZooKeeperClientTest, AServerThatDoesNotAnswerAPingIsGivenUp) {
  make();
  auto asked = get("/p");
  auto pipe = open_session();
  say(pipe, reply(1, 0, data("bytes")));
  lane_->advance(30s);
  EXPECT_FALSE(pipe->closed_by_client);
  lane_->advance(5s);
  EXPECT_TRUE(pipe->closed_by_client);
}

TEST_F(ZooKeeperClientTest, OtherProtocolsAreNoticed) {
  const std::vector<std::string> others = {
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      "SSH-2.0-OpenSSH\r\n",
      std::string(64, '\0'),
      std::string(64, '\xff'),
      frame(""),
      frame("x"),
  };
  for (const std::string& bytes : others) {
    make();
    auto asked = get("/p", 1s);
    auto pipe = lane_->accept();
    say(pipe, bytes);
    lane_->advance(1s);
    ASSERT_EQ(asked->answers, 1) << core::to_string_binary(bytes);
    EXPECT_EQ(asked->answer->error().code(), Errc::unavailable);
    EXPECT_TRUE(pipe->closed_by_client);
    client_->close(Error(Errc::closed, "next"));
    lane_->run();
    while (lane_->connecting() > 0) lane_->refuse(Error(Errc::closed, "next"));
  }
}

TEST_F(ZooKeeperClientTest, NonsenseWithinASessionEndsIt) {
  const std::vector<std::string> nonsense = {
      frame("short"),
      reply(2, 0, data("never asked")),
      reply(0, 0),
      reply(1, 0, ""),
      reply(1, 0, std::string("\x7f\xff\xff\xff", 4)),
      std::string("\x7f\xff\xff\xff", 4),
  };
  for (const std::string& bytes : nonsense) {
    make();
    auto asked = get("/p");
    auto pipe = open_session();
    say(pipe, bytes);
    EXPECT_TRUE(pipe->closed_by_client) << core::to_string_binary(bytes);
    EXPECT_EQ(asked->answers, 0) << "it is asked again of the next session";
    client_->close(Error(Errc::closed, "next"));
    lane_->run();
    EXPECT_EQ(asked->answers, 1);
  }
}

// Watches are never set; a server that tells of one does no harm.
TEST_F(ZooKeeperClientTest, EventsAreIgnored) {
  make();
  auto asked = get("/p");
  auto pipe = open_session();
  say(pipe, reply(-1, 0, "event") + reply(1, 0, data("bytes")));
  EXPECT_EQ(asked->answer->value(), "bytes");
}

TEST_F(ZooKeeperClientTest, AFullSocketIsWaitedFor) {
  make();
  auto asked = get("/p");
  auto pipe = lane_->accept();
  pipe->to_server.clear();
  pipe->write_room = 5;
  say(pipe, welcome());
  EXPECT_EQ(pipe->to_server.size(), 5u);
  pipe->make_room(SIZE_MAX);
  lane_->run();
  EXPECT_EQ(pipe->to_server, wire::zookeeper_get_request(1, "/p"));
  say(pipe, reply(1, 0, data("bytes")));
  EXPECT_EQ(asked->answer->value(), "bytes");
}

TEST_F(ZooKeeperClientTest, CloseEndsEverything) {
  make();
  auto first = get("/p");
  auto pipe = open_session();
  pipe->to_server.clear();
  client_->close(Error(Errc::closed, "done"));
  lane_->run();
  EXPECT_EQ(first->answer->error().message(), "done");
  EXPECT_TRUE(pipe->closed_by_client);
  EXPECT_EQ(pipe->to_server, wire::zookeeper_close_request());
  client_->close(Error(Errc::closed, "again"));
  EXPECT_EQ(get("/q")->answer->error().message(), "done");
  lane_->advance(1h);
  EXPECT_EQ(lane_->connecting(), 0u);
}

TEST_F(ZooKeeperClientTest, CloseWhileConnecting) {
  make();
  auto asked = get("/p");
  client_->close(Error(Errc::closed, "done"));
  lane_->run();
  EXPECT_EQ(asked->answers, 1);
  auto pipe = lane_->accept();  // the connection comes too late
  EXPECT_TRUE(pipe->closed_by_client);
  EXPECT_EQ(pipe->to_server, "");
}

}  // namespace
}  // namespace hbmux::rpc
