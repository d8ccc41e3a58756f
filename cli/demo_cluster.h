// Where the demonstration runs: an embedded cluster, or a real one.
#pragma once

#include "cli/session.h"

#include <hbmux/mini/cluster.h>

#include <memory>
#include <optional>
#include <string>

namespace hbmux::cli {

/// Embedded unless the command line names a cluster. Has one table of its own, which it drops on a real cluster when it
/// is destroyed.
class DemoCluster {
 public:
  DemoCluster(Session& session, int region_servers);
  ~DemoCluster();

  ClusterConnection& connection() { return *connection_; }
  const std::string& table() const noexcept { return table_; }
  bool is_embedded() const noexcept { return mini_.has_value(); }
  /// What it is, for the first line of the output.
  std::string description() const;

  /// Kills a region server, as kill -9 would, and tells which. Embedded only.
  std::string kill_server();
  /// Starts it again and moves regions to it.
  void return_server();

 private:
  void make_table(int regions);

  std::optional<mini::Cluster> mini_;
  std::optional<ClusterConnection> own_connection_;
  ClusterConnection* connection_ = nullptr;
  std::string table_;
};

}  // namespace hbmux::cli
