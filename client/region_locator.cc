#include "client/region_locator.h"

#include "client/connection_state.h"
#include "client/meta_reader.h"
#include "core/bytes.h"
#include "core/log.h"
#include "core/region_name.h"

#include <algorithm>
#include <array>
#include <optional>

namespace hbmux::client {
namespace {

using core::LocateType;
using core::LocationsPtr;

const LocationsPtr kUnknown;

// A lookup that ends at the waiter's deadline tells more than the clock does: it goes first.
constexpr std::chrono::milliseconds kGrace{5};

// So often the registry is asked which copies of hbase:meta there are (CatalogReplicaLoadBalanceSimpleSelector.java).
constexpr std::chrono::seconds kCopiesRefresh{60};

bool is_usable(const LocationsPtr& location) { return location && location->primary.is_known(); }

/// This thread's views of the tables that it used last.
core::RegionMapReader& reader_of(const std::shared_ptr<core::TableRegions>& regions) {
  struct View {
    const core::TableRegions* key = nullptr;  // kept alive by the reader
    std::optional<core::RegionMapReader> reader;
  };
  thread_local std::array<View, 4> views;
  thread_local std::size_t oldest = 0;
  for (View& view : views) {
    if (view.key == regions.get()) return *view.reader;
  }
  View& view = views[oldest++ % views.size()];
  view.reader.emplace(regions);
  view.key = regions.get();
  return *view.reader;
}

std::string describe(const TableLocations& table, std::string_view row, LocateType type) {
  return "locating the row " + std::string(type == LocateType::before ? "before '" : "'") +
         core::to_string_binary(row.substr(0, 200)) + "' of table '" + table.name().to_string() + "'";
}

/// Whether a failed lookup speaks for one that waits, too.
bool concerns(const Error& error, const TableLocations::Lookup& lookup, const std::string& row, LocateType type,
              rpc::TimePoint deadline) {
  if (error.code() == Errc::timed_out && deadline > lookup.deadline) return false;  // it had less time than this one
  if (row == lookup.row && type == lookup.type) return true;
  if (!lookup.gap.contains(row, type)) return false;
  if (error.code() != Errc::not_serving_region || !error.exception_class().empty()) return true;
  // hbase:meta answered, and about one region.
  core::RegionNameParts parts;
  if (type != lookup.type || !core::parse_region_name(error.region(), parts)) return false;
  return type == LocateType::current ? row >= parts.start_key && row <= lookup.row
                                     : row > parts.start_key && row <= lookup.row;
}

}  // namespace

RegionLocator::TablePtr RegionLocator::table(const TableName& name) {
  std::lock_guard lock(mutex_);
  auto& table = tables_[name];
  if (!table) table = std::make_shared<TableLocations>(name);
  return table;
}

const LocationsPtr& RegionLocator::find(const TableLocations& table, std::string_view row, LocateType type) {
  const LocationsPtr& found = reader_of(table.regions()).current().locate(row, type);
  return is_usable(found) ? found : kUnknown;
}

LocationsPtr RegionLocator::locate(const TablePtr& table, std::string_view row, LocateType type, rpc::TimePoint deadline,
                                   LocationHandler handler) {
  if (const auto& known = find(*table, row, type)) return known;
  if (auto closed = connection_.closed_error()) {
    connection_.post([handler = std::move(handler), error = std::move(*closed)]() mutable { handler(std::move(error)); });
    return nullptr;
  }
  std::optional<Lookup> lookup;
  {
    std::lock_guard lock(table->mutex_);
    const auto map = table->regions_->snapshot();
    if (const auto& known = map->locate(row, type); is_usable(known)) return known;
    table->waiting_.push_back({std::string(row), type, deadline, std::move(handler)});
    lookup = lookup_for(*table, table->waiting_.back(), *map);
  }
  watch(table, deadline);
  if (lookup) start(table, std::move(*lookup));
  return nullptr;
}

// With the table's mutex held: a new lookup for one that waits, unless one that is under way will serve it, or too many are.
std::optional<RegionLocator::Lookup> RegionLocator::lookup_for(TableLocations& table, const Waiting& waiting,
                                                               const core::RegionMap& map) {
  const auto& settings = connection_.settings();
  if (table.lookups_.size() >= static_cast<std::size_t>(std::max(1, settings.locate_concurrent_max))) return std::nullopt;
  const bool asked = std::ranges::any_of(table.lookups_, [&](const Lookup& lookup) {
    return lookup.gap.contains(waiting.row, waiting.type) || (lookup.row == waiting.row && lookup.type == waiting.type);
  });
  if (asked) return std::nullopt;
  auto deadline = waiting.deadline;
  if (settings.rpc_timeout.count() > 0) deadline = std::min(deadline, connection_.now() + settings.rpc_timeout);
  table.lookups_.push_back(
      {table.next_lookup_++, waiting.row, waiting.type, map.gap_around(waiting.row, waiting.type), deadline});
  return table.lookups_.back();
}

void RegionLocator::start(const TablePtr& table, Lookup lookup) {
  if (table->is_meta_) {
    ask_registry(table, std::move(lookup));
  } else {
    ask_meta(table, std::move(lookup));
  }
}

void RegionLocator::ask_registry(const TablePtr& table, Lookup lookup) {
  const auto deadline = lookup.deadline;
  auto connection = connection_.shared_from_this();
  auto& registry = connection->registry();
  registry.async_meta_locations(
      deadline, [this, connection = std::move(connection), table, lookup = std::move(lookup)](Result<LocationsPtr> found) {
        if (found && !is_usable(*found)) {
          found = Error(Errc::unavailable, "the registry knows no server of hbase:meta");
        }
        if (found) {
          table->regions_->add({&*found, 1});
        } else {
          found = Error(found.error()).with_context("locating hbase:meta");
        }
        finished(table, lookup, found);
      });
}

void RegionLocator::ask_meta(const TablePtr& table, Lookup lookup) {
  lookups_.fetch_add(1, std::memory_order_relaxed);
  auto answer = std::make_shared<core::MetaLookup>(table->name(), lookup.row, lookup.type);
  auto connection = connection_.shared_from_this();
  MetaQuery query;
  query.start_row = answer->start_row();
  query.stop_row = answer->stop_row();
  query.family = core::kMetaFamily;
  query.limit = static_cast<std::uint32_t>(std::max(1, connection_.settings().locate_prefetch_limit));
  query.reversed = true;
  query.include_stop_row = true;
  query.copies = copies_for(table->name(), lookup.row, lookup.type);

  // Asks again only where nothing but split parents came: then what is wanted lies before them.
  struct Ask : std::enable_shared_from_this<Ask> {
    RegionLocator* locator;
    std::shared_ptr<ConnectionState> connection;
    TablePtr table;
    Lookup lookup;
    std::shared_ptr<core::MetaLookup> answer;
    MetaQuery query;
    bool from_copy = false;

    void next() {
      read_meta(connection, query, lookup.deadline,
                [self = shared_from_this()](Result<MetaPage> page) { self->read(std::move(page)); });
    }
    // A copy may not know yet.
    void ask_primary() {
      query.copies = MetaCopies::primary;
      query.start_row = answer->start_row();
      query.include_start_row = true;
      answer = std::make_shared<core::MetaLookup>(table->name(), lookup.row, lookup.type);
      next();
    }
    void read(Result<MetaPage> page) {
      from_copy |= page && page->from_copy;
      if (!page) {
        return locator->finished(table, lookup,
                                 Error(page.error()).with_context(describe(*table, lookup.row, lookup.type)));
      }
      bool decided = false;
      for (const Row& row : page->rows) decided = answer->add(row);
      if (!decided && page->more) {
        query.start_row = page->rows.back().row();
        query.include_start_row = false;
        return next();
      }
      auto found = answer->finish();
      if (!found && std::exchange(from_copy, false)) return ask_primary();
      table->regions_->add(answer->seen());
      locator->finished(table, lookup, found);
    }
  };
  auto ask = std::make_shared<Ask>();
  ask->locator = this;
  ask->connection = std::move(connection);
  ask->table = table;
  ask->lookup = std::move(lookup);
  ask->answer = std::move(answer);
  ask->query = std::move(query);
  ask->next();
}

MetaCopies RegionLocator::copies_for(const TableName& table, std::string_view row, LocateType type) {
  const auto mode = connection_.settings().meta_replica_mode;
  if (mode == core::MetaReplicaMode::none) return MetaCopies::primary;
  refresh_copies();
  if (mode == core::MetaReplicaMode::hedged_read) return MetaCopies::primary_first;
  return stale_.contains(table, row, type, connection_.now()) ? MetaCopies::primary : MetaCopies::any;
}

// In the background: copies may have been added since hbase:meta was located, and those that failed come back.
void RegionLocator::refresh_copies() {
  const auto now = connection_.now();
  auto due = next_refresh_.load(std::memory_order_relaxed);
  if (now.time_since_epoch().count() < due) return;
  if (!next_refresh_.compare_exchange_strong(due, (now + kCopiesRefresh).time_since_epoch().count())) return;
  if (due == 0) return;  // the first lookup locates hbase:meta anyway
  auto connection = connection_.shared_from_this();
  connection->registry().async_meta_locations(now + kCopiesRefresh,
                                              [connection, meta = this->table(TableName::meta())](Result<LocationsPtr> found) {
                                                if (found && is_usable(*found)) meta->regions()->add({&*found, 1});
                                              });
}

void RegionLocator::finished(const TablePtr& table, const Lookup& lookup, const Result<LocationsPtr>& found) {
  std::vector<std::pair<LocationHandler, Result<LocationsPtr>>> done;
  std::vector<Lookup> next;
  {
    std::lock_guard lock(table->mutex_);
    std::erase_if(table->lookups_, [&](const Lookup& l) { return l.id == lookup.id; });
    const auto map = table->regions_->snapshot();
    std::vector<Waiting> waiting;
    for (Waiting& w : table->waiting_) {
      if (const auto& known = map->locate(w.row, w.type); is_usable(known)) {
        done.emplace_back(std::move(w.handler), known);
      } else if (found && w.row == lookup.row && w.type == lookup.type) {
        done.emplace_back(std::move(w.handler), found);  // dropped again meanwhile; let the caller see
      } else if (!found && concerns(found.error(), lookup, w.row, w.type, w.deadline)) {
        done.emplace_back(std::move(w.handler), found);
      } else {
        waiting.push_back(std::move(w));
      }
    }
    table->waiting_ = std::move(waiting);
    for (const Waiting& w : table->waiting_) {
      if (auto l = lookup_for(*table, w, *map)) next.push_back(std::move(*l));
    }
  }
  for (auto& l : next) start(table, std::move(l));
  for (auto& [handler, result] : done) handler(std::move(result));
}

// One timer a table, at the earliest deadline of those that wait.
void RegionLocator::watch(const TablePtr& table, rpc::TimePoint deadline) {
  if (deadline == rpc::TimePoint::max()) return;
  const auto at = deadline + kGrace;
  {
    std::lock_guard lock(table->mutex_);
    if (at >= table->expiry_armed_at_) return;
    table->expiry_armed_at_ = at;
  }
  connection_.rpc().lane().call_at(at, [this, weak_connection = connection_.weak_from_this(), weak = std::weak_ptr(table), at] {
    const auto connection = weak_connection.lock();
    const auto strong = weak.lock();
    if (!connection || !strong) return;
    {
      std::lock_guard lock(strong->mutex_);
      if (strong->expiry_armed_at_ != at) return;
      strong->expiry_armed_at_ = rpc::TimePoint::max();
    }
    expire(strong);
  });
}

void RegionLocator::expire(const TablePtr& table) {
  const auto now = connection_.now();
  std::vector<Waiting> expired;
  auto next = rpc::TimePoint::max();
  {
    std::lock_guard lock(table->mutex_);
    std::vector<Waiting> waiting;
    for (Waiting& w : table->waiting_) {
      if (w.deadline <= now) {
        expired.push_back(std::move(w));
      } else {
        next = std::min(next, w.deadline);
        waiting.push_back(std::move(w));
      }
    }
    table->waiting_ = std::move(waiting);
  }
  watch(table, next);
  for (Waiting& w : expired) {
    const char* whom = table->is_meta_ ? "the registry" : "hbase:meta";
    w.handler(Error(Errc::timed_out, describe(*table, w.row, w.type) + ": " + whom + " gave no answer in time"));
  }
}

void RegionLocator::on_error(TableLocations& table, const RegionLocation& used, const Error& error) {
  if (table.regions_->update_after_error(used, error)) {
    if (!table.is_meta() && connection_.settings().meta_replica_mode == core::MetaReplicaMode::load_balance) {
      stale_.add(*used.region, connection_.now());
    }
    core::log(LogLevel::debug, [&] {
      return "location of " + core::to_string_binary(used.region->name()) + " on " + used.server.to_string() +
             " is no longer believed: " + error.to_string();
    });
  }
}

void RegionLocator::clear() {
  std::vector<TablePtr> tables;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, table] : tables_) tables.push_back(table);
  }
  for (const auto& table : tables) table->regions()->clear();
}

void RegionLocator::close(const Error& reason) {
  std::vector<Waiting> all;
  {
    std::lock_guard lock(mutex_);
    for (auto& [name, table] : tables_) {
      std::lock_guard table_lock(table->mutex_);
      std::ranges::move(table->waiting_, std::back_inserter(all));
      table->waiting_.clear();
    }
  }
  for (Waiting& w : all) {
    connection_.post([handler = std::move(w.handler), reason]() mutable { handler(reason); });
  }
}

}  // namespace hbmux::client
