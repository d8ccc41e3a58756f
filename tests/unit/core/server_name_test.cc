#include <hbmux/server_name.h>

#include <gtest/gtest.h>

namespace hbmux {
namespace {

TEST(ServerAddress, ParsesHostAndPort) {
  const auto address = ServerAddress::parse("rs1.example.com:16020").value();
  EXPECT_EQ(address.host, "rs1.example.com");
  EXPECT_EQ(address.port, 16020);
  EXPECT_EQ(address.to_string(), "rs1.example.com:16020");
}

TEST(ServerAddress, TakesTheDefaultPort) {
  EXPECT_EQ(ServerAddress::parse("h", 2181).value(), (ServerAddress{"h", 2181}));
  EXPECT_EQ(ServerAddress::parse("h:1", 2181).value(), (ServerAddress{"h", 1}));
  EXPECT_EQ(ServerAddress::parse("[::1]", 2181).value(), (ServerAddress{"::1", 2181}));
  EXPECT_EQ(ServerAddress::parse("::1", 2181).value(), (ServerAddress{"::1", 2181}));
  EXPECT_FALSE(ServerAddress::parse("h"));
  EXPECT_FALSE(ServerAddress::parse("[::1]"));
}

TEST(ServerAddress, KnowsIpv6) {
  EXPECT_EQ(ServerAddress::parse("[::1]:16020").value(), (ServerAddress{"::1", 16020}));
  EXPECT_EQ(ServerAddress::parse("[fe80::1%eth0]:16020").value(), (ServerAddress{"fe80::1%eth0", 16020}));
  EXPECT_EQ((ServerAddress{"::1", 16020}).to_string(), "[::1]:16020");
  // HBase writes addresses into hbase:meta without brackets: the last colon is before the port.
  EXPECT_EQ(ServerAddress::parse("0:0:0:0:0:0:0:1:16020").value(), (ServerAddress{"0:0:0:0:0:0:0:1", 16020}));
  EXPECT_EQ(ServerAddress::parse("fe80::1:16020").value(), (ServerAddress{"fe80::1", 16020}));
  EXPECT_FALSE(ServerAddress::parse("a:b:16020"));
  EXPECT_FALSE(ServerAddress::parse("[h]:16020"));
}

TEST(ServerAddress, RefusesTheRest) {
  for (std::string text : {"", ":", ":1", "h:", "h:0", "h:65536", "h:-1", "h:1x", "h :1", "h\n:1", "a/b:1", "u@h:1",
                           "[::1", "[::1]x", "[::1]:", "[]:1", "a,b:1", "h:99999999999999999999"}) {
    auto result = ServerAddress::parse(text, 0);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code(), Errc::invalid_argument);
    EXPECT_NE(result.error().message().find("\"" + text + "\""), std::string::npos);
  }
  EXPECT_FALSE(ServerAddress::parse(std::string(256, 'a') + ":1"));
  EXPECT_TRUE(ServerAddress::parse(std::string(255, 'a') + ":1"));
}

TEST(ServerName, ParsesAndPrints) {
  const auto name = ServerName::parse("rs1,16020,1700000000123").value();
  EXPECT_EQ(name.address, (ServerAddress{"rs1", 16020}));
  EXPECT_EQ(name.start_code, 1700000000123);
  EXPECT_EQ(name.to_string(), "rs1,16020,1700000000123");
  EXPECT_EQ(ServerName::parse("::1,16020,5").value().to_string(), "::1,16020,5");
  EXPECT_EQ(ServerName::parse("h,1,-1").value().start_code, -1);
}

TEST(ServerName, RefusesTheRest) {
  for (std::string text : {"", ",", ",,", "h", "h,1", "h,1,", "h,,1", ",1,1", "h,0,1", "h,65536,1", "h,1,x", "h,1,1,1",
                           "h,1,99999999999999999999", "h h,1,1"}) {
    EXPECT_FALSE(ServerName::parse(text)) << text;
  }
}

TEST(ServerName, OrdersAndCompares) {
  const ServerName a{{"h", 1}, 1}, b{{"h", 1}, 2};
  EXPECT_LT(a, b);
  EXPECT_NE(a, b);
  EXPECT_EQ(std::hash<ServerAddress>()(a.address), std::hash<ServerAddress>()(b.address));
}

}  // namespace
}  // namespace hbmux
