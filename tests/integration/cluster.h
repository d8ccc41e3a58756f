// The real HBase that the tests here run against.
#pragma once

#include "tests/support/result_assertions.h"

#include <hbmux/hbmux.h>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::integration {

/// A cluster that somebody else has started: named by HBMUX_ZK_QUORUM, HBMUX_MASTER and HBMUX_RS_1, _2 ... in the
/// environment, or, where those are missing, by what `$HBMUX_HBASE_TOOL env` prints (tests/peers/hbase/hbase).
class Cluster {
 public:
  /// The reason why there is none is in `problem`.
  static std::optional<Cluster> find(std::string& problem);

  /// Settings of a client that finds it through ZooKeeper, and does not wait for minutes when something is wrong.
  Configuration configuration() const;
  const std::string& zookeeper() const noexcept { return zookeeper_; }
  const std::string& master() const noexcept { return master_; }
  /// "host:port"; the first is at 0.
  const std::vector<std::string>& region_servers() const noexcept { return region_servers_; }
  /// Whether the tool can kill and start servers of it.
  bool can_lose_servers() const noexcept { return !tool_.empty() && region_servers_.size() > 1; }
  bool has_tool() const noexcept { return !tool_.empty(); }
  /// Runs the tool: `tool("kill-rs 2")`. Fails the test when that fails.
  void tool(const std::string& arguments) const;

 private:
  std::string zookeeper_, master_, tool_;
  std::vector<std::string> region_servers_;
};

/// A test with a connection to the cluster; skipped without one.
class ClusterTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  const Cluster& cluster() const { return *cluster_; }
  ClusterConnection& connection() { return *connection_; }
  Admin admin() { return connection_->admin(); }
  /// Opens (again) with these settings over the usual ones.
  void connect(const std::vector<std::pair<std::string, std::string>>& settings = {});

  /// A table with families "f" and "g" (with five versions) that is dropped when the test ends.
  TableName make_table(std::vector<std::string> split_keys = {});
  /// A name that no other test has; the table is dropped when the test ends, if it is there.
  TableName new_name();

 private:
  std::optional<Cluster> cluster_;
  std::optional<ClusterConnection> connection_;
  std::vector<TableName> tables_;
};

/// "qualifier=value qualifier=value" of a row, for comparing.
std::string text_of(const Row& row);

}  // namespace hbmux::integration
