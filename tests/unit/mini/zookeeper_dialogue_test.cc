// The embedded cluster's ZooKeeper, byte by byte.
#include "mini/zookeeper/zookeeper_dialogue.h"

#include "core/zookeeper_data.h"

#include <hbmux/pb/ZooKeeper.pb.h>

#include <gtest/gtest.h>

#include <random>

namespace hbmux::mini {
namespace {

using namespace std::chrono_literals;
using core::append_be;

std::string framed(std::string_view body) {
  std::string out;
  append_jute(out, body);
  return out;
}

std::string hello(std::int64_t session = 0, std::string_view password = std::string(16, '\0'),
                  std::int64_t last_zxid = 0, std::int32_t timeout = 30'000) {
  std::string body;
  append_be(body, std::int32_t{0});
  append_be(body, last_zxid);
  append_be(body, timeout);
  append_be(body, session);
  append_jute(body, password);
  return framed(body + '\0');
}

std::string request(std::int32_t id, std::int32_t type, std::string_view rest = {}) {
  std::string body;
  append_be(body, id);
  append_be(body, type);
  return framed(body.append(rest));
}

std::string path_request(std::int32_t id, std::int32_t type, std::string_view path, bool watch = false) {
  std::string rest;
  append_jute(rest, path);
  return request(id, type, rest + (watch ? '\1' : '\0'));
}

struct Answered {
  std::int32_t id = 0;
  std::int64_t zxid = 0;
  std::int32_t error = 0;
  std::string body;
};

constexpr std::int32_t kExists = 3, kGetData = 4, kGetAcl = 6, kGetChildren = 8, kPing = 11, kGetChildren2 = 12;

class ZooKeeperDialogueTest : public testing::Test {
 protected:
  ZooKeeperDialogueTest() {
    for (int i = 0; i < 3; ++i) {
      servers_.push_back(std::make_shared<RegionServer>(
          i, ServerName{{"127.0.0.1", static_cast<std::uint16_t>(7000 + i)}, 100 + i}, 60s, [this] { return now_; }));
    }
    MasterEnvironment environment{[this] { return now_; }, [](auto, auto work) { work(); }};
    master_ = std::make_unique<Master>(ServerName{{"127.0.0.1", 6999}, now_}, "an-id", servers_, 0ms, environment);
    tree_ = std::make_unique<ZnodeTree>(*master_, "/hbase");
    dialogue_ = std::make_unique<ZooKeeperDialogue>(*tree_, sessions_);
  }

  std::string say(std::string_view bytes) {
    Replies replies;
    const std::size_t taken = dialogue_->receive(bytes, now_, replies);
    if (!dialogue_->is_closing()) { EXPECT_EQ(taken, bytes.size()); }
    return replies.bytes;
  }
  static std::vector<Answered> read(std::string_view bytes) {
    std::vector<Answered> all;
    while (!bytes.empty()) {
      JuteReader frame(bytes);
      JuteReader reply(frame.string());
      Answered answered;
      answered.id = reply.number<std::int32_t>();
      answered.zxid = reply.number<std::int64_t>();
      answered.error = reply.number<std::int32_t>();
      if (!frame.ok() || !reply.ok()) throw std::runtime_error("not a reply");
      const std::size_t size = core::load_be<std::uint32_t>(bytes.data());
      answered.body = bytes.substr(20, size - 16);
      bytes.remove_prefix(4 + size);
      all.push_back(std::move(answered));
    }
    return all;
  }
  Answered ask(std::string_view bytes) {
    auto all = read(say(bytes));
    if (all.size() != 1) throw std::runtime_error("not one reply");
    return all.front();
  }
  std::vector<Answered> tick() {
    Replies replies;
    dialogue_->tick(now_, replies);
    return read(replies.bytes);
  }
  void connect() { ASSERT_FALSE(say(hello()).empty()); }
  std::string data_of(std::string_view path) {
    const std::string body = ask(path_request(1, kGetData, path)).body;
    return std::string(JuteReader(body).string());
  }
  void reconnect() { dialogue_ = std::make_unique<ZooKeeperDialogue>(*tree_, sessions_); }

