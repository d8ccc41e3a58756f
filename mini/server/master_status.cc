// MasterService: regions, namespaces, switches and the cluster's status.
#include "core/bytes.h"
#include "mini/disk/data_record.h"
#include "mini/server/master.h"
#include "mini/server/schema_check.h"
#include "mini/server/server_name_message.h"

#include <hbmux/pb/Master.pb.h>

namespace hbmux::mini {

using Lock = std::lock_guard<std::recursive_mutex>;

Reply Master::region_call(Call& call, bool& known) {
  known = true;
  if (call.method == "SplitRegion") {
    return serve<pb::SplitTableRegionRequest, pb::SplitTableRegionResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const auto& info = request.region_info();
          const Region named(table_name_of(info.table_name()), info.start_key(), info.end_key(), info.region_id(),
                             std::make_shared<const Families>(), compare_rows, info.replica_id());
          const Lock lock(mutex_);
          if (!switches_.split) {
            return exceptions::do_not_retry("Split region " + core::to_string_binary(named.name()) +
                                            " failed due to split switch off");
          }
          if (Answer<void> done = split_region(named.encoded_name(), request.split_row()); !done) return done;
          response.set_proc_id(begin_procedure());
          return {};
        });
  }
  if (call.method == "MergeTableRegions") {
    return serve<pb::MergeTableRegionsRequest, pb::MergeTableRegionsResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          std::vector<std::string> names;
          for (const auto& region : request.region()) names.push_back(encoded_name(region));
          const Lock lock(mutex_);
          if (!switches_.merge) {
            std::string all;
            for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
            return exceptions::do_not_retry("Merge of [" + all + "] failed because merge switch is off");
          }
          if (Answer<void> done = merge_regions(names, request.forcible()); !done) return done;
          response.set_proc_id(begin_procedure());
          return {};
        });
  }
  if (call.method == "MoveRegion") {
    return serve<pb::MoveRegionRequest, pb::MoveRegionResponse>(call, [&](auto& request, auto&) -> Answer<void> {
      int target = -1;
      if (request.has_dest_server_name()) {
        const auto& wanted = request.dest_server_name();
        for (const auto& server : servers_) {
          const ServerName name = server->name();
          if (name.address.host == wanted.host_name() && name.address.port == wanted.port()) target = server->index();
        }
        // As HBase: when that server is not there, any other will do.
      }
      return move_region(encoded_name(request.region()), target);
    });
  }
  if (call.method == "AssignRegion") {
    return serve<pb::AssignRegionRequest, pb::AssignRegionResponse>(call, [&](auto& request, auto&) {
      return assign_region(encoded_name(request.region()), request.region().value());
    });
  }
  if (call.method == "UnassignRegion") {
    return serve<pb::UnassignRegionRequest, pb::UnassignRegionResponse>(call, [&](auto& request, auto&) {
      return unassign_region(encoded_name(request.region()), request.region().value());
    });
  }
  if (call.method == "Balance") {
    return serve<pb::BalanceRequest, pb::BalanceResponse>(call, [&](auto&, auto& response) -> Answer<void> {
      const Lock lock(mutex_);
      response.set_balancer_ran(switches_.balancer);
      const int moves = switches_.balancer ? balance() : 0;
      response.set_moves_calculated(static_cast<std::uint32_t>(moves));
      response.set_moves_executed(static_cast<std::uint32_t>(moves));
      return {};
    });
  }
  if (call.method == "SetBalancerRunning") {
    return serve<pb::SetBalancerRunningRequest, pb::SetBalancerRunningResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          response.set_prev_balance_value(switches_.balancer);
          switches_.balancer = request.on();
          keep(data_record::switches(switches_.balancer, switches_.split, switches_.merge));
          return {};
        });
  }
  if (call.method == "IsBalancerEnabled") {
    return serve<pb::IsBalancerEnabledRequest, pb::IsBalancerEnabledResponse>(
        call, [&](auto&, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          response.set_enabled(switches_.balancer);
          return {};
        });
  }
  if (call.method == "SetSplitOrMergeEnabled") {
    return serve<pb::SetSplitOrMergeEnabledRequest, pb::SetSplitOrMergeEnabledResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          for (const int type : request.switch_types()) {
            bool& on = type == 0 ? switches_.split : switches_.merge;
            response.add_prev_value(on);
            on = request.enabled();
          }
          changed();
          keep(data_record::switches(switches_.balancer, switches_.split, switches_.merge));
          return {};
        });
  }
  if (call.method == "IsSplitOrMergeEnabled") {
    return serve<pb::IsSplitOrMergeEnabledRequest, pb::IsSplitOrMergeEnabledResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          response.set_enabled(static_cast<int>(request.switch_type()) == 0 ? switches_.split : switches_.merge);
          return {};
        });
  }
  known = false;
  return exceptions::unsupported({});
}

