// ClientService.Scan (RSRpcServices.java#scan).
#include "mini/server/region_server.h"
#include "mini/server/results.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

/// hbase.server.scanner.max.result.size.
constexpr std::size_t kMaxResultSize = std::size_t{100} << 20;

void put_batch(const ScanBatch& batch, bool stale, bool with_metrics, Call& call, pb::ScanResponse& response) {
  response.set_stale(stale);
  std::span<const StoredCell* const> cells = batch.cells.cells;
  for (std::size_t i = 0; i < batch.cells_per_result.size(); ++i) {
    const std::uint32_t count = batch.cells_per_result[i];
    if (call.has_codec()) {
      response.add_cells_per_result(count);
      response.add_partial_flag_per_result(batch.partial[i]);
      for (const StoredCell* cell : cells.first(count)) cell->append_to(*call.reply_cells, call.with_tags());
    } else {
      pb::Result& result = *response.add_results();
      put_cells(cells.first(count), call.with_tags(), result);
      result.set_partial(batch.partial[i]);
      if (stale) result.set_stale(true);
    }
    if (with_metrics) response.add_query_metrics()->set_block_bytes_scanned(bytes_of(cells.first(count)));
    cells = cells.subspan(count);
  }
}

void put_metrics(const ScanBatch& batch, pb::ScanMetrics& out) {
  auto add = [&out](const char* name, std::uint64_t value) {
    auto& metric = *out.add_metrics();
    metric.set_name(name);
    metric.set_value(static_cast<std::int64_t>(value));
  };
  add("ROWS_SCANNED", batch.rows_seen);
  add("ROWS_FILTERED", batch.rows_filtered);
}

}  // namespace

Answer<std::shared_ptr<OpenScanner>> RegionServer::open_scanner(const pb::ScanRequest& request, Call& call,
                                                                pb::ScanResponse& response) {
  auto region = find(request.region());
  if (!region) return region.error();
  const auto lock = (*region)->lock_to_read(call.now);
  if (auto open = check_open(**region); !open) return open.error();
  auto scanner = RegionScanner::open(request.scan(), (*region)->store(), call.now);
  if (!scanner) return scanner.error();
  response.set_mvcc_read_point((*scanner)->read_point());
  auto open = scanners_.add(*region, std::move(*scanner), call.now + lease_);
  open->region_opened = (*region)->open_sequence();
  response.set_scanner_id(open->id);
  response.set_ttl(static_cast<std::uint32_t>(std::min<std::int64_t>(lease_, 0x7fffffff)));
  return open;
}

Answer<std::shared_ptr<OpenScanner>> RegionServer::find_scanner(const pb::ScanRequest& request, bool& closed) {
  const std::string name = std::to_string(request.scanner_id());
  std::shared_ptr<OpenScanner> open;
  std::uint64_t next_call = 0;
  switch (scanners_.find(request.scanner_id(), open, next_call)) {
    case ScannerTable::Lookup::found: break;
    case ScannerTable::Lookup::closed:
      // The number that RSRpcServices.java expects; clients close without one.
      if (request.has_next_call_seq() && request.next_call_seq() != next_call + 1) {
        return exceptions::out_of_order_scanner("Expected nextCallSeq for closed request: " +
                                                std::to_string(next_call + 1) + " But the nextCallSeq got from client: " +
                                                std::to_string(request.next_call_seq()));
      }
      closed = true;
      return open;
    case ScannerTable::Lookup::unknown:
      return exceptions::unknown_scanner("Unknown scanner '" + name +
                                         "'. This can happen due to any of the following reasons: a) Scanner id given "
                                         "is wrong, b) Scanner lease expired because "
                                         "of long wait between consecutive client checkins, c) Server may be closing "
                                         "down, d) RegionServer restart during upgrade.");
  }
  const std::shared_lock lock(open->region->mutex());
  if (open->region->host() == this && open->region->open_sequence() == open->region_opened) return open;
  scanners_.drop(open->id);
  return exceptions::not_serving_region("Region has changed on the scanner " + name +
                                        ": regionName=" + open->region->name());
}

Reply RegionServer::scan(Call& call) {
  static thread_local pb::ScanRequest request;
  static thread_local pb::ScanResponse response;
  static thread_local ScanBatch batch;
  if (!call.parse(request)) return malformed_request();
  if (!request.has_scanner_id() && !request.has_scan()) {
    return exceptions::do_not_retry("Missing required input: scannerId or scan");
  }
  response.Clear();
  if (request.has_scanner_id()) response.set_scanner_id(request.scanner_id());  // asynchbase asks for it (HBASE-18000)
  bool closed = false;
  auto found = request.has_scanner_id() ? find_scanner(request, closed) : open_scanner(request, call, response);
  if (!found) return found.error();
  if (closed) return &response;  // the client closes what the server has closed already
  const std::shared_ptr<OpenScanner> open = std::move(*found);

  const std::lock_guard use(open->mutex);
  open->expires = call.now + lease_;
  if (request.has_next_call_seq()) {
    if (request.next_call_seq() != open->next_call) {
      return exceptions::out_of_order_scanner(
          "Expected nextCallSeq: " + std::to_string(open->next_call) + " But the nextCallSeq got from client: " +
          std::to_string(request.next_call_seq()) + "; request=scanner_id: " + std::to_string(request.scanner_id()));
    }
    ++open->next_call;
  }
  if (request.renew()) return &response;

  int wanted = request.has_number_of_rows()
                   ? static_cast<int>(std::min<std::uint32_t>(request.number_of_rows(), 0x7fffffff))
               : request.close_scanner() ? 0
                                         : 1;
  response.set_more_results(true);
  response.set_more_results_in_region(true);
  if (wanted > 0) {
    ScanLimits limits;
    limits.results = wanted;
    limits.bytes = open->scanner->max_result_size() != 0 ? std::min(open->scanner->max_result_size(), kMaxResultSize)
                                                         : kMaxResultSize;
    limits.partials = request.client_handles_partials();
    limits.rows = static_cast<int>(std::min<std::uint32_t>(request.limit_of_rows(), 0x7fffffff));
    if (limits.partials && request.client_handles_heartbeats()) {
      const std::int64_t patience = call.timeout > 0 ? std::min(lease_, call.timeout) : lease_;
      const std::int64_t deadline = call.now + std::max<std::int64_t>(patience / 2, 10);
      limits.out_of_time = [this, deadline] { return clock_() >= deadline; };
    }
    const std::shared_lock lock(open->region->mutex());
    if (auto still_open = check_open(*open->region); !still_open) {
      scanners_.drop(open->id);
      return still_open.error();
    }
    open->scanner->next(open->region->store(), limits, batch);
    open->region->reads.fetch_add(batch.cells_per_result.size(), std::memory_order_relaxed);
    put_batch(batch, open->region->is_replica(), request.scan().query_metrics_enabled(), call, response);
    response.set_more_results(batch.more_results);
    response.set_more_results_in_region(batch.more_in_region);
    if (batch.heartbeat) response.set_heartbeat_message(true);
    if (batch.heartbeat && open->scanner->needs_cursor()) response.mutable_cursor()->set_row(batch.cursor);
    if (request.track_scan_metrics()) put_metrics(batch, *response.mutable_scan_metrics());
    batch.clear();
  }
  if (!response.more_results() || !response.more_results_in_region() || request.close_scanner())
    scanners_.close(open->id);
  return &response;
}

}  // namespace hbmux::mini
