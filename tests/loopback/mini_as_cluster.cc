// The tests of tests/integration, on the embedded cluster: what they expect of HBase holds for it as well.
#include "tests/integration/cluster.h"

#include <hbmux/mini/cluster.h>

namespace hbmux::integration {
namespace {

/// Its threads end with the tests, not with the process: libraries that they use clean up before that.
class Embedded final : public ::testing::Environment {
 public:
  mini::Cluster& cluster() {
    if (!cluster_) cluster_.emplace(mini::Cluster::start({.region_servers = 3}).value());
    return *cluster_;
  }
  void TearDown() override { cluster_.reset(); }

 private:
  std::optional<mini::Cluster> cluster_;
};

Embedded* const environment = static_cast<Embedded*>(::testing::AddGlobalTestEnvironment(new Embedded));

mini::Cluster& embedded() { return environment->cluster(); }

}  // namespace

std::optional<Cluster> Cluster::find(std::string&) {
  Cluster cluster;
  cluster.master_ = embedded().master().address.to_string();
  for (const auto& server : embedded().region_servers()) cluster.region_servers_.push_back(server.address.to_string());
  return cluster;
}

Configuration Cluster::configuration() const {
  Configuration configuration = embedded().client_configuration();
  configuration.set("hbase.client.operation.timeout", "60000");
  configuration.set("hbase.client.meta.operation.timeout", "60000");
  configuration.set("hbase.rpc.timeout", "20000");
  return configuration;
}

void Cluster::tool(const std::string& arguments) const { ADD_FAILURE() << "there is no tool for '" << arguments << "'"; }

}  // namespace hbmux::integration
