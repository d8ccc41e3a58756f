#include "rpc/registry_messages.h"

#include <hbmux/pb/Registry.pb.h>

#include <gtest/gtest.h>

namespace hbmux::rpc {
namespace {

void set(pb::ServerName& message, const std::string& host, std::uint32_t port, std::uint64_t start_code) {
  message.set_host_name(host);
  message.set_port(port);
  message.set_start_code(start_code);
}

pb::RegionLocation& add_meta(pb::GetMetaRegionLocationsResponse& message, int replica) {
  auto& location = *message.add_meta_locations();
  location.mutable_region_info()->set_region_id(1);
  location.mutable_region_info()->mutable_table_name()->set_namespace_("hbase");
  location.mutable_region_info()->mutable_table_name()->set_qualifier("meta");
  location.mutable_region_info()->set_replica_id(replica);
  location.set_seq_num(-1);
  return location;
}

TEST(RegistryMessages, MetaWithItsReplicas) {
  pb::GetMetaRegionLocationsResponse message;
  set(*add_meta(message, 0).mutable_server_name(), "a", 16020, 7);
  add_meta(message, 1);  // on no server now
  set(*add_meta(message, 2).mutable_server_name(), "b", 16021, 8);
  const auto locations = read_meta_locations(message.SerializeAsString());
  ASSERT_TRUE(locations) << locations.error();
  EXPECT_EQ((*locations)->region->name(), "hbase:meta,,1");
  EXPECT_EQ((*locations)->get(0)->server, (ServerName{{"a", 16020}, 7}));
  EXPECT_EQ((*locations)->get(1), nullptr);
  EXPECT_EQ((*locations)->get(2)->server, (ServerName{{"b", 16021}, 8}));
}

// While hbase:meta is being moved, a server leaves it out: another one may know better.
TEST(RegistryMessages, MetaNowhere) {
  pb::GetMetaRegionLocationsResponse message;
  EXPECT_EQ(read_meta_locations("").error().code(), Errc::unavailable);
  add_meta(message, 0);
  EXPECT_EQ(read_meta_locations(message.SerializeAsString()).error().code(), Errc::unavailable);
}

// A replica alone cannot be written to, and its locations may be old.
TEST(RegistryMessages, MetaWithoutItsPrimary) {
  pb::GetMetaRegionLocationsResponse message;
  set(*add_meta(message, 1).mutable_server_name(), "b", 16021, 8);
  EXPECT_EQ(read_meta_locations(message.SerializeAsString()).error().code(), Errc::unavailable);
}

TEST(RegistryMessages, AnotherTableIsNotMeta) {
  pb::GetMetaRegionLocationsResponse message;
  auto& location = add_meta(message, 0);
  location.mutable_region_info()->mutable_table_name()->set_qualifier("namespace");
  set(*location.mutable_server_name(), "a", 16020, 7);
  EXPECT_EQ(read_meta_locations(message.SerializeAsString()).error().code(), Errc::protocol_error);
}

TEST(RegistryMessages, ActiveMaster) {
  pb::GetActiveMasterResponse message;
  EXPECT_EQ(read_active_master(message.SerializeAsString()).error().code(), Errc::unavailable);
  set(*message.mutable_server_name(), "m", 16000, 5);
  EXPECT_EQ(read_active_master(message.SerializeAsString()).value(), (ServerName{{"m", 16000}, 5}));
}

TEST(RegistryMessages, AddressesThatCannotBe) {
  for (const auto& [host, port] :
       {std::pair<std::string, std::uint32_t>("", 1), {"m", 0}, {"m", 65536}, {std::string(256, 'm'), 1}}) {
    pb::GetActiveMasterResponse message;
    set(*message.mutable_server_name(), host, port, 5);
    EXPECT_EQ(read_active_master(message.SerializeAsString()).error().code(), Errc::protocol_error) << host << port;
  }
}

TEST(RegistryMessages, ClusterId) {
  pb::GetClusterIdResponse message;
  EXPECT_EQ(read_cluster_id(message.SerializeAsString()).error().code(), Errc::unavailable);
  message.set_cluster_id("0815");
  EXPECT_EQ(read_cluster_id(message.SerializeAsString()).value(), "0815");
}

TEST(RegistryMessages, BootstrapNodesAndMasters) {
  pb::GetBootstrapNodesResponse nodes;
  EXPECT_EQ(read_bootstrap_nodes(nodes.SerializeAsString()).error().code(), Errc::unavailable);
  set(*nodes.add_server_name(), "a", 1, 5);
  set(*nodes.add_server_name(), "b", 2, 5);
  EXPECT_EQ(read_bootstrap_nodes(nodes.SerializeAsString()).value(), (std::vector<ServerAddress>{{"a", 1}, {"b", 2}}));

  pb::GetMastersResponse masters;
  EXPECT_EQ(read_masters(masters.SerializeAsString()).error().code(), Errc::unavailable);
  auto& entry = *masters.add_master_servers();
  set(*entry.mutable_server_name(), "m", 3, 5);
  entry.set_is_active(false);
  EXPECT_EQ(read_masters(masters.SerializeAsString()).value(), (std::vector<ServerAddress>{{"m", 3}}));
}

TEST(RegistryMessages, Garbage) {
  const std::string garbage = "\xff\xff\xff\xff\xff";
  EXPECT_EQ(read_meta_locations(garbage).error().code(), Errc::protocol_error);
  EXPECT_EQ(read_active_master(garbage).error().code(), Errc::protocol_error);
  EXPECT_EQ(read_cluster_id(garbage).error().code(), Errc::protocol_error);
  EXPECT_EQ(read_bootstrap_nodes(garbage).error().code(), Errc::protocol_error);
  EXPECT_EQ(read_masters(garbage).error().code(), Errc::protocol_error);
}

}  // namespace
}  // namespace hbmux::rpc
