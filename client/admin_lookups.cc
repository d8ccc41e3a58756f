// Questions about tables and the cluster.
#include "client/admin_actions.h"
#include "client/admin_schema.h"

#include <hbmux/pb/Master.pb.h>

#include <algorithm>
#include <utility>

namespace hbmux::client {
namespace {

bool is_sane(const pb::ServerName& message) { return message.port() >= 1 && message.port() <= 65535; }

template <class Messages>
bool are_sane(const Messages& messages) {
  return std::all_of(messages.begin(), messages.end(), [](const auto& message) { return is_sane(message); });
}

ServerName server_name_from(const pb::ServerName& message) {
  return {{message.host_name(), static_cast<std::uint16_t>(message.port())},
          static_cast<std::int64_t>(message.start_code())};
}

template <class Messages>
std::vector<ServerName> server_names_from(const Messages& messages) {
  std::vector<ServerName> names;
  for (const auto& message : messages) names.push_back(server_name_from(message));
  std::sort(names.begin(), names.end());
  return names;
}

RegionServerStatus server_status_from(const pb::LiveServerInfo& message) {
  RegionServerStatus status;
  status.name = server_name_from(message.server());
  status.regions = static_cast<std::uint32_t>(message.server_load().region_loads_size());
  status.requests_per_second = message.server_load().number_of_requests();
  status.used_heap_mb = message.server_load().used_heap_mb();
  status.max_heap_mb = message.server_load().max_heap_mb();
  return status;
}

Result<ClusterStatus> cluster_status_from(const pb::ClusterStatus& message) {
  const auto& live = message.live_servers();
  if ((message.has_master() && !is_sane(message.master())) || !are_sane(message.backup_masters()) ||
      !are_sane(message.dead_servers()) ||
      std::any_of(live.begin(), live.end(), [](const auto& server) { return !is_sane(server.server()); })) {
    return Error(Errc::protocol_error, "the master told of a server with an impossible port");
  }
  ClusterStatus status;
  status.hbase_version = message.hbase_version().version();
  status.cluster_id = message.cluster_id().cluster_id();
  if (message.has_master()) status.master = server_name_from(message.master());
  status.backup_masters = server_names_from(message.backup_masters());
  for (const auto& server : message.live_servers()) status.live_servers.push_back(server_status_from(server));
  std::ranges::sort(status.live_servers, {}, &RegionServerStatus::name);
  status.dead_servers = server_names_from(message.dead_servers());
  if (message.has_balancer_on()) status.balancer_on = message.balancer_on();
  status.regions_in_transition = static_cast<std::uint32_t>(message.regions_in_transition_size());
  return status;
}

}  // namespace

AdminTask<Result<bool>> table_exists(AdminOperation& operation, TableName table) {
  auto state = co_await operation.table_state(std::move(table));
  if (!state) co_return state.error();
  co_return state->has_value();
}

AdminTask<Result<TableState>> get_table_state(AdminOperation& operation, TableName table) {
  auto state = co_await operation.table_state(table);
  if (!state) co_return state.error();
  if (!*state) co_return Error(Errc::table_not_found, "table '" + table.to_string() + "' does not exist");
  switch (**state) {
    case core::TableStateCode::enabled: co_return TableState::enabled;
    case core::TableStateCode::disabled: co_return TableState::disabled;
    case core::TableStateCode::disabling: co_return TableState::disabling;
    case core::TableStateCode::enabling: co_return TableState::enabling;
  }
  co_return Error(Errc::protocol_error, "table '" + table.to_string() + "' is in an unknown state");
}

AdminTask<Result<void>> check_enabled(AdminOperation& operation, TableName table) {
  auto state = co_await operation.table_state(table);
  if (!state) co_return state.error();
  if (!*state) co_return Error(Errc::table_not_found, "table '" + table.to_string() + "' does not exist");
  if (**state != core::TableStateCode::enabled) {
    co_return Error(Errc::table_not_enabled, "table '" + table.to_string() + "' is not enabled");
  }
  co_return Result<void>();
}

Result<std::vector<TableName>> table_names_from(const AdminOperation& operation,
                                                const google::protobuf::RepeatedPtrField<pb::TableName>& messages) {
  std::vector<TableName> names;
  for (const auto& message : messages) {
    auto name = table_name_from(message);
    if (!name) return name.error();
    if (auto known_as = operation.connection().settings().table_prefix.strip(std::move(*name))) names.push_back(std::move(*known_as));
  }
  std::sort(names.begin(), names.end());
  return names;
}

AdminTask<Result<std::vector<TableName>>> list_tables(AdminOperation& operation) {
  pb::GetTableNamesRequest request;
  request.set_include_sys_tables(false);
  auto response = co_await operation.ask_master<pb::GetTableNamesResponse>("GetTableNames", std::move(request));
  if (!response) co_return Error(response.error()).with_context("listing tables");
  auto names = table_names_from(operation, response->table_names());
  co_return std::move(names);
}

AdminTask<Result<TableDescriptor>> describe_table(AdminOperation& operation, TableName table) {
  pb::GetTableDescriptorsRequest request;
  fill(*request.add_table_names(), table);
  auto response = co_await operation.ask_master<pb::GetTableDescriptorsResponse>(
      "GetTableDescriptors", std::move(request), priority_of(table));
  if (!response) co_return Error(response.error()).with_context("describing table '" + table.to_string() + "'");
  if (response->table_schema_size() == 0) {
    co_return Error(Errc::table_not_found, "table '" + table.to_string() + "' does not exist");
  }
  auto descriptor = table_descriptor_from(response->table_schema(0));
  if (descriptor) descriptor->name = operation.connection().settings().table_prefix.strip(std::move(descriptor->name)).value_or(table);
  co_return descriptor;
}

AdminTask<Result<std::vector<RegionLocation>>> list_regions(AdminOperation& operation, TableName table) {
  auto regions = co_await operation.regions(table);
  co_return std::move(regions);
}

AdminTask<Result<ClusterStatus>> cluster_status(AdminOperation& operation) {
  pb::GetClusterStatusRequest request;
  // Without options HBase sends everything, tasks and loads of old versions too.
  for (const auto option : {pb::HBASE_VERSION, pb::CLUSTER_ID, pb::LIVE_SERVERS, pb::DEAD_SERVERS, pb::MASTER,
                            pb::BACKUP_MASTERS, pb::REGIONS_IN_TRANSITION, pb::BALANCER_ON}) {
    request.add_options(option);
  }
  auto response = co_await operation.ask_master<pb::GetClusterStatusResponse>("GetClusterStatus", std::move(request));
  if (!response) co_return Error(response.error()).with_context("asking for the cluster's status");
  co_return cluster_status_from(response->cluster_status());
}

AdminTask<Result<bool>> balancer_switch(AdminOperation& operation, bool on) {
  pb::SetBalancerRunningRequest request;
  request.set_on(on);
  request.set_synchronous(true);  // what it has begun is finished when the answer comes
  auto response =
      co_await operation.ask_master<pb::SetBalancerRunningResponse>("SetBalancerRunning", std::move(request));
  if (!response) co_return Error(response.error()).with_context("switching the balancer");
  co_return response->prev_balance_value();
}

}  // namespace hbmux::client
