#include "core/zookeeper_data.h"

#include <hbmux/pb/ClusterId.pb.h>
#include <hbmux/pb/ZooKeeper.pb.h>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace hbmux::core {
namespace {

std::string znode(const std::string& message, const std::string& writer = "") {
  std::string data;
  if (!writer.empty()) {
    data += '\xff';
    append_be<std::int32_t>(data, static_cast<std::int32_t>(writer.size()));
    data += writer;
  }
  return data + "PBUF" + message;
}

pb::ServerName server(const std::string& host, std::uint32_t port, std::uint64_t start_code) {
  pb::ServerName message;
  message.set_host_name(host);
  message.set_port(port);
  message.set_start_code(start_code);
  return message;
}

std::string meta(const pb::ServerName& name, std::optional<pb::RegionState::State> state = std::nullopt) {
  pb::MetaRegionServer message;
  *message.mutable_server() = name;
  message.set_rpc_version(0);
  if (state) message.set_state(*state);
  return message.SerializeAsString();
}

std::string master(const pb::ServerName& name) {
  pb::Master message;
  *message.mutable_master() = name;
  return message.SerializeAsString();
}

std::string cluster_id(const std::string& id) {
  pb::ClusterId message;
  message.set_cluster_id(id);
  return message.SerializeAsString();
}

TEST(ZooKeeperData, WhereMetaIs) {
  for (const std::string& writer : {std::string(), std::string("regionserver:16020\0\x01\xff", 21)}) {
    const auto read = parse_meta_server(znode(meta(server("rs1", 16020, 17)), writer)).value();
    EXPECT_EQ(read.server, (ServerName{{"rs1", 16020}, 17}));
    EXPECT_TRUE(read.is_open);
  }
  EXPECT_TRUE(parse_meta_server(znode(meta(server("h", 1, 1), pb::RegionState::OPEN)))->is_open);
  EXPECT_FALSE(parse_meta_server(znode(meta(server("h", 1, 1), pb::RegionState::OPENING)))->is_open);
}

TEST(ZooKeeperData, WhoIsMaster) {
  EXPECT_EQ(parse_active_master(znode(master(server("m", 16000, 5)), "master:16000")).value().to_string(), "m,16000,5");
}

TEST(ZooKeeperData, TheClustersId) {
  const std::string id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  EXPECT_EQ(parse_cluster_id(znode(cluster_id(id))).value(), id);
  EXPECT_EQ(parse_cluster_id(znode(cluster_id(id), "w")).value(), id);
  EXPECT_EQ(parse_cluster_id(id).value(), id);
}

TEST(ZooKeeperData, OtherBytesAreRefused) {
  const std::vector<std::string> bad = {
      "",
      "P",
      "PBUF",
      "pbuf" + master(server("m", 1, 1)),
      "PBUF\xff\xff\xff",
      std::string("\xff", 1),
      std::string("\xff\0\0\0", 4),
      std::string("\xff\0\0\0\0", 5),
      std::string("\xff\xff\xff\xff\xff", 5) + znode(master(server("m", 1, 1))),
      std::string("\xff\x7f\xff\xff\xff", 5) + znode(master(server("m", 1, 1))),
      std::string("\xff\0\0\0\xff", 5) + znode(master(server("m", 1, 1))),
      znode(master(server("", 1, 1))),
      znode(master(server(std::string(256, 'h'), 1, 1))),
      znode(master(server("m", 0, 1))),
      znode(master(server("m", 65536, 1))),
      znode(cluster_id("")),
      std::string(300, 'x'),
      "an id with blanks",
  };
  for (const std::string& data : bad) {
    EXPECT_EQ(parse_active_master(data).error().code(), Errc::protocol_error) << to_string_binary(data);
    EXPECT_EQ(parse_meta_server(data).error().code(), Errc::protocol_error) << to_string_binary(data);
  }
  for (const char* data : {"", "PBUF", "an id with blanks", "\xff", "\xc3\xa9"}) {
    EXPECT_EQ(parse_cluster_id(data).error().code(), Errc::protocol_error) << data;
  }
  EXPECT_FALSE(parse_cluster_id(znode(cluster_id(""))));
  EXPECT_FALSE(parse_cluster_id(std::string(300, 'x')));
}

TEST(ZooKeeperData, EveryTruncationIsAnError) {
  const std::string whole = znode(meta(server("rs1", 16020, 17), pb::RegionState::OPEN), "writer");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<char> copy(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto read = parse_meta_server({copy.data(), copy.size()});
    // The message is whole without its last, optional fields.
    if (read) EXPECT_EQ(read->server.address.host, "rs1");
  }
  EXPECT_FALSE(parse_meta_server(whole.substr(0, whole.size() - 8)));
}

TEST(ZooKeeperData, AlteredBytesDoNoHarm) {
  std::mt19937 random(20261120);
  const std::string whole = znode(meta(server("rs1", 16020, 17), pb::RegionState::OPEN), "writer");
  for (int round = 0; round < 20000; ++round) {
    std::vector<char> data(whole.begin(), whole.end());
    data.resize(1 + random() % data.size());
    for (std::uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
      data[random() % data.size()] = static_cast<char>(random());
    }
    const std::string_view view(data.data(), data.size());
    (void)parse_meta_server(view);
    (void)parse_active_master(view);
    (void)parse_cluster_id(view);
  }
}

TEST(ZooKeeperData, ReplicasByTheNamesOfTheirZnodes) {
  const std::string prefix = "meta-region-server";
  EXPECT_EQ(meta_replica_of(prefix, prefix), 0);
  EXPECT_EQ(meta_replica_of(prefix + "-1", prefix), 1);
  EXPECT_EQ(meta_replica_of(prefix + "-12", prefix), 12);
  for (std::string name : {"master", "meta", "", "meta-region-server-", "meta-region-server-x", "meta-region-server-0",
                           "meta-region-server--1", "meta-region-server-1x", "meta-region-server1",
                           "meta-region-server-65536", "meta-region-server-99999999999"}) {
    EXPECT_EQ(meta_replica_of(name, prefix), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace hbmux::core
