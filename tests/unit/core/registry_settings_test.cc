// How properties tell where the cluster is.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "core/client_settings.h"

namespace hbmux::core {
namespace {

using namespace std::chrono_literals;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<ClientSettings> read(const Pairs& pairs) {
  Configuration configuration;
  for (const auto& [name, value] : pairs) configuration.set(name, value);
  return ClientSettings::from(configuration);
}

RegistrySettings registry(const std::string& implementation, Pairs pairs) {
  pairs.emplace_back("hbase.client.registry.impl", implementation);
  return read(pairs).value().registry;
}

ZooKeeperSettings zookeeper(const Pairs& pairs) { return read(pairs).value().zookeeper; }

void expect_refused(const Pairs& pairs, const std::string& property) {
  const auto result = read(pairs);
  ASSERT_FALSE(result) << property;
  EXPECT_EQ(result.error().code(), Errc::invalid_configuration);
  EXPECT_TRUE(result.error().message().starts_with(property + " = ")) << result.error();
}

TEST(RegistrySettings, KindsByTheirJavaNames) {
  auto kind = [](std::string name) {
    return read({{"hbase.client.registry.impl", std::move(name)}}).value().registry_kind;
  };
  const std::string package = "org.apache.hadoop.hbase.client.";
  for (std::string name : {"", "ZKConnectionRegistry", "org.apache.hadoop.hbase.client.ZKConnectionRegistry",
                           "org.apache.hadoop.hbase.client.ZKAsyncRegistry"}) {
    EXPECT_EQ(kind(name), RegistryKind::zookeeper) << name;
  }
  EXPECT_EQ(kind("RpcConnectionRegistry"), RegistryKind::rpc);
  EXPECT_EQ(kind(package + "RpcConnectionRegistry"), RegistryKind::rpc);
  EXPECT_EQ(kind(package + "MasterRegistry"), RegistryKind::master);
  for (std::string name : {"zk", "com.example.Registry", "MasterRegistry2"}) {
    expect_refused({{"hbase.client.registry.impl", name}}, "hbase.client.registry.impl");
  }
}

TEST(RegistrySettings, EndpointsOfTheRpcRegistry) {
  using Addresses = std::vector<ServerAddress>;
  EXPECT_EQ(
      registry("RpcConnectionRegistry", {{"hbase.client.bootstrap.servers", " a:1, b:2 "}, {"hbase.masters", "m"}})
          .endpoints,
      (Addresses{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(registry("RpcConnectionRegistry", {{"hbase.masters", "m1,m2:5,[::1]"}}).endpoints,
            (Addresses{{"m1", 16000}, {"m2", 5}, {"::1", 16000}}));
  const auto local = registry("RpcConnectionRegistry", {{"hbase.master.port", "26010"}}).endpoints;
  ASSERT_EQ(local.size(), 1u);
  EXPECT_FALSE(local[0].host.empty());
  EXPECT_EQ(local[0].port, 26010);
}

TEST(RegistrySettings, EndpointsOfTheMasterRegistryAreMasters) {
  const auto found =
      registry("MasterRegistry", {{"hbase.client.bootstrap.servers", "a:1"}, {"hbase.masters", "m:2"}}).endpoints;
  EXPECT_EQ(found, (std::vector<ServerAddress>{{"m", 2}}));
}

TEST(RegistrySettings, BadEndpointsAreRefused) {
  const std::pair<std::string, std::string> rpc = {"hbase.client.registry.impl", "RpcConnectionRegistry"};
  for (std::string text : {"a", "a:0", "a:x", "a b:1", "a:1,b"}) {
    expect_refused({rpc, {"hbase.client.bootstrap.servers", text}}, "hbase.client.bootstrap.servers");
  }
  expect_refused({rpc, {"hbase.masters", "m:"}}, "hbase.masters");
  expect_refused({rpc, {"hbase.master.port", "70000"}}, "hbase.master.port");
}

TEST(RegistrySettings, EachKindHasItsOwnNames) {
  const std::vector<std::pair<std::string, std::string>> kinds = {{"RpcConnectionRegistry", "hbase.client.bootstrap."},
                                                                  {"MasterRegistry", "hbase.client.master_registry."}};
  for (const auto& [kind, prefix] : kinds) {
    const auto r = registry(kind, {{prefix + "hedged.fanout", "3"},
                                   {prefix + "refresh_interval_secs", "100"},
                                   {prefix + "min_secs_between_refreshes", "20"}});
    EXPECT_EQ(r.hedged_fan_out, 3);
    EXPECT_EQ(r.refresh_interval, 100s);
    EXPECT_EQ(r.initial_refresh_delay, 10s);
    EXPECT_EQ(r.min_between_refreshes, 20s);
    EXPECT_EQ(registry(kind, {{prefix + "hedged.fanout", "0"}}).hedged_fan_out, 1);
    EXPECT_EQ(registry(kind, {{prefix + "hedged.fanout", "-7"}}).hedged_fan_out, 1);
    EXPECT_EQ(registry(kind, {{prefix + "initial_refresh_delay_secs", "7"}}).initial_refresh_delay, 7s);
    EXPECT_LE(registry(kind, {{prefix + "refresh_interval_secs", "-1"}}).refresh_interval, 0s);
    EXPECT_EQ(registry(kind, {{prefix + "refresh_interval_secs", "5"}}).initial_refresh_delay, 1s);
    // The default of sixty seconds gives way to a short interval; a value that was written does not.
    EXPECT_EQ(registry(kind, {{prefix + "refresh_interval_secs", "5"}}).min_between_refreshes, 4s);
    expect_refused({{"hbase.client.registry.impl", kind},
                    {prefix + "refresh_interval_secs", "50"},
                    {prefix + "min_secs_between_refreshes", "50"}},
                   prefix + "min_secs_between_refreshes");
    expect_refused({{"hbase.client.registry.impl", kind}, {prefix + "min_secs_between_refreshes", "-1"}},
                   prefix + "min_secs_between_refreshes");
    expect_refused({{"hbase.client.registry.impl", kind}, {prefix + "hedged.fanout", "x"}}, prefix + "hedged.fanout");
  }
}

TEST(ZooKeeperSettings, TheQuorumGetsItsPorts) {
  EXPECT_EQ(zookeeper({{"hbase.zookeeper.quorum", " z1 , z2:7,z3 "}}).quorum, "z1:2181,z2:7,z3:2181");
  EXPECT_EQ(zookeeper({{"hbase.zookeeper.quorum", "z1,z2:7"}, {"hbase.zookeeper.property.clientPort", "26000"}}).quorum,
            "z1:26000,z2:7");
  EXPECT_EQ(zookeeper({{"hbase.zookeeper.quorum", "[::1]"}}).quorum, "[::1]:2181");
  EXPECT_EQ(zookeeper({{"hbase.zookeeper.quorum", "z1,z2/chroot/x"}}).quorum, "z1:2181,z2:2181/chroot/x");
}

TEST(ZooKeeperSettings, AQuorumForClientsComesFirst) {
  EXPECT_EQ(zookeeper({{"hbase.zookeeper.quorum", "z"}, {"hbase.client.zookeeper.quorum", "c"}}).quorum, "c:2181");
  EXPECT_EQ(zookeeper({{"hbase.client.zookeeper.quorum", "c"},
                       {"hbase.zookeeper.property.clientPort", "1"},
                       {"hbase.client.zookeeper.property.clientPort", "2"}})
                .quorum,
            "c:2");
}

TEST(ZooKeeperSettings, TheParentIsAPath) {
  EXPECT_EQ(zookeeper({{"zookeeper.znode.parent", "/hbase-secure"}}).znode_parent, "/hbase-secure");
  EXPECT_EQ(zookeeper({{"zookeeper.znode.parent", "/a/b/"}}).znode_parent, "/a/b");
  EXPECT_EQ(zookeeper({{"zookeeper.znode.parent", "/"}}).znode_parent, "");
  for (std::string text : {"hbase", "//", "/a//b"}) {
    expect_refused({{"zookeeper.znode.parent", text}}, "zookeeper.znode.parent");
  }
}

TEST(ZooKeeperSettings, NamesAndTimes) {
  const auto z = zookeeper({{"zookeeper.znode.metaserver", "meta"},
                            {"zookeeper.znode.master", "m"},
                            {"zookeeper.znode.clusterId", "id"},
                            {"zookeeper.session.timeout", "30s"},
                            {"zookeeper.keep-alive.time", "5000"},
                            {"zookeeper.recovery.retry", "3"},
                            {"zookeeper.recovery.retry.intervalmill", "10"}});
  EXPECT_EQ(z.meta_znode, "meta");
  EXPECT_EQ(z.master_znode, "m");
  EXPECT_EQ(z.cluster_id_znode, "id");
  EXPECT_EQ(z.session_timeout, 30s);
  EXPECT_EQ(z.keep_alive, 5s);
  EXPECT_EQ(z.recovery_retries, 3);
  EXPECT_EQ(z.recovery_pause, 10ms);
}

TEST(ZooKeeperSettings, BadValuesAreRefused) {
  const Pairs bad = {{"hbase.zookeeper.quorum", "a b"},
                     {"hbase.zookeeper.quorum", "a:99999"},
                     {"hbase.zookeeper.property.clientPort", "0"},
                     {"hbase.client.zookeeper.property.clientPort", "x"},
                     {"zookeeper.session.timeout", "0"},
                     {"zookeeper.keep-alive.time", "-1"},
                     {"zookeeper.recovery.retry", "-1"},
                     {"zookeeper.recovery.retry.intervalmill", "-1"},
                     {"zookeeper.znode.master", "a/b"}};
  for (const auto& pair : bad) expect_refused({pair}, pair.first);
}

// A registry that is not used does not matter.
TEST(ZooKeeperSettings, AreNotReadForAnotherRegistry) {
  EXPECT_TRUE(read({{"hbase.client.registry.impl", "MasterRegistry"}, {"zookeeper.znode.parent", "oops"}}));
  EXPECT_TRUE(read({{"hbase.masters", "oops:"}}));
}

}  // namespace
}  // namespace hbmux::core
