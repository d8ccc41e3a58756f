// ClientService: single-row calls.
#include "core/bytes.h"
#include "mini/server/endpoints.h"
#include "mini/server/region_server.h"
#include "mini/server/results.h"

#include <mutex>

namespace hbmux::mini {

Reply RegionServer::client_service(Call& call) {
  requests_.fetch_add(1, std::memory_order_relaxed);
  if (call.method == "Get") return get(call);
  if (call.method == "Mutate") return mutate(call);
  if (call.method == "Multi") return multi(call);
  if (call.method == "Scan") return scan(call);
  if (call.method == "ExecService") return exec_service(call);
  if (call.method == "ExecRegionServerService") {
    pb::CoprocessorServiceRequest request;
    if (!call.parse(request)) return malformed_request();
    return exceptions::of("org.apache.hadoop.hbase.exceptions.UnknownProtocolException",
                          "No registered coprocessor service found for " + request.call().service_name(), true);
  }
  if (call.method == "PrepareBulkLoad" || call.method == "BulkLoadHFile" || call.method == "CleanupBulkLoad") {
    return exceptions::do_not_retry("The embedded cluster has no store files: it takes no bulk loads");
  }
  return exceptions::unsupported("ClientService." + std::string(call.method) +
                                 " is not supported by the embedded cluster");
}

Answer<void> RegionServer::call_endpoint(Region& region, const pb::CoprocessorServiceCall& what, Call& call,
                                         pb::NameBytesPair& out) {
  {
    const auto lock = region.lock_to_read(call.now);
    if (auto open = check_open(region); !open) return open;
  }
  static const Endpoints kNone;
  auto done = (endpoints_ != nullptr ? *endpoints_ : kNone).call(region, what, call.now);
  if (!done) return done.error();
  out.set_name(std::move(done->class_name));
  out.set_value(std::move(done->message));
  return {};
}

Reply RegionServer::exec_service(Call& call) {
  static thread_local pb::CoprocessorServiceRequest request;
  static thread_local pb::CoprocessorServiceResponse response;
  if (!call.parse(request)) return malformed_request();
  auto region = find(request.region());
  if (!region) return region.error();
  response.Clear();
  response.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
  response.mutable_region()->set_value((*region)->name());
  if (auto done = call_endpoint(**region, request.call(), call, *response.mutable_value()); !done) return done.error();
  return &response;
}

Answer<void> RegionServer::read(Region& region, const pb::Get& get, Call& call, bool in_block, pb::Result& out) {
  static thread_local ReadSpec spec;
  static thread_local RowReader reader;
  static thread_local RowCells cells;
  if (get.closest_row_before()) {
    return exceptions::of(
        "org.apache.hadoop.hbase.exceptions.UnknownProtocolException",
        "Is this a pre-hbase-1.0.0 or asynchbase client? Client is invoking getClosestRowBefore removed in "
        "hbase-2.0.0 replaced by reverse Scan.",
        true);
  }
  cells.clear();
  const auto lock = region.lock_to_read(call.now);
  if (auto open = check_open(region); !open) return open;
  if (!region.holds(get.row()) && !region.is_meta()) return region.wrong_region(get.row(), "Get");
  if (auto made = read_spec_of(get, region.store().families(), region.name(), call.now, spec); !made) return made;
  region.reads.fetch_add(1, std::memory_order_relaxed);
  const bool exists = region.store().get(get.row(), spec, reader, cells);
  if (get.existence_only()) {
    out.set_exists(exists);
  } else {
    put_result(cells.cells, call, in_block, out);
  }
  if (region.is_replica()) out.set_stale(true);
  if (get.query_metrics_enabled()) out.mutable_metrics()->set_block_bytes_scanned(bytes_of(cells.cells));
  return {};
}

Reply RegionServer::get(Call& call) {
  static thread_local pb::GetRequest request;
  static thread_local pb::GetResponse response;
  if (!call.parse(request)) return malformed_request();
  auto region = find(request.region());
  if (!region) return region.error();
  response.Clear();
  const bool in_block = call.has_codec() && call.retries_immediately;
  if (auto done = read(**region, request.get(), call, in_block, *response.mutable_result()); !done) return done.error();
  return &response;
}

Answer<void> RegionServer::change(Region& region, std::span<Mutation> mutations, const pb::Condition* condition,
                                  std::uint64_t nonce_group, std::int64_t now, bool& processed, RowCells& results) {
  static thread_local RowReader reader;
  processed = true;
  const std::string& row = mutations.front().row;
  const std::unique_lock lock(region.mutex());
  if (auto open = check_open(region); !open) return open;
  if (region.is_read_only()) return exceptions::do_not_retry("region is read only");
  for (const Mutation& mutation : mutations) {
    if (mutation.row != row) return exceptions::do_not_retry("Action's getRow must match");
  }
  if (condition != nullptr && condition->row() != row) return exceptions::do_not_retry("Action's getRow must match");
  if (!region.holds(row) && !region.is_meta()) {
    return region.wrong_region(row, condition != nullptr ? "doCheckAndRowMutate" : "batchMutate");
  }
  NonceTable::Key nonce{nonce_group, 0};
  for (const Mutation& mutation : mutations) {
    if (!mutation.is_put_or_delete() && mutation.nonce != 0) nonce.nonce = mutation.nonce;
  }
  if (nonce.nonce != 0 && nonces_.find(nonce, results.made)) {
    for (const CellRef& cell : results.made) results.cells.push_back(cell.get());
    return {};
  }
  if (condition != nullptr) {
    auto holds = region.store().check(*condition, row, now, reader, now);
    if (!holds) return holds.error();
    if (!*holds) {
      processed = false;
      return {};
    }
  }
  region.writes.fetch_add(1, std::memory_order_relaxed);
  if (auto done = region.store().mutate_row(mutations, now, reader, results); !done) return done;
  region.keep(journal_, mutations);
  region.ship(mutations, now);
  if (nonce.nonce != 0) nonces_.add(region, {nonce, results.made, region.store().sequence()});
  return {};
}

Reply RegionServer::mutate(Call& call) {
  static thread_local pb::MutateRequest request;
  static thread_local pb::MutateResponse response;
  static thread_local Mutation mutation;
  static thread_local RowCells results;
  if (!call.parse(request)) return malformed_request();
  auto region = find(request.region());
  if (!region) return region.error();
  if (auto read = read_mutation(request.mutation(), call.cells, mutation); !read) return read.error();
  results.clear();
  bool processed = true;
  const pb::Condition* condition = request.has_condition() ? &request.condition() : nullptr;
  auto done = change(**region, {&mutation, 1}, condition, request.nonce_group(), call.now, processed, results);
  mutation.cells.clear();
  if (!done) return done.error();
  response.Clear();
  if (condition != nullptr || mutation.is_put_or_delete()) response.set_processed(processed);
  if (processed && !mutation.is_put_or_delete())
    put_result(results.cells, call, call.has_codec(), *response.mutable_result());
  results.clear();
  return &response;
}

}  // namespace hbmux::mini
