#include "core/connection_uri.h"

#include <gtest/gtest.h>

#include "core/client_settings.h"

namespace hbmux::core {
namespace {

/// The settings of a program that opens `uri` over `configuration`.
ClientSettings open(std::string_view uri, Configuration configuration = {}) {
  configuration.merge(parse_connection_uri(uri).value());
  return ClientSettings::from(configuration).value();
}

std::string refusal(const std::string& uri) {
  auto result = parse_connection_uri(uri);
  EXPECT_FALSE(result) << uri;
  if (result) return "";
  EXPECT_EQ(result.error().code(), Errc::invalid_configuration);
  EXPECT_NE(result.error().message().find("\"" + uri + "\""), std::string::npos) << result.error();
  return result.error().message();
}

TEST(ConnectionUri, OfAZooKeeperQuorum) {
  Configuration site;
  site.set("hbase.zookeeper.quorum", "elsewhere").set("hbase.client.registry.impl", "MasterRegistry");
  const auto s = open("hbase+zk://z1:2181,z2:2182/hbase/two", site);
  EXPECT_EQ(s.registry_kind, RegistryKind::zookeeper);
  EXPECT_EQ(s.zookeeper.quorum, "z1:2181,z2:2182");
  EXPECT_EQ(s.zookeeper.znode_parent, "/hbase/two");
}

TEST(ConnectionUri, LeavesPortsAndPathToTheConfiguration) {
  Configuration site;
  site.set("hbase.zookeeper.property.clientPort", "26000").set("zookeeper.znode.parent", "/hbase-unsecure");
  for (std::string uri : {"hbase+zk://z1", "hbase+zk://z1/", "HBase+ZK://z1?"}) {
    const auto s = open(uri, site);
    EXPECT_EQ(s.zookeeper.quorum, "z1:26000") << uri;
    EXPECT_EQ(s.zookeeper.znode_parent, "/hbase-unsecure") << uri;
  }
}

TEST(ConnectionUri, OfServers) {
  const auto s = open("hbase+rpc://m1:16000,[::1]:16020");
  EXPECT_EQ(s.registry_kind, RegistryKind::rpc);
  EXPECT_EQ(s.registry.endpoints, (std::vector<ServerAddress>{{"m1", 16000}, {"::1", 16020}}));
  EXPECT_EQ(open("hbase+rpc://m1:16000/").registry.endpoints, (std::vector<ServerAddress>{{"m1", 16000}}));
}

TEST(ConnectionUri, CarriesProperties) {
  const auto s =
      open("hbase+zk://z/hbase?hbase.client.ipc.pool.size=7&hbmux.user=a%20b%2Bc+d&&hbase.client.rpc.codec=");
  EXPECT_EQ(s.pool_size, 7u);
  EXPECT_EQ(s.user.effective, "a b+c d");
  EXPECT_EQ(s.codec, CellCodec::none);
}

TEST(ConnectionUri, WhatItSaysFirstComesBeforeItsProperties) {
  const auto s = open("hbase+rpc://m:1?hbase.client.registry.impl=MasterRegistry&hbase.client.bootstrap.servers=x:2");
  EXPECT_EQ(s.registry_kind, RegistryKind::rpc);
  EXPECT_EQ(s.registry.endpoints, (std::vector<ServerAddress>{{"m", 1}}));
}

TEST(ConnectionUri, IsNamedAsTheSource) {
  const auto overlay = parse_connection_uri("hbase+zk://z/p?hbase.client.ipc.pool.size=x").value();
  EXPECT_EQ(ClientSettings::from(overlay).error().message(),
            "hbase.client.ipc.pool.size = \"x\" (hbase+zk://z/p): expected a whole number from 1 to 2147483647");
}

TEST(ConnectionUri, RefusesTheRest) {
  for (std::string uri : {"",
                          "localhost",
                          "localhost:2181",
                          "://",
                          "://h",
                          "hbase+zk:",
                          "hbase+zk:/z",
                          "hbase+zk://",
                          "hbase+zk:///hbase",
                          "hbase+zk://,,",
                          "hbase+zk://?a=b",
                          "http://h",
                          "hbase://h",
                          "zk://h",
                          "hbase+zk://a b",
                          "hbase+zk://user@h",
                          "hbase+zk://h:0",
                          "hbase+zk://h:99999",
                          "hbase+zk://h/p#f",
                          "hbase+zk://h/%4",
                          "hbase+zk://h/%zz",
                          "hbase+zk://h/%00",
                          "hbase+zk://h/%-1",
                          "hbase+zk://h?a",
                          "hbase+zk://h?=b",
                          "hbase+zk://h?a=%",
                          "hbase+zk://h?%20=b",
                          "hbase+rpc://h",
                          "hbase+rpc://h:1,i",
                          "hbase+rpc://h:1/path",
                          "hbase+rpc://[::1",
                          "hbase+rpc://h:1#f"}) {
    refusal(uri);
  }
  EXPECT_NE(refusal("http://h").find("scheme http is unknown"), std::string::npos);
  EXPECT_NE(refusal("hbase+rpc://h").find("host:port"), std::string::npos);
}

}  // namespace
}  // namespace hbmux::core
