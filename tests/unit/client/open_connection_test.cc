// Which implementation a configuration asks for. (This program does not have the one on Bigtable.)
#include "tests/support/result_assertions.h"

#include <hbmux/cluster_connection.h>

#include <gtest/gtest.h>

#include <string>

namespace hbmux {
namespace {

TEST(OpenConnection, BigtableIsALibraryOfItsOwn) {
  for (const char* property : {"hbase.client.connection.impl", "hbase.client.async.connection.impl"}) {
    for (const char* name : {"bigtable", "com.google.cloud.bigtable.hbase2_x.BigtableConnection"}) {
      Configuration configuration;
      configuration.set(property, name);
      const auto connection = ClusterConnection::open(configuration);
      ASSERT_FALSE(connection);
      EXPECT_EQ(connection.error().code(), Errc::unsupported);
      EXPECT_NE(connection.error().message().find("hbmux::bigtable"), std::string::npos) << connection.error();
      EXPECT_NE(connection.error().message().find(property), std::string::npos) << connection.error();
    }
  }
}

TEST(OpenConnection, HBaseIsTheDefault) {
  Configuration configuration;
  HBMUX_EXPECT_OK(ClusterConnection::open(configuration));
  configuration.set("hbase.client.connection.impl", "org.apache.hadoop.hbase.client.ConnectionImplementation");
  HBMUX_EXPECT_OK(ClusterConnection::open(configuration));
}

}  // namespace
}  // namespace hbmux
