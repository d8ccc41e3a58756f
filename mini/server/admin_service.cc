// AdminService of a region server.
#include "core/bytes.h"
#include "mini/server/region_server.h"
#include "mini/server/server_name_message.h"

#include <hbmux/pb/Admin.pb.h>

#include <mutex>

namespace hbmux::mini {
namespace {

/// The row in the middle of the region's rows; empty when there is none to split at.
std::string middle_row(RegionStore& store) {
  const std::size_t count = store.rows().size();
  if (count < 2) return {};
  auto at = store.rows().begin();
  std::advance(at, static_cast<std::ptrdiff_t>(count / 2));
  return std::string(at->key());
}

}  // namespace

Reply RegionServer::get_region_info(Call& call) {
  static thread_local pb::GetRegionInfoRequest request;
  static thread_local pb::GetRegionInfoResponse response;
  if (!call.parse(request)) return malformed_request();
  auto region = find(request.region());
  if (!region) return region.error();
  response.Clear();
  const std::shared_lock lock((*region)->mutex());
  *response.mutable_region_info() = (*region)->info();
  if (request.compaction_state()) response.set_compaction_state(pb::GetRegionInfoResponse::NONE);
  const bool changes_bounds = !(*region)->is_meta() && !(*region)->is_replica();
  response.set_splittable(changes_bounds);
  response.set_mergeable(changes_bounds);
  if (request.best_split_row()) {
    if (std::string row = middle_row((*region)->store()); !row.empty()) response.set_best_split_row(std::move(row));
  }
  return &response;
}

Reply RegionServer::compact_region(Call& call, bool flush) {
  static thread_local pb::FlushRegionResponse flushed;
  static thread_local pb::CompactRegionResponse compacted;
  pb::FlushRegionRequest flush_request;
  pb::CompactRegionRequest compact_request;
  if (flush ? !call.parse(flush_request) : !call.parse(compact_request)) return malformed_request();
  auto region = find(flush ? flush_request.region() : compact_request.region());
  if (!region) return region.error();
  const std::unique_lock lock((*region)->mutex());
  if (auto open = check_open(**region); !open) return open.error();
  if (const std::string& family = compact_request.family();
      !flush && !family.empty() && !(*region)->store().families().contains(family)) {
    return exceptions::no_such_column_family("column family " + family + " does not exist in region " +
                                             core::to_string_binary((*region)->name()));
  }
  // A replica has no files of its own: it follows.
  if (!(*region)->is_replica()) {
    using Kind = ReplicaStep::Kind;
    const bool major = compact_request.major();
    if (flush) {
      (*region)->store().flush(call.now);
    } else {
      (*region)->store().compact(call.now, major);
    }
    (*region)->keep(journal_, {});
    (*region)->ship(flush ? Kind::flush : major ? Kind::major_compact : Kind::compact, call.now);
  }
  flushed.Clear();
  flushed.set_last_flush_time(static_cast<std::uint64_t>(call.now));
  flushed.set_flushed(!(*region)->is_replica());
  flushed.set_wrote_flush_wal_marker(false);
  if (flush) return &flushed;
  return &compacted;
}

Reply RegionServer::admin_service(Call& call) {
  requests_.fetch_add(1, std::memory_order_relaxed);
  if (call.method == "GetRegionInfo") return get_region_info(call);
  if (call.method == "FlushRegion") return compact_region(call, true);
  if (call.method == "CompactRegion") return compact_region(call, false);
  if (call.method == "GetOnlineRegion") {
    static thread_local pb::GetOnlineRegionResponse response;
    response.Clear();
    for (const auto& region : regions()) *response.add_region_info() = region->info();
    return &response;
  }
  if (call.method == "GetServerInfo") {
    static thread_local pb::GetServerInfoResponse response;
    response.Clear();
    put_server(name(), *response.mutable_server_info()->mutable_server_name());
    return &response;
  }
  if (call.method == "GetRegionLoad") {
    static thread_local pb::GetRegionLoadRequest request;
    static thread_local pb::GetRegionLoadResponse response;
    if (!call.parse(request)) return malformed_request();
    response.Clear();
    for (const auto& region : regions()) {
      if (request.has_table_name() && table_name_of(request.table_name()) != region->table()) continue;
      auto& load = *response.add_region_loads();
      load.mutable_region_specifier()->set_type(pb::RegionSpecifier::REGION_NAME);
      load.mutable_region_specifier()->set_value(region->name());
      load.set_read_requests_count(region->reads.load());
      load.set_write_requests_count(region->writes.load());
    }
    return &response;
  }
  // There is one log, no configuration that could be read again, and no cache.
  if (call.method == "RollWALWriter") {
    static const pb::RollWALWriterResponse kNothingToFlush;
    return &kNothingToFlush;
  }
  if (call.method == "UpdateConfiguration") {
    static const pb::UpdateConfigurationResponse kDone;
    return &kDone;
  }
  if (call.method == "ClearRegionBlockCache") {
    static thread_local pb::ClearRegionBlockCacheRequest request;
    static thread_local pb::ClearRegionBlockCacheResponse response;
    if (!call.parse(request)) return malformed_request();
    for (const auto& region : request.region()) {
      if (auto found = find(region); !found) return found.error();
    }
    response.mutable_stats()->set_evicted_blocks(0);
    return &response;
  }
  if (call.method == "StopServer") {
    static const pb::StopServerResponse kStopping;
    if (!on_stop_) return exceptions::unsupported("AdminService.StopServer: this server cannot be stopped");
    on_stop_();
    return &kStopping;
  }
  return exceptions::unsupported("AdminService." + std::string(call.method) +
                                 " is not supported by the embedded cluster");
}

}  // namespace hbmux::mini
