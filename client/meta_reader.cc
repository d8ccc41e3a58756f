#include "client/meta_reader.h"

#include "client/connection_state.h"
#include "client/region_locator.h"
#include "client/reply_rows.h"
#include "client/request_messages.h"
#include "client/route.h"
#include "core/exception_class.h"
#include "core/region_name.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

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

  std::mutex mutex;                              // guards what follows
  std::vector<const RegionLocation*> waiting;    // copies that may be asked yet, of `location`
  int asked = 0;                                 // that have not answered
  bool over = false;
  std::optional<Error> error_to_tell;

  void start() {
    auto& locator = connection->locator();
    meta = locator.table(TableName::meta());
    auto known = locator.locate(meta, query.start_row, core::LocateType::current, deadline,
                                [self = shared_from_this()](Result<core::LocationsPtr> found) {
                                  if (!found) return self->handler(found.error());
                                  self->choose(std::move(*found));
                                });
    if (known) choose(std::move(known));
  }

  void choose(core::LocationsPtr to) {
    location = std::move(to);
    const RegionLocation* first = &location->primary;
    if (query.copies != MetaCopies::primary) {
      std::vector<const RegionLocation*> others;
      for (const RegionLocation& secondary : location->secondaries) {
        if (secondary.is_known()) others.push_back(&secondary);
      }
      const auto at = query.copies == MetaCopies::primary_first
                          ? others.size()
                          : static_cast<std::size_t>(connection->random() * static_cast<double>(others.size() + 1));
      if (at < others.size()) {
        first = others[at];
        waiting = {&location->primary};
      } else {
        waiting = std::move(others);
      }
    }
    const bool may_ask_more = !waiting.empty();
    asked = 1;
    send(*first);
    if (!may_ask_more) return;
    connection->rpc().lane().call_at(connection->now() + connection->settings().meta_replica_scan_timeout,
                                     [self = shared_from_this()] { self->ask_more(); });
  }

  void ask_more() {
    std::vector<const RegionLocation*> next;
    {
      const std::lock_guard lock(mutex);
      if (over) return;
      next.swap(waiting);
      asked += static_cast<int>(next.size());
    }
    for (const RegionLocation* copy : next) send(*copy);
  }

  rpc::ConnectionKey key_of(const RegionLocation& copy) const {
    if (&copy == &location->primary) return route_key(*location, *connection->user());
    return rpc::ConnectionKey(copy.server.address, *connection->user(), rpc::Service::client);
  }

  void send(const RegionLocation& copy) {
    const auto& settings = connection->settings();
    const auto now = connection->now();
    rpc::CallRequest request;
    request.internal = true;
    request.method = "Scan";
    request.param = encode(copy.region->name());
    request.priority = kHighPriority;
    request.deadline = deadline;
    if (settings.meta_rpc_read_timeout.count() > 0) {
      request.deadline = std::min(deadline, now + settings.meta_rpc_read_timeout);
    }
    request.thread = connection->thread_token();
    connection->rpc().call(key_of(copy), std::move(request), [self = shared_from_this(), &copy](Result<rpc::CallReply> reply) {
      self->replied(copy, std::move(reply));
    });
  }

  // Opens a scanner, reads, and closes it, in one call.
  std::string encode(std::string_view region_name) const {
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
    append_region(param, region_name);
    append_field(param, pb::ScanRequest::kScanFieldNumber, scan);
    append_field(param, pb::ScanRequest::kNumberOfRowsFieldNumber, std::uint64_t{query.limit});
    append_field(param, pb::ScanRequest::kCloseScannerFieldNumber, std::uint64_t{1});
    append_field(param, pb::ScanRequest::kLimitOfRowsFieldNumber, std::uint64_t{query.limit});
    return param;
  }

  void replied(const RegionLocation& copy, Result<rpc::CallReply> reply) {
    Result<MetaPage> page = reply ? read(*reply) : Result<MetaPage>(reply.error());
    if (page) {
      page->from_copy = copy.region->replica_id() != 0;
      if (end()) handler(std::move(page));
      return;
    }
    Error error = page.error();
    connection->locator().on_error(*meta, copy, error);
    const core::Reaction reaction = core::react(error);
    if (reaction.reopen_scanner && !reaction.retry) error = Error(Errc::unavailable, error.to_string());
    bool last = false;
    {
      const std::lock_guard lock(mutex);
      // What the primary copy says counts most.
      if (!error_to_tell || copy.region->replica_id() == 0) error_to_tell = std::move(error);
      last = --asked == 0 && waiting.empty();
    }
    if (!last) return ask_more();
    if (!end()) return;
    handler(std::move(*error_to_tell).with_context("reading hbase:meta").with_region(std::string(core::kMetaRegionName)));
  }

  /// True for the one who may tell.
  bool end() {
    const std::lock_guard lock(mutex);
    return !std::exchange(over, true);
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