Reply Master::namespace_call(Call& call, bool& known) {
  known = true;
  if (call.method == "CreateNamespace") {
    return serve<pb::CreateNamespaceRequest, pb::CreateNamespaceResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          const auto& descriptor = request.namespacedescriptor();
          if (auto legal = check_namespace_name(descriptor.name()); !legal) return legal;
          if (!namespaces_.emplace(descriptor.name(), descriptor).second)
            return exceptions::namespace_exists(descriptor.name());
          changed();
          keep(data_record::name_space(descriptor));
          response.set_proc_id(begin_procedure());
          return {};
        });
  }
  if (call.method == "ModifyNamespace") {
    return serve<pb::ModifyNamespaceRequest, pb::ModifyNamespaceResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          const auto found = namespaces_.find(request.namespacedescriptor().name());
          if (found == namespaces_.end()) return exceptions::namespace_not_found(request.namespacedescriptor().name());
          found->second = request.namespacedescriptor();
          keep(data_record::name_space(found->second));
          response.set_proc_id(begin_procedure());
          return {};
        });
  }
  if (call.method == "DeleteNamespace") {
    return serve<pb::DeleteNamespaceRequest, pb::DeleteNamespaceResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          const std::string& name = request.namespacename();
          const auto found = namespaces_.find(name);
          if (found == namespaces_.end()) return exceptions::namespace_not_found(name);
          const auto refused = [](std::string text) {
            return exceptions::of("org.apache.hadoop.hbase.constraint.ConstraintException", std::move(text), true);
          };
          if (name == "default" || name == "hbase")
            return refused("Reserved namespace " + name + " cannot be removed.");
          std::size_t count = 0;
          for (const auto& [table_name, table] : tables_) count += table.schema.table_name().namespace_() == name;
          if (count > 0) {
            return refused("Only empty namespaces can be removed. Namespace " + name + " has " + std::to_string(count) +
                           " tables");
          }
          keep(data_record::drop_namespace(name));
          namespaces_.erase(found);
          changed();
          response.set_proc_id(begin_procedure());
          return {};
        });
  }
  if (call.method == "GetNamespaceDescriptor") {
    return serve<pb::GetNamespaceDescriptorRequest, pb::GetNamespaceDescriptorResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          const auto found = namespaces_.find(request.namespacename());
          if (found == namespaces_.end()) return exceptions::namespace_not_found(request.namespacename());
          *response.mutable_namespacedescriptor() = found->second;
          return {};
        });
  }
  if (call.method == "ListNamespaces") {
    return serve<pb::ListNamespacesRequest, pb::ListNamespacesResponse>(
        call, [&](auto&, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          for (const auto& [name, descriptor] : namespaces_) response.add_namespacename(name);
          return {};
        });
  }
  if (call.method == "ListNamespaceDescriptors") {
    return serve<pb::ListNamespaceDescriptorsRequest, pb::ListNamespaceDescriptorsResponse>(
        call, [&](auto&, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          for (const auto& [name, descriptor] : namespaces_) *response.add_namespacedescriptor() = descriptor;
          return {};
        });
  }
  auto in_namespace = [this](const std::string& name, auto&& each) -> Answer<void> {
    const Lock lock(mutex_);
    if (!namespaces_.contains(name)) return exceptions::namespace_not_found(name);
    for (const auto& [table_name, table] : tables_) {
      if (table.schema.table_name().namespace_() == name) each(table_name, table);
    }
    return {};
  };
  if (call.method == "ListTableDescriptorsByNamespace") {
    return serve<pb::ListTableDescriptorsByNamespaceRequest, pb::ListTableDescriptorsByNamespaceResponse>(
        call, [&](auto& request, auto& response) {
          return in_namespace(request.namespacename(), [&](const std::string&, const Table& table) {
            *response.add_tableschema() = table.schema;
          });
        });
  }
  if (call.method == "ListTableNamesByNamespace") {
    return serve<pb::ListTableNamesByNamespaceRequest, pb::ListTableNamesByNamespaceResponse>(
        call, [&](auto& request, auto& response) {
          return in_namespace(request.namespacename(), [&](const std::string& name, const Table&) {
            *response.add_tablename() = table_name_message(name);
          });
        });
  }
  known = false;
  return exceptions::unsupported({});
}

