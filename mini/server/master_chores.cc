// MasterService: the switches of work that HBase's master does by itself, lists that are empty here, and calls for
// features that the embedded cluster has not, answered as an HBase does in which they are switched off.
#include "mini/server/master.h"

#include <hbmux/pb/Client.pb.h>
#include <hbmux/pb/Master.pb.h>

#include <algorithm>
#include <array>
#include <utility>

namespace hbmux::mini {

using Lock = std::lock_guard<std::recursive_mutex>;

namespace {

/// An answer without any field.
Reply nothing() {
  static const pb::AssignRegionResponse kEmpty;
  return &kEmpty;
}

template <class Response, class Fill>
Reply answer(Fill&& fill) {
  static thread_local Response response;
  response.Clear();
  fill(response);
  return &response;
}

template <std::size_t N>
bool is_one_of(std::string_view method, const std::array<std::string_view, N>& methods) {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace

Reply Master::chore_call(Call& call, bool& known) {
  known = true;
  const Lock lock(mutex_);
  if (call.method == "Normalize") {
    return answer<pb::NormalizeResponse>([this](auto& response) { response.set_normalizer_ran(chores_.normalizer); });
  }
  if (call.method == "SetNormalizerRunning") {
    return serve<pb::SetNormalizerRunningRequest, pb::SetNormalizerRunningResponse>(
        call, [this](auto& request, auto& response) -> Answer<void> {
          response.set_prev_normalizer_value(std::exchange(chores_.normalizer, request.on()));
          return {};
        });
  }
  if (call.method == "IsNormalizerEnabled") {
    return answer<pb::IsNormalizerEnabledResponse>(
        [this](auto& response) { response.set_enabled(chores_.normalizer); });
  }
  if (call.method == "RunCatalogScan") {
    return answer<pb::RunCatalogScanResponse>([](auto& response) { response.set_scan_result(0); });
  }
  if (call.method == "EnableCatalogJanitor") {
    return serve<pb::EnableCatalogJanitorRequest, pb::EnableCatalogJanitorResponse>(
        call, [this](auto& request, auto& response) -> Answer<void> {
          response.set_prev_value(std::exchange(chores_.catalog_janitor, request.enable()));
          return {};
        });
  }
  if (call.method == "IsCatalogJanitorEnabled") {
    return answer<pb::IsCatalogJanitorEnabledResponse>(
        [this](auto& response) { response.set_value(chores_.catalog_janitor); });
  }
  if (call.method == "RunCleanerChore") {
    return answer<pb::RunCleanerChoreResponse>([](auto& response) { response.set_cleaner_chore_ran(true); });
  }
  if (call.method == "SetCleanerChoreRunning") {
    return serve<pb::SetCleanerChoreRunningRequest, pb::SetCleanerChoreRunningResponse>(
        call, [this](auto& request, auto& response) -> Answer<void> {
          response.set_prev_value(std::exchange(chores_.cleaner, request.on()));
          return {};
        });
  }
  if (call.method == "IsCleanerChoreEnabled") {
    return answer<pb::IsCleanerChoreEnabledResponse>([this](auto& response) { response.set_value(chores_.cleaner); });
  }
  if (call.method == "IsMasterInMaintenanceMode") {
    return answer<pb::IsInMaintenanceModeResponse>([](auto& response) { response.set_inmaintenancemode(false); });
  }
  if (call.method == "getSecurityCapabilities") {
    return answer<pb::SecurityCapabilitiesResponse>(
        [](auto& response) { response.add_capabilities(pb::SecurityCapabilitiesResponse::SIMPLE_AUTHENTICATION); });
  }
  if (call.method == "AbortProcedure") {
    // All of them have ended when their client learns of them.
    return answer<pb::AbortProcedureResponse>([](auto& response) { response.set_is_procedure_aborted(false); });
  }
  if (call.method == "ClearDeadServers") {
    return serve<pb::ClearDeadServersRequest, pb::ClearDeadServersResponse>(
        call, [this](auto& request, auto& response) -> Answer<void> {
          for (const auto& wanted : request.server_name()) {
            const auto found = std::find_if(dead_servers_.begin(), dead_servers_.end(), [&](const ServerName& dead) {
              return dead.address.host == wanted.host_name() && dead.address.port == wanted.port() &&
                     dead.start_code == static_cast<std::int64_t>(wanted.start_code());
            });
            if (found == dead_servers_.end()) {
              *response.add_server_name() = wanted;  // could not be cleared
            } else {
              dead_servers_.erase(found);
            }
          }
          return {};
        });
  }
  known = false;
  return exceptions::unsupported({});
}

Reply Master::admin_service(Call& call) {
  if (call.method == "UpdateConfiguration") return nothing();  // no configuration that could be read again
  return exceptions::unsupported("AdminService." + std::string(call.method) + " is not supported by masters");
}

Reply Master::absent_call(Call& call, bool& known) {
  static constexpr std::array<std::string_view, 8> kEmptyLists{"GetCompletedSnapshots",
                                                               "GetProcedures",
                                                               "ListReplicationPeers",
                                                               "ListDecommissionedRegionServers",
                                                               "GetLocks",
                                                               "GetQuotaStates",
                                                               "GetSpaceQuotaRegionSizes",
                                                               "FlushMasterStore"};
  static constexpr std::array<std::string_view, 6> kSnapshots{
      "Snapshot",       "DeleteSnapshot",        "RestoreSnapshot",
      "IsSnapshotDone", "SwitchSnapshotCleanup", "IsSnapshotCleanupEnabled"};
  static constexpr std::array<std::string_view, 3> kQuotas{"SetQuota", "SwitchRpcThrottle",
                                                           "SwitchExceedThrottleQuota"};
  static constexpr std::array<std::string_view, 4> kAccess{"Grant", "Revoke", "GetUserPermissions",
                                                           "HasUserPermissions"};
  known = true;
  if (is_one_of(call.method, kEmptyLists)) return nothing();
  if (is_one_of(call.method, kSnapshots)) {
    return exceptions::unsupported(
        "To use snapshots, You must add to the hbase-site.xml of the HBase Master: 'hbase.snapshot.enabled' property "
        "with value 'true'.");
  }
  if (is_one_of(call.method, kQuotas)) return exceptions::unsupported("quota support disabled");
  if (is_one_of(call.method, kAccess)) {
    return exceptions::unsupported("org.apache.hadoop.hbase.security.access.AccessController is not loaded");
  }
  if (call.method == "IsRpcThrottleEnabled") {  // its response has the same one field
    return answer<pb::IsNormalizerEnabledResponse>([](auto& response) { response.set_enabled(false); });
  }
  if (call.method == "ExecMasterService") {
    return serve<pb::CoprocessorServiceRequest, pb::CoprocessorServiceResponse>(
        call, [](auto& request, auto&) -> Answer<void> {
          return exceptions::of("org.apache.hadoop.hbase.exceptions.UnknownProtocolException",
                                "No registered Master Coprocessor Endpoint found for " + request.call().service_name() +
                                    ". Has it been enabled?",
                                true);
        });
  }
  known = false;
  return exceptions::unsupported({});
}

}  // namespace hbmux::mini
