#include "client/meta_reader.h"

#include "client/connection_state.h"
#include "client/region_locator.h"
#include "client/reply_rows.h"
#include "client/request_messages.h"
#include "client/route.h"
#include "core/exception_class.h"
#include "core/region_name.h"

#include <algorithm>

namespace hbmux::client {
namespace {

constexpr std::uint32_t kHighPriority = 200;  // HConstants.HIGH_QOS: calls of users must not stand in the way of locating

using Handler = core::UniqueFunction<void(Result<MetaPage>)>;

struct MetaRead : std::enable_shared_from_this<MetaRead> {
  std::shared_ptr<ConnectionState> connection;
  MetaQuery query;
  rpc::TimePoint deadline;
  Handler handler;
  RegionLocator::TablePtr meta;
  core::LocationsPtr location;

  void start() {
    auto& locator = connection->locator();
    meta = locator.table(TableName::meta());
    auto known = locator.locate(meta, query.start_row, core::LocateType::current, deadline,
                                [self = shared_from_this()](Result<core::LocationsPtr> found) {
                                  if (!found) return self->handler(found.error());
                                  self->send(std::move(*found));
                                });
    if (known) send(std::move(known));
  }

  void send(core::LocationsPtr to) {
    location = std::move(to);
    const auto& settings = connection->settings();
    const auto now = connection->now();
    rpc::CallRequest request;
    request.internal = true;
    request.method = "Scan";
    request.param = encode();
    request.priority = kHighPriority;
    request.deadline = deadline;
    if (settings.meta_rpc_read_timeout.count() > 0) {
      request.deadline = std::min(deadline, now + settings.meta_rpc_read_timeout);
    }
    request.thread = connection->thread_token();
    connection->rpc().call(
        route_key(*location, *connection->user()), std::move(request),
        [self = shared_from_this()](Result<rpc::CallReply> reply) { self->replied(std::move(reply)); });
  }

  // Opens a scanner, reads, and closes it, in one call.
  std::string encode() const {
    pb::Scan scan;
    scan.add_column()->set_family(std::string(query.family));
    scan.set_start_row(query.start_row);
    scan.set_stop_row(query.stop_row);
    if (!query.include_start_row) scan.set_include_start_row(false);
    if (query.include_stop_row) scan.set_include_stop_row(true);
    if (query.reversed) scan.set_reversed(true);
    scan.set_readtype(pb::Scan::PREAD);
    scan.set_caching(query.limit);
    std::string param;
    append_region(param, core::kMetaRegionName);
    append_field(param, pb::ScanRequest::kScanFieldNumber, scan);
    append_field(param, pb::ScanRequest::kNumberOfRowsFieldNumber, std::uint64_t{query.limit});
    append_field(param, pb::ScanRequest::kCloseScannerFieldNumber, std::uint64_t{1});
    append_field(param, pb::ScanRequest::kLimitOfRowsFieldNumber, std::uint64_t{query.limit});
    return param;
  }

  void replied(Result<rpc::CallReply> reply) {
    Result<MetaPage> page = reply ? read(*reply) : Result<MetaPage>(reply.error());
    if (page) return handler(std::move(page));
    Error error = page.error();
    connection->locator().on_error(*meta, location->primary, error);
    const core::Reaction reaction = core::react(error);
    if (reaction.reopen_scanner && !reaction.retry) error = Error(Errc::unavailable, error.to_string());
    handler(std::move(error).with_context("reading hbase:meta").with_region(std::string(core::kMetaRegionName)));
  }

  Result<MetaPage> read(const rpc::CallReply& reply) const {
    pb::ScanResponse response;
    if (auto parsed = parse_reply(reply, response); !parsed) return parsed.error();
    MetaPage page;
    ReplyRows rows(reply);
    for (const std::uint32_t count : response.cells_per_result()) {
      auto row = rows.next(count, false);
      if (!row) return row.error();
      page.rows.push_back(std::move(*row));
    }
    for (const pb::Result& result : response.results()) {
      auto row = rows.next(result);
      if (!row) return row.error();
      page.rows.push_back(std::move(*row));
    }
    const bool ended = (response.has_more_results_in_region() && !response.more_results_in_region()) ||
                       (response.has_more_results() && !response.more_results());
    // A scan that came to its limit is told to be at its end.
    page.more = !page.rows.empty() && (!ended || page.rows.size() >= query.limit);
    return page;
  }
};

}  // namespace

void read_meta(const std::shared_ptr<ConnectionState>& connection, MetaQuery query, rpc::TimePoint deadline, Handler handler) {
  auto read = std::make_shared<MetaRead>();
  read->connection = connection;
  read->query = std::move(query);
  read->deadline = deadline;
  read->handler = std::move(handler);
  read->start();
}

}  // namespace hbmux::client
