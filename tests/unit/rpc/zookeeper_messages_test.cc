#include "rpc/wire/zookeeper_messages.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace hbmux::rpc::wire {
namespace {

using namespace std::chrono_literals;
using core::append_be;

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (int value : values) out += static_cast<char>(value);
  return out;
}

// As captured from ZooKeeper's own C client.
TEST(ZooKeeperMessages, RequestsAreThoseOfZooKeeper) {
  EXPECT_EQ(zookeeper_connect_request(12s), bytes({0, 0, 0, 45, 0, 0, 0, 0}) + std::string(8, '\0') +
                                                bytes({0, 0, 0x2e, 0xe0}) + std::string(8, '\0') +
                                                bytes({0, 0, 0, 16}) + std::string(17, '\0'));
  EXPECT_EQ(zookeeper_get_request(7, "/hbase"),
            bytes({0, 0, 0, 19, 0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 6}) + "/hbase" + bytes({0}));
  EXPECT_EQ(zookeeper_children_request(7, "/"), bytes({0, 0, 0, 14, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 1, '/', 0}));
  EXPECT_EQ(zookeeper_ping(), bytes({0, 0, 0, 8, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 11}));
  EXPECT_EQ(zookeeper_close_request(), bytes({0, 0, 0, 8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xf5}));
}

TEST(ZooKeeperMessages, ATimeOutHas32Bits) {
  EXPECT_EQ(zookeeper_connect_request(std::chrono::hours(24 * 365 * 100)).substr(16, 4),
            bytes({0x7f, 0xff, 0xff, 0xff}));
}

std::string welcome(std::int32_t protocol, std::int32_t timeout, std::int32_t password = 16) {
  std::string body;
  append_be(body, protocol);
  append_be(body, timeout);
  append_be<std::int64_t>(body, 99);
  append_be(body, password);
  return body + std::string(16, 'p');
}

TEST(ZooKeeperMessages, TheServersWelcome) {
  EXPECT_EQ(parse_zookeeper_connect(welcome(0, 4000)).value(), 4s);
  EXPECT_EQ(parse_zookeeper_connect(welcome(0, 4000) + '\0').value(), 4s);
  for (const std::string& frame : {std::string(), welcome(1, 4000), welcome(0, 0), welcome(0, -5), welcome(0, 1, 17),
                                   welcome(0, 1, -2), welcome(0, 1) + "xx", std::string("HTTP/1.1 400 Bad Request")}) {
    EXPECT_EQ(parse_zookeeper_connect(frame).error().code(), Errc::protocol_error);
  }
}

TEST(ZooKeeperMessages, Replies) {
  std::string frame;
  append_be<std::int32_t>(frame, 7);
  append_be<std::int64_t>(frame, 1234);
  append_be<std::int32_t>(frame, -101);
  const std::string whole = frame + "body";
  const auto reply = parse_zookeeper_reply(whole).value();
  EXPECT_EQ(reply.id, 7);
  EXPECT_EQ(reply.code, ZooKeeperCode::no_node);
  EXPECT_EQ(reply.body, "body");
  for (std::size_t size = 0; size < frame.size(); ++size) EXPECT_FALSE(parse_zookeeper_reply(frame.substr(0, size)));
}

TEST(ZooKeeperMessages, Data) {
  EXPECT_EQ(parse_zookeeper_data(bytes({0, 0, 0, 2, 'a', 'b', 'r', 'e', 's', 't'})), "ab");
  EXPECT_EQ(parse_zookeeper_data(bytes({0, 0, 0, 0})), "");
  EXPECT_EQ(parse_zookeeper_data(bytes({0xff, 0xff, 0xff, 0xff})), "") << "null";
  for (const std::string& body : {bytes({}), bytes({0, 0, 0}), bytes({0, 0, 0, 1}), bytes({0xff, 0xff, 0xff, 0xfe}),
                                  bytes({0x7f, 0xff, 0xff, 0xff, 'a'})}) {
    EXPECT_EQ(parse_zookeeper_data(body), std::nullopt);
  }
}

TEST(ZooKeeperMessages, Children) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(parse_zookeeper_children(bytes({0, 0, 0, 2, 0, 0, 0, 1, 'a', 0, 0, 0, 0})), (Names{"a", ""}));
  EXPECT_EQ(parse_zookeeper_children(bytes({0, 0, 0, 0})), Names());
  for (const std::string& body : {bytes({}), bytes({0, 0, 0, 1}), bytes({0xff, 0xff, 0xff, 0xff}),
                                  bytes({0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0}), bytes({0, 0, 0, 1, 0, 0, 0, 2, 'a'})}) {
    EXPECT_EQ(parse_zookeeper_children(body), std::nullopt);
  }
}

TEST(ZooKeeperMessages, RandomBytesDoNoHarm) {
  std::mt19937 random(20261120);
  for (int round = 0; round < 50000; ++round) {
    std::vector<char> frame(random() % 48);
    // Small numbers are more interesting than large ones.
    for (char& byte : frame) byte = static_cast<char>(random() % 4 ? random() % 3 : random());
    const std::string_view view(frame.data(), frame.size());
    (void)parse_zookeeper_connect(view);
    (void)parse_zookeeper_reply(view);
    (void)parse_zookeeper_data(view);
    (void)parse_zookeeper_children(view);
  }
}

}  // namespace
}  // namespace hbmux::rpc::wire
