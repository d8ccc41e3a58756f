// ClientService.Multi: many actions, region by region.
#include "mini/server/region_server.h"
#include "mini/server/results.h"

#include <algorithm>
#include <mutex>

namespace hbmux::mini {
namespace {

/// What one answer may hold before the rest is sent back with MultiActionResultTooLarge
/// (hbase.server.scanner.max.result.size).
constexpr std::size_t kReplyBytesMax = std::size_t{100} << 20;

/// hbase.hregion.memstore.flush.size.
constexpr std::size_t kMemoryPerRegion = std::size_t{128} << 20;

void skip_actions(const pb::RegionAction& action, int from, Call& call) {
  for (int i = from; i < action.action_size(); ++i) {
    // A cell block that ends too early shows again, and is told, at the next change that is made.
    if (action.action(i).has_mutation() && !skip_mutation(action.action(i).mutation(), call.cells)) return;
  }
}

}  // namespace

// Clients before 2.4 put the condition into the request and read `processed` from the answer, not from a region's part
// of it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
Reply RegionServer::multi(Call& call) {
  static thread_local pb::MultiRequest request;
  static thread_local pb::MultiResponse response;
  if (!call.parse(request)) return malformed_request();
  response.Clear();
  pb::MultiRegionLoadStats& loads = *response.mutable_regionstatistics();  // there, and empty, also without any
  for (const auto& action : request.regionaction()) {
    const pb::Condition* condition = action.has_condition()    ? &action.condition()
                                     : request.has_condition() ? &request.condition()
                                                               : nullptr;
    pb::RegionActionResult& result = *response.add_regionactionresult();
    multi_region(action, condition, request.noncegroup(), call, result, loads);
    if (result.has_processed()) response.set_processed(result.processed());
  }
  return &response;
}
#pragma GCC diagnostic pop

void RegionServer::multi_region(const pb::RegionAction& action, const pb::Condition* condition,
                                std::uint64_t nonce_group, Call& call, pb::RegionActionResult& out,
                                pb::MultiRegionLoadStats& loads) {
  auto region = find(action.region());
  if (!region) {
    put_exception(region.error(), *out.mutable_exception());
    skip_actions(action, 0, call);
    return;
  }
  std::optional<RegionFault> fault;
  if (call.region_faults != nullptr) fault = (*call.region_faults)(**region);
  if (fault && !fault->applied) {
    put_exception(fault->exception, *out.mutable_exception());
    skip_actions(action, 0, call);
    return;
  }
  const std::size_t cells_before = call.reply_cells->size();
  if (condition == nullptr && !action.atomic()) {
    multi_plain(**region, action, nonce_group, call, out);
  } else if (auto done = multi_atomic(**region, action, condition, nonce_group, call, out); !done) {
    out.Clear();
    put_exception(done.error(), *out.mutable_exception());
  }
  if (fault) {
    call.reply_cells->resize(cells_before);
    out.Clear();
    put_exception(fault->exception, *out.mutable_exception());
  }
  put_load(**region, action.region(), call, loads);
}

/// HRegion.java#getLoadStatistics: what clients hold back for (hbase.client.backpressure.enabled). System tables tell
/// nothing.
void RegionServer::put_load(Region& region, const pb::RegionSpecifier& name, const Call& call,
                            pb::MultiRegionLoadStats& out) const {
  if ((call.load == nullptr && !tells_load_) || region.table().starts_with("hbase:")) return;
  *out.add_region() = name;
  pb::RegionLoadStats& load = *out.add_stat();
  if (call.load != nullptr) {
    load = *call.load;
    return;
  }
  const std::shared_lock lock(region.mutex());
  const std::size_t percent = region.store().unflushed_bytes() * 100 / kMemoryPerRegion;
  load.set_memstoreload(static_cast<std::int32_t>(std::min<std::size_t>(percent, 100)));
}

Answer<void> RegionServer::multi_atomic(Region& region, const pb::RegionAction& action, const pb::Condition* condition,
                                        std::uint64_t nonce_group, Call& call, pb::RegionActionResult& out) {
  std::vector<Mutation> mutations(static_cast<std::size_t>(action.action_size()));
  for (int i = 0; i < action.action_size(); ++i) {
    if (!action.action(i).has_mutation()) {
      skip_actions(action, i, call);
      return exceptions::do_not_retry("Atomic put and/or delete only, not a Get");
    }
    auto read = read_mutation(action.action(i).mutation(), call.cells, mutations[static_cast<std::size_t>(i)]);
    if (!read) {
      skip_actions(action, i + 1, call);
      return read;
    }
  }
  if (mutations.empty()) {
    out.set_processed(true);
    return {};
  }
  RowCells results;
  bool processed = true;
  if (auto done = change(region, mutations, condition, nonce_group, call.now, processed, results); !done) return done;
  out.set_processed(processed);
  for (int i = 0; i < action.action_size(); ++i) {
    auto& each = *out.add_resultorexception();
    each.set_index(static_cast<std::uint32_t>(i));
    // All cells that increments and appends made go with the first action, inside the message.
    if (condition == nullptr || (i == 0 && !results.cells.empty())) each.mutable_result();
    if (i == 0) put_cells(results.cells, call.with_tags(), *each.mutable_result());
  }
  return {};
}

Answer<void> RegionServer::multi_single(Region& region, const pb::Action& action, std::uint64_t nonce_group, Call& call,
                                        pb::Result& out) {
  if (action.has_get()) return read(region, action.get(), call, call.has_codec(), out);
  if (!action.has_mutation()) {
    return exceptions::of("org.apache.hadoop.hbase.HBaseIOException", "Unexpected Action type", false);
  }
  static thread_local Mutation mutation;
  static thread_local RowCells results;
  results.clear();
  if (auto read = read_mutation(action.mutation(), call.cells, mutation); !read) return read;
  bool processed = true;
  auto done = change(region, {&mutation, 1}, nullptr, nonce_group, call.now, processed, results);
  mutation.cells.clear();
  if (done && !mutation.is_put_or_delete()) put_result(results.cells, call, call.has_codec(), out);
  results.clear();
  return done;
}

void RegionServer::multi_plain(Region& region, const pb::RegionAction& action, std::uint64_t nonce_group, Call& call,
                               pb::RegionActionResult& out) {
  auto answer = [&](const pb::Action& each) {
    auto& result = *out.add_resultorexception();
    result.set_index(each.index());
    if (call.retries_immediately && call.reply_cells->size() > kReplyBytesMax) {
      if (each.has_mutation()) (void)skip_mutation(each.mutation(), call.cells);
      put_exception(
          exceptions::of("org.apache.hadoop.hbase.MultiActionResultTooLarge",
                         "Max size exceeded CellSize: " + std::to_string(call.reply_cells->size()) + " BlockSize: 0",
                         false),
          *result.mutable_exception());
      return;
    }
    auto endpoint_value = [&]() -> pb::NameBytesPair& { return *result.mutable_service_result()->mutable_value(); };
    auto done = each.has_service_call() ? call_endpoint(region, each.service_call(), call, endpoint_value())
                                        : multi_single(region, each, nonce_group, call, *result.mutable_result());
    if (done) return;
    result.clear_result();
    result.clear_service_result();
    put_exception(done.error(), *result.mutable_exception());
  };
  // HBase collects puts and deletes and applies them before the next increment or append, and at the end; gets do not
  // wait for them.
  int first_waiting = 0;
  auto flush = [&](int end) {
    for (; first_waiting < end; ++first_waiting) {
      const pb::Action& each = action.action(first_waiting);
      if (each.has_mutation()) answer(each);
    }
  };
  for (int i = 0; i < action.action_size(); ++i) {
    const pb::Action& each = action.action(i);
    if (!each.has_mutation()) {
      answer(each);
      continue;
    }
    const auto type = each.mutation().mutate_type();
    if (type == pb::MutationProto::PUT || type == pb::MutationProto::DELETE) continue;
    flush(i + 1);
  }
  flush(action.action_size());
}

}  // namespace hbmux::mini
