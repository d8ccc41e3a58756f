#include "cli/demo_cluster.h"

#include "cli/demo_ledger.h"

#include <unistd.h>

#include <iostream>

namespace hbmux::cli {
namespace {
constexpr int kRegionsAServer = 4;
constexpr int kVictim = 1;  // the middle one: the first also carries hbase:meta
}  // namespace

DemoCluster::DemoCluster(Session& session, int region_servers) {
  if (session.options.names_cluster()) {
    table_ = "hbmux_demo_" + std::to_string(getpid());
    connection_ = &session.connection();
    auto status = connection_->admin().cluster_status().value();
    make_table(kRegionsAServer * static_cast<int>(std::max<std::size_t>(status.live_servers.size(), 1)));
    return;
  }
  table_ = "demo";
  mini::Options options;
  options.region_servers = region_servers;
  mini_.emplace(mini::Cluster::start(options).value());
  Configuration properties = mini_->client_configuration();
  session.apply_command_line(properties).value();
  own_connection_.emplace(ClusterConnection::open(properties).value());
  connection_ = &*own_connection_;
  make_table(kRegionsAServer * region_servers);
}

void DemoCluster::make_table(int regions) {
  TableDescriptor table(TableName::parse(table_).value());
  table.family(std::string(kDemoFamily));
  connection_->admin().create_table(std::move(table), demo_split_keys(regions)).value();
}

DemoCluster::~DemoCluster() {
  if (is_embedded()) return;
  TableName table = TableName::parse(table_).value();
  Admin admin = connection_->admin();
  auto dropped = admin.disable_table(table);
  if (dropped) dropped = admin.delete_table(table);
  if (!dropped) std::cerr << "hbmux: table " << table_ << " is left behind: " << dropped.error().to_string() << '\n';
}

std::string DemoCluster::description() const {
  if (!is_embedded()) return "Table " + table_ + ", made for this and dropped at the end";
  std::string text = "Embedded HBase, region servers at";
  for (const ServerName& server : mini_->region_servers()) text += ' ' + server.address.to_string();
  return text;
}

std::string DemoCluster::kill_server() {
  std::string address = mini_->region_servers().at(kVictim).address.to_string();
  mini_->kill_region_server(kVictim).value();
  return address;
}

void DemoCluster::return_server() {
  mini_->start_region_server(kVictim).value();
  mini_->balance();
}

}  // namespace hbmux::cli
