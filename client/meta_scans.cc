// What a RegionLocator reads from hbase:meta beside single regions: all of a table, and its state.
#include "client/connection_state.h"
#include "client/meta_reader.h"
#include "client/region_locator.h"
#include "core/retry.h"

#include <algorithm>
#include <atomic>
#include <memory>

namespace hbmux::client {
namespace {

using RegionsHandler = core::UniqueFunction<void(Result<std::vector<RegionLocation>>)>;

core::RetryPolicy meta_policy(const core::ClientSettings& settings) {
  return {settings.pause, settings.pause_overloaded, settings.retries, settings.meta_operation_timeout,
          settings.meta_rpc_read_timeout};
}

void add_secondaries(const core::RegionLocations& locations, std::vector<RegionLocation>& to) {
  to.insert(to.end(), locations.secondaries.begin(), locations.secondaries.end());
}

/// Reads page after page of one table's rows, each tried again where it failed.
struct RegionsScan : std::enable_shared_from_this<RegionsScan> {
  RegionsScan(std::shared_ptr<ConnectionState> c, RegionLocator::TablePtr t, WhichReplicas w, rpc::TimePoint d, RegionsHandler h)
      : connection(std::move(c)),
        table(std::move(t)),
        replicas(w),
        retry(meta_policy(connection->settings()), connection->now(), d),
        handler(std::move(h)),
        name(std::make_shared<const TableName>(table->name())) {
    query.start_row = core::meta_first_row(table->name());
    query.stop_row = core::meta_stop_row(table->name());
    query.family = core::kMetaFamily;
    query.limit = static_cast<std::uint32_t>(std::max(1, connection->settings().meta_scanner_caching));
  }

  void next() {
    read_meta(connection, query, retry.attempt_deadline(connection->now()),
              [self = shared_from_this()](Result<MetaPage> page) { self->read(std::move(page)); });
  }

  void read(Result<MetaPage> page) {
    if (!page) return failed(page.error());
    std::vector<core::LocationsPtr> usable;
    for (const Row& row : page->rows) {
      auto meta = core::parse_meta_row(row, name);
      if (!meta) return failed(meta.error());
      if (!meta->region || meta->region->table() != table->name()) continue;
      any = true;
      if (meta->state == core::MetaRow::State::split_parent) continue;
      if (meta->locations) usable.push_back(meta->locations);
      regions.push_back(meta->locations ? meta->locations->primary : RegionLocation{meta->region, {}, -1});
      if (replicas == WhichReplicas::all && meta->locations) add_secondaries(*meta->locations, regions);
    }
    table->regions()->add(usable);
    if (page->more) {
      query.start_row = page->rows.back().row();
      query.include_start_row = false;
      return next();
    }
    if (!any) return handler(Error(Errc::table_not_found, "table '" + table->name().to_string() + "' is not in hbase:meta"));
    handler(std::move(regions));
  }

  void failed(Error error) {
    auto decision = retry.failed(std::move(error), connection->now(), connection->random());
    if (!decision.retry) {
      return handler(std::move(decision.error).with_context("reading the regions of table '" + table->name().to_string() + "'"));
    }
    connection->count_retry();
    connection->rpc().lane().call_at(connection->now() + decision.pause, [self = shared_from_this()] {
      if (auto closed = self->connection->closed_error()) return self->handler(std::move(*closed));
      self->next();
    });
  }

  const std::shared_ptr<ConnectionState> connection;
  const RegionLocator::TablePtr table;
  const WhichReplicas replicas;
  core::RetryState retry;
  RegionsHandler handler;
  std::shared_ptr<const TableName> name;
  MetaQuery query;
  std::vector<RegionLocation> regions;
  bool any = false;
};

}  // namespace

void RegionLocator::all_regions(const TablePtr& table, WhichReplicas replicas, rpc::TimePoint deadline, RegionsHandler handler) {
  if (table->is_meta()) {
    auto done = [replicas, handler = std::make_shared<RegionsHandler>(std::move(handler))](Result<core::LocationsPtr> found) {
      if (!found) return (*handler)(found.error());
      std::vector<RegionLocation> regions{(*found)->primary};
      if (replicas == WhichReplicas::all) add_secondaries(**found, regions);
      (*handler)(std::move(regions));
    };
    if (auto known = locate(table, {}, core::LocateType::current, deadline, done)) {
      connection_.post([done, known = std::move(known)] { done(known); });
    }
    return;
  }
  std::make_shared<RegionsScan>(connection_.shared_from_this(), table, replicas, deadline, std::move(handler))->next();
}

namespace {

/// Shares an answer with others, but not their time.
struct StateWaiting {
  explicit StateWaiting(TableStateHandler h) : handler(std::move(h)) {}
  void answer(Result<std::optional<core::TableStateCode>> state) {
    if (!answered.exchange(true)) handler(std::move(state));
  }
  TableStateHandler handler;
  std::atomic<bool> answered{false};
};

}  // namespace

void RegionLocator::table_state(const TablePtr& table, rpc::TimePoint deadline, TableStateHandler handler) {
  auto mine = std::make_shared<StateWaiting>(std::move(handler));
  bool is_first = false;
  {
    std::lock_guard lock(table->mutex_);
    table->state_waiting_.push_back(
        [mine](Result<std::optional<core::TableStateCode>> state) { mine->answer(std::move(state)); });
    is_first = table->state_waiting_.size() == 1;
  }
  if (!is_first) {
    if (deadline == rpc::TimePoint::max()) return;
    connection_.rpc().lane().call_at(deadline, [weak = std::weak_ptr(mine), table] {
      if (auto waiting = weak.lock()) {
        waiting->answer(Error(Errc::timed_out, "the state of table '" + table->name().to_string() + "' was not read in time"));
      }
    });
    return;
  }
  MetaQuery query;
  query.start_row = query.stop_row = table->name().to_string();
  query.include_stop_row = true;
  query.family = core::kMetaTableFamily;
  read_meta(connection_.shared_from_this(), std::move(query), deadline, [table](Result<MetaPage> page) {
    Result<std::optional<core::TableStateCode>> state = std::optional<core::TableStateCode>();
    if (!page) {
      state = page.error();
    } else if (!page->rows.empty()) {
      state = core::parse_table_state(page->rows.front());
    }
    std::vector<TableStateHandler> waiting;
    {
      std::lock_guard lock(table->mutex_);
      waiting.swap(table->state_waiting_);
    }
    for (auto& w : waiting) w(state);
  });
}

}  // namespace hbmux::client
