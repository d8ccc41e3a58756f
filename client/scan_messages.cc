#include "client/scan_messages.h"

#include "client/reply_rows.h"
#include "client/request_messages.h"

namespace hbmux::client {
namespace {

using Request = pb::ScanRequest;

std::string encode_next(const core::ScanState::NextRequest& request, bool renew) {
  std::string param;
  append_field(param, Request::kScannerIdFieldNumber, request.scanner_id);
  append_field(param, Request::kNumberOfRowsFieldNumber, std::uint64_t{request.number_of_rows});
  append_field(param, Request::kNextCallSeqFieldNumber, request.next_call_seq);
  append_field(param, Request::kClientHandlesPartialsFieldNumber, std::uint64_t{1});
  append_field(param, Request::kClientHandlesHeartbeatsFieldNumber, std::uint64_t{1});
  if (renew) append_field(param, Request::kRenewFieldNumber, std::uint64_t{1});
  if (request.limit_of_rows != 0) append_field(param, Request::kLimitOfRowsFieldNumber, std::uint64_t{request.limit_of_rows});
  return param;
}

}  // namespace

pb::Scan scan_message(const Scan& scan, const core::ClientSettings& settings) {
  pb::Scan message;
  fill_selection(message, scan);
  if (scan.batch() > 0) message.set_batch_size(static_cast<std::uint32_t>(scan.batch()));
  const std::int64_t bytes = scan.max_result_size() > 0 ? scan.max_result_size() : settings.scanner_max_result_size;
  message.set_max_result_size(static_cast<std::uint64_t>(bytes));
  if (scan.reversed()) message.set_reversed(true);
  if (scan.allow_partial_results()) message.set_allow_partial_results(true);
  if (scan.read_type() != ReadType::default_type) message.set_readtype(static_cast<pb::Scan::ReadType>(scan.read_type()));
  if (scan.cursor_results()) message.set_need_cursor_result(true);
  if (scan.raw()) {
    auto& attribute = *message.add_attribute();
    attribute.set_name("_raw_");
    attribute.set_value(std::string(1, '\xff'));  // Bytes.toBytes(true)
  }
  return message;
}

std::string encode_open(std::string_view region_name, pb::Scan& message, const core::ScanState::OpenRequest& request) {
  message.set_start_row(request.start_row);
  message.set_include_start_row(request.include_start);
  message.set_stop_row(request.stop_row);
  message.set_include_stop_row(request.include_stop);
  message.set_caching(request.number_of_rows);
  if (request.mvcc_read_point) {
    message.set_mvcc_read_point(*request.mvcc_read_point);
  } else {
    message.clear_mvcc_read_point();
  }
  std::string param;
  append_region(param, region_name);
  append_field(param, Request::kScanFieldNumber, message);
  append_field(param, Request::kNumberOfRowsFieldNumber, std::uint64_t{request.number_of_rows});
  append_field(param, Request::kClientHandlesPartialsFieldNumber, std::uint64_t{1});
  append_field(param, Request::kClientHandlesHeartbeatsFieldNumber, std::uint64_t{1});
  if (request.limit_of_rows != 0) append_field(param, Request::kLimitOfRowsFieldNumber, std::uint64_t{request.limit_of_rows});
  return param;
}

std::string encode_next(const core::ScanState::NextRequest& request) { return encode_next(request, false); }
std::string encode_renew(const core::ScanState::NextRequest& request) { return encode_next(request, true); }

std::string encode_close(std::uint64_t scanner_id) {
  std::string param;
  append_field(param, Request::kScannerIdFieldNumber, scanner_id);
  append_field(param, Request::kNumberOfRowsFieldNumber, std::uint64_t{0});
  append_field(param, Request::kCloseScannerFieldNumber, std::uint64_t{1});
  return param;
}

Result<core::ScanReply> read_scan_reply(const rpc::CallReply& reply) {
  pb::ScanResponse message;
  if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
  core::ScanReply out;
  if (message.has_scanner_id()) out.scanner_id = message.scanner_id();
  if (message.has_ttl()) out.ttl = message.ttl();
  if (message.has_more_results()) out.more_results = message.more_results();
  if (message.has_more_results_in_region()) out.more_results_in_region = message.more_results_in_region();
  out.heartbeat = message.heartbeat_message();
  if (message.has_mvcc_read_point()) out.mvcc_read_point = message.mvcc_read_point();
  if (message.has_cursor()) out.cursor_row = message.cursor().row();
  for (const auto& metric : message.scan_metrics().metrics()) out.metrics.emplace_back(metric.name(), metric.value());

  std::size_t cells = 0;
  for (const std::uint32_t count : message.cells_per_result()) cells += count;
  ReplyRows rows(reply, cells);
  out.rows.reserve(static_cast<std::size_t>(message.cells_per_result_size() + message.results_size()));
  for (int i = 0; i < message.cells_per_result_size(); ++i) {
    const bool partial = i < message.partial_flag_per_result_size() && message.partial_flag_per_result(i);
    auto row = rows.next(message.cells_per_result(i), partial);
    if (!row) return row.error();
    out.rows.push_back(std::move(*row));
  }
  for (const pb::Result& result : message.results()) {
    auto row = rows.next(result);
    if (!row) return row.error();
    out.rows.push_back(std::move(*row));
  }
  const auto metrics = std::min(out.rows.size(), static_cast<std::size_t>(message.query_metrics_size()));
  for (std::size_t i = 0; i < metrics; ++i) out.rows[i].set_metrics(metrics_from(message.query_metrics(static_cast<int>(i))));
  if (message.stale()) {
    for (Row& row : out.rows) row.set_stale(true);
  }
  return out;
}

}  // namespace hbmux::client