Reply Master::status_call(Call& call, bool& known) {
  known = true;
  if (call.method == "IsMasterRunning") {
    return serve<pb::IsMasterRunningRequest, pb::IsMasterRunningResponse>(call,
                                                                          [](auto&, auto& response) -> Answer<void> {
                                                                            response.set_is_master_running(true);
                                                                            return {};
                                                                          });
  }
  if (call.method == "GetClusterStatus") {
    return serve<pb::GetClusterStatusRequest, pb::GetClusterStatusResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          fill_status(request, *response.mutable_cluster_status());
          return {};
        });
  }
  known = false;
  return exceptions::unsupported({});
}

void Master::fill_status(const pb::GetClusterStatusRequest& request, pb::ClusterStatus& status) {
  const Lock lock(mutex_);
  auto wanted = [&](pb::Option option) {
    return request.options_size() == 0 ||
           std::find(request.options().begin(), request.options().end(), option) != request.options().end();
  };
  if (wanted(pb::HBASE_VERSION)) status.mutable_hbase_version()->set_version("2.6.4");
  if (wanted(pb::CLUSTER_ID)) status.mutable_cluster_id()->set_cluster_id(cluster_id_);
  if (wanted(pb::MASTER)) put_server(name_, *status.mutable_master());
  if (wanted(pb::BALANCER_ON)) status.set_balancer_on(switches_.balancer);
  if (wanted(pb::DEAD_SERVERS)) {
    for (const ServerName& server : dead_servers_) put_server(server, *status.add_dead_servers());
  }
  for (const auto& server : servers_) {
    if (!server->is_alive()) continue;
    const ServerName name = server->name();
    if (wanted(pb::SERVERS_NAME)) put_server(name, *status.add_servers_name());
    if (!wanted(pb::LIVE_SERVERS)) continue;
    auto& live = *status.add_live_servers();
    put_server(name, *live.mutable_server());
    auto& load = *live.mutable_server_load();
    load.set_total_number_of_requests(server->requests());
    load.set_report_end_time(static_cast<std::uint64_t>(environment_.now()));
    for (const auto& region : server->regions()) {
      auto& region_load = *load.add_region_loads();
      region_load.mutable_region_specifier()->set_type(pb::RegionSpecifier::REGION_NAME);
      region_load.mutable_region_specifier()->set_value(region->name());
      region_load.set_read_requests_count(region->reads.load());
      region_load.set_write_requests_count(region->writes.load());
    }
  }
  if (!wanted(pb::TABLE_TO_REGIONS_COUNT)) return;
  for (const auto& [name, table] : tables_) {
    auto& count = *status.add_table_region_states_count();
    *count.mutable_table_name() = table_name_message(name);
    auto& states = *count.mutable_region_states_count();
    std::uint32_t open = 0;
    const auto copies = regions(name, true);
    for (const RegionView& view : copies) open += view.server >= 0;
    const auto total = static_cast<std::uint32_t>(copies.size());
    states.set_open_regions(open);
    states.set_split_regions(0);
    states.set_closed_regions(total - open);
    states.set_regions_in_transition(0);
    states.set_total_regions(total);
  }
}

}  // namespace hbmux::mini