  std::int64_t now_ = 1'700'000'000'000;
  std::vector<std::shared_ptr<RegionServer>> servers_;
  std::unique_ptr<Master> master_;
  std::unique_ptr<ZnodeTree> tree_;
  ZooKeeperSessions sessions_{7};
  std::unique_ptr<ZooKeeperDialogue> dialogue_;
};

pb::TableSchema schema(std::string_view name) {
  pb::TableSchema schema;
  *schema.mutable_table_name() = table_name_message(name);
  schema.add_column_families()->set_name("f");
  return schema;
}

TEST_F(ZooKeeperDialogueTest, TellsWhatAClientOfHBaseReads) {
  connect();
  EXPECT_EQ(core::parse_cluster_id(data_of("/hbase/hbaseid")).value(), "an-id");
  EXPECT_EQ(core::parse_active_master(data_of("/hbase/master")).value().address.port, 6999);
  const auto meta = core::parse_meta_server(data_of("/hbase/meta-region-server")).value();
  EXPECT_EQ(meta.server, master_->meta_server());
  EXPECT_TRUE(meta.is_open);
  EXPECT_TRUE(data_of("/hbase/running").find("PBUF") != std::string::npos);

  const std::string body = ask(path_request(3, kGetChildren, "/hbase/rs")).body;
  EXPECT_EQ(JuteReader(body).strings(),
            (std::vector<std::string>{"127.0.0.1,7000,100", "127.0.0.1,7001,101", "127.0.0.1,7002,102"}));
  EXPECT_NE(data_of("/hbase/rs/127.0.0.1,7000,100").find("PBUF"), std::string::npos);

  ASSERT_TRUE(master_->create_table(schema("t"), {}));
  ASSERT_TRUE(master_->disable_table("t"));
  const std::string state = data_of("/hbase/table/t");
  pb::DeprecatedTableState message;
  ASSERT_TRUE(message.ParseFromString(state.substr(state.find("PBUF") + 4)));
  EXPECT_EQ(message.state(), pb::DeprecatedTableState::DISABLED);
}

TEST_F(ZooKeeperDialogueTest, StatsFitWhatTheyDescribe) {
  connect();
  const Answered answered = ask(path_request(3, kGetChildren2, "/hbase"));
  JuteReader body(answered.body);
  const auto names = body.strings();
  for (int i = 0; i < 4; ++i) body.number<std::int64_t>();
  body.number<std::int32_t>();
  body.number<std::int32_t>();
  body.number<std::int32_t>();
  EXPECT_EQ(body.number<std::int64_t>(), 0) << "not ephemeral";
  EXPECT_EQ(body.number<std::int32_t>(), 0) << "no data";
  EXPECT_EQ(static_cast<std::size_t>(body.number<std::int32_t>()), names.size());
  body.number<std::int64_t>();
  EXPECT_TRUE(body.ok() && body.at_end());
  EXPECT_EQ(ask(path_request(4, kExists, "/hbase")).body.size(), 68u);
  EXPECT_EQ(ask(path_request(5, kGetAcl, "/hbase")).error, 0);
}

TEST_F(ZooKeeperDialogueTest, AnswersWithZooKeepersErrors) {
  connect();
  EXPECT_EQ(ask(path_request(1, kGetData, "/hbase/none")).error, -101);
  EXPECT_EQ(ask(path_request(1, kGetChildren, "/other")).error, -101);
  EXPECT_EQ(ask(path_request(1, kGetData, "hbase")).error, -8);
  EXPECT_EQ(ask(path_request(1, kGetData, "/hbase/")).error, -8);
  EXPECT_EQ(ask(request(1, kGetData, "xyz")).error, -5);
  EXPECT_EQ(ask(request(1, 1)).error, -119) << "create";
  EXPECT_EQ(ask(request(1, 5)).error, -119) << "setData";
  EXPECT_EQ(ask(request(1, 14)).error, -119) << "multi";
  EXPECT_EQ(ask(request(1, 77)).error, -6);
  EXPECT_EQ(ask(request(-2, kPing)).id, -2);
  EXPECT_FALSE(dialogue_->is_closing());
  EXPECT_EQ(ask(request(9, -11)).error, 0);
  EXPECT_TRUE(dialogue_->is_closing());
  EXPECT_EQ(sessions_.size(), 0u);
}

TEST_F(ZooKeeperDialogueTest, WatchesFireOnceAndOnlyForWhatChanged) {
  connect();
  ask(path_request(1, kGetData, "/hbase/meta-region-server", true));
  ask(path_request(2, kExists, "/hbase/table/t", true));
  ask(path_request(3, kGetChildren, "/hbase/rs", true));
  ask(path_request(4, kGetData, "/hbase/hbaseid", true));
  EXPECT_TRUE(tick().empty());
  EXPECT_EQ(dialogue_->tick_interval(), 20ms);

  ASSERT_TRUE(master_->create_table(schema("t"), {}));
  auto events = tick();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].id, -1);
  JuteReader event(events[0].body);
  EXPECT_EQ(event.number<std::int32_t>(), 1) << "created";
  EXPECT_EQ(event.number<std::int32_t>(), 3) << "connected";
  EXPECT_EQ(event.string(), "/hbase/table/t");
  EXPECT_TRUE(tick().empty());

  // The server with hbase:meta dies: the children of rs change, and meta is elsewhere.
  const ServerName holder = master_->meta_server();
  master_->server_died(holder.address.port - 7000, 0ms);
  events = tick();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(core::load_be<std::int32_t>(events[0].body.data()), 3) << "data changed";
  EXPECT_EQ(core::load_be<std::int32_t>(events[1].body.data()), 4) << "children changed";
  EXPECT_TRUE(tick().empty());
  EXPECT_NE(core::parse_meta_server(data_of("/hbase/meta-region-server")).value().server, holder);
}

TEST_F(ZooKeeperDialogueTest, AClientThatComesBackLearnsWhatItMissed) {
  connect();
  const std::int64_t seen = ask(path_request(1, kGetData, "/hbase/hbaseid")).zxid;
  ASSERT_TRUE(master_->create_table(schema("t"), {}));
  reconnect();
  connect();
  std::string rest;
  append_be(rest, seen);
  for (const std::vector<std::string>& paths :
       {std::vector<std::string>{"/hbase/hbaseid", "/hbase/gone"}, {"/hbase/table/t"}, {"/hbase/rs"}}) {
    append_be(rest, static_cast<std::int32_t>(paths.size()));
    for (const auto& path : paths) append_jute(rest, path);
  }
  const auto answers = read(say(request(-8, 101, rest)));
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(core::load_be<std::int32_t>(answers[0].body.data()), 2) << "/hbase/gone is deleted";
  EXPECT_EQ(core::load_be<std::int32_t>(answers[1].body.data()), 1) << "/hbase/table/t is there";
  EXPECT_EQ(answers[2].id, -8);
  EXPECT_TRUE(tick().empty()) << "the others wait";
}

TEST_F(ZooKeeperDialogueTest, SessionsOutliveConnectionsButNotTheirTimeout) {
  const std::string welcome = say(hello());
  JuteReader outer(welcome);
  const std::string_view frame = outer.string();
  JuteReader reader(frame);
  reader.number<std::int32_t>();
  EXPECT_EQ(reader.number<std::int32_t>(), 30'000);
  const auto id = reader.number<std::int64_t>();
  const std::string password(reader.string());
  EXPECT_EQ(password.size(), 16u);

  auto timeout_of = [](std::string_view bytes) { return core::load_be<std::int32_t>(bytes.data() + 8); };
  reconnect();
  EXPECT_EQ(timeout_of(say(hello(id, password))), 30'000);
  reconnect();
  EXPECT_EQ(timeout_of(say(hello(id, std::string(16, 'x')))), 0) << "another password";
  EXPECT_TRUE(dialogue_->is_closing());
  reconnect();
  connect();
  now_ += 60'000;
  (void)tick();
  EXPECT_TRUE(dialogue_->is_closing()) << "nothing was heard for too long";
  reconnect();
  EXPECT_EQ(timeout_of(say(hello(id, password))), 0) << "that session is over";
  reconnect();
  EXPECT_TRUE(say(hello(0, {}, std::numeric_limits<std::int64_t>::max())).empty()) << "this client has seen the future";
  EXPECT_TRUE(dialogue_->is_closing());
}

TEST_F(ZooKeeperDialogueTest, TakesWordsAndBytesInPieces) {
  EXPECT_EQ(say("ruok"), "imok");
  EXPECT_TRUE(dialogue_->is_closing());
  reconnect();
  EXPECT_NE(say("srvr").find("Mode: standalone"), std::string::npos);
  reconnect();
  const std::string bytes = hello() + path_request(5, kGetData, "/hbase/hbaseid");
  std::string waiting;
  Replies replies;
  for (const char c : bytes) {
    waiting += c;
    waiting.erase(0, dialogue_->receive(waiting, now_, replies));
  }
  EXPECT_TRUE(waiting.empty());
  EXPECT_GT(replies.bytes.size(), 80u);
}

TEST_F(ZooKeeperDialogueTest, BadBytesEndTheConnectionAndNothingElse) {
  for (const std::string& bad : {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\xff\xff\xff\xff", 4),
                                 std::string("\x00\x10\x00\x00", 4), framed("short"), framed("")}) {
    reconnect();
    (void)say(bad);
    EXPECT_TRUE(dialogue_->is_closing());
  }
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    reconnect();
    std::string bytes = hello();
    bytes += path_request(1, static_cast<std::int32_t>(random() % 22), "/hbase/rs", true);
    bytes += request(2, 101, std::string(8, '\0') + std::string(12, '\0'));
    for (int i = 0; i < 4; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    Replies replies;
    std::size_t at = 0;
    while (at < bytes.size()) {
      const std::size_t taken = dialogue_->receive(std::string_view(bytes).substr(at), now_, replies);
      if (taken == 0) break;
      at += taken;
    }
    dialogue_->tick(now_, replies);
    EXPECT_LT(replies.bytes.size(), 4096u);
  }
}

}  // namespace
}  // namespace hbmux::mini
