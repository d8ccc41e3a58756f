#include "gateway/row_change.h"

#include "gateway/timestamps.h"

#include <hbmux/filters.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace hbmux::gateway {
namespace {

/// Of markers that hide everything. (The largest number itself would mean "now".)
constexpr std::int64_t kLastMarker = kLatestTimestamp - 2;
constexpr std::int64_t kBeforeLastMarker = kLatestTimestamp - 1;

/// HBase 2.6 with NEW_VERSION_BEHAVIOR fails to read a row, with a null pointer, that has in the column without a name (where also the
/// family's markers are stored) a marker behind a put or behind a family's marker; not when the first cell of all is such a column's
/// marker. So each delete brings one that hides nothing.
void add_first_marker(Delete& deletes, std::string_view family) { deletes.add_column(family, "", kBeforeLastMarker); }

std::optional<Status> check_family(const std::string& family, const TableSchema& schema) {
  if (schema.families.contains(family)) return std::nullopt;
  return Status{Code::not_found, "unknown family \"" + family + "\""};
}

Answer<std::int64_t> time_of_cell(const bt::Mutation& mutation) {
  std::int64_t micros = mutation.set_cell().timestamp_micros();
  if (micros == kServerTime) return kLatestTimestamp;
  if (mutation.timestamp_origin() == bt::Mutation::CLIENT_AUTO_GENERATED && micros > 0) micros -= micros % kMicrosPerMilli;
  return millis_of(micros);
}

Answer<TimeRange> deleted_times(const bt::Mutation::DeleteFromColumn& mutation) {
  if (!mutation.has_time_range()) return TimeRange();
  const auto start = millis_of(mutation.time_range().start_timestamp_micros());
  if (!start) return start.error();
  const auto end = millis_of(mutation.time_range().end_timestamp_micros());
  if (!end) return end.error();
  if (*end != 0 && *start >= *end) {
    return invalid("inverted or invalid timestamp range [" + std::to_string(mutation.time_range().start_timestamp_micros()) + ", " +
                   std::to_string(mutation.time_range().end_timestamp_micros()) + "]");
  }
  TimeRange range;
  range.min = *start;
  if (*end != 0) range.max = *end;
  return range;
}

}  // namespace

Answer<RowChange> RowChange::of(std::string_view row, const Mutations& mutations, const TableSchema& schema) {
  if (row.empty()) return invalid("Row keys must be non-empty");
  if (mutations.size() > kMutationsMax) return invalid("More than " + std::to_string(kMutationsMax) + " mutations of one row");
  RowChange change(row);
  // From the last one back: a put that a later delete covers never comes to be.
  for (int i = mutations.size(); i-- > 0;) {
    if (auto problem = change.add(mutations[i], schema)) {
      if (!problem->message.empty()) problem->message = "Error in mutation #" + std::to_string(i) + ": " + problem->message;
      return *problem;
    }
  }
  change.drop_repeated();
  change.needs_row_ = !change.plan_markers(schema);
  return change;
}

std::optional<Status> RowChange::add(const bt::Mutation& mutation, const TableSchema& schema) {
  switch (mutation.mutation_case()) {
    case bt::Mutation::kSetCell: {
      const auto& cell = mutation.set_cell();
      if (auto problem = check_family(cell.family_name(), schema)) return problem;
      const auto millis = time_of_cell(mutation);
      if (!millis) return millis.error();
      if (!deleted_.covers(cell.family_name(), cell.column_qualifier(), *millis)) {
        puts_.push_back({cell.family_name(), cell.column_qualifier(), *millis, cell.value()});
      }
      return std::nullopt;
    }
    case bt::Mutation::kDeleteFromColumn: return add_delete(mutation.delete_from_column(), schema);
    case bt::Mutation::kDeleteFromFamily:
      if (auto problem = check_family(mutation.delete_from_family().family_name(), schema)) return problem;
      deleted_.add_family(mutation.delete_from_family().family_name());
      return std::nullopt;
    case bt::Mutation::kDeleteFromRow: deleted_.add_row(); return std::nullopt;
    case bt::Mutation::kAddToCell: return unimplemented("add_to_cell: aggregate families are not served");
    case bt::Mutation::kMergeToCell: return unimplemented("merge_to_cell: aggregate families are not served");
    case bt::Mutation::MUTATION_NOT_SET: break;
  }
  return invalid("no kind of mutation that is known");
}

std::optional<Status> RowChange::add_delete(const bt::Mutation::DeleteFromColumn& mutation, const TableSchema& schema) {
  if (auto problem = check_family(mutation.family_name(), schema)) return problem;
  const auto range = deleted_times(mutation);
  if (!range) return range.error();
  deleted_.add_column(mutation.family_name(), mutation.column_qualifier(), *range);
  return std::nullopt;
}

/// Of puts of one cell the one that came last stays: which is the first here.
void RowChange::drop_repeated() {
  if (puts_.size() < 2) return;
  std::stable_sort(puts_.begin(), puts_.end(), [](const NewCell& a, const NewCell& b) {
    return std::tie(a.family, a.qualifier, a.millis) < std::tie(b.family, b.qualifier, b.millis);
  });
  const auto end = std::unique(puts_.begin(), puts_.end(), [](const NewCell& a, const NewCell& b) {
    return std::tie(a.family, a.qualifier, a.millis) == std::tie(b.family, b.qualifier, b.millis);
  });
  puts_.erase(end, puts_.end());
}

/// False when markers cannot say it.
bool RowChange::plan_markers(const TableSchema& schema) {
  if (deleted_.empty()) return true;
  for (const auto& [name, family] : schema.families) {
    if (family.orders_deletes) ordered_families_.insert(name);
  }
  for (const NewCell& cell : puts_) {
    if (deleted_.covers(cell.family, cell.qualifier, cell.millis)) return false;
  }
  for (const auto& [name, family] : schema.families) {
    if (!deleted_.has_family(name)) continue;
    if (!family.orders_deletes) return false;
    delete_family(markers_, name);
    has_markers_ = true;
  }
  std::string_view opened;
  for (const auto& [column, times] : deleted_.columns()) {
    if (deleted_.has_family(column.first)) continue;
    if (!ordered_families_.contains(column.first)) return false;
    if (opened != column.first) add_first_marker(markers_, opened = column.first);
    for (const auto& [min, max] : times.ranges()) {
      if (min == 0) {
        markers_.add_columns(column.first, column.second, std::min(max - 1, kLastMarker));
      } else if (max == min + 1) {
        markers_.add_column(column.first, column.second, min);
      } else {
        return false;
      }
      has_markers_ = true;
    }
  }
  return true;
}

void RowChange::delete_family(Delete& deletes, std::string_view family) {
  deletes.add_family(family, kLastMarker);
  deletes.add_columns(family, "", kLastMarker);  // where HBase 2.6 does not heed the family's
  add_first_marker(deletes, family);
}

Scan RowChange::read_request() const {
  Scan scan;
  scan.start_row(row_).stop_row(row_, true).one_row_limit().raw(true).all_versions().filter(KeyOnlyFilter());
  if (deleted_.has_row()) return scan;
  for (const std::string_view family : deleted_.families()) scan.family(family);
  for (const auto& [column, times] : deleted_.columns()) scan.family(column.first);
  return scan;
}

std::optional<RowChange::Request> RowChange::build(const Row* existing, std::int64_t now_millis) const {
  Delete deletes = existing != nullptr ? delete_one_by_one(*existing) : markers_;
  const bool has_deletes = existing != nullptr ? !deletes.empty() : has_markers_;
  if (puts_.empty()) {
    if (!has_deletes) return std::nullopt;
    return Request(std::move(deletes));
  }
  Put put = put_cells(existing, now_millis);
  if (!has_deletes) return Request(std::move(put));
  return Request(RowMutations(row_).add(std::move(deletes)).add(std::move(put)));
}

Delete RowChange::delete_one_by_one(const Row& existing) const {
  std::set<std::tuple<std::string_view, std::string_view, std::int64_t>> written;
  for (const NewCell& cell : puts_) written.emplace(cell.family, cell.qualifier, cell.millis);
  Delete deletes(row_);
  std::string_view opened;
  for (const Cell& cell : existing.cells()) {
    if (cell.type() != CellType::put || !deleted_.covers(cell.family(), cell.qualifier(), cell.timestamp())) continue;
    // What is written anew needs no marker, and one would hide it.
    if (written.contains({cell.family(), cell.qualifier(), cell.timestamp()})) continue;
    if (opened != cell.family() && ordered_families_.contains(cell.family())) add_first_marker(deletes, opened = cell.family());
    deletes.add_column(cell.family(), cell.qualifier(), cell.timestamp());
  }
  return deletes;
}

Put RowChange::put_cells(const Row* existing, std::int64_t now_millis) const {
  Put put(row_);
  std::set<std::tuple<std::string_view, std::string_view, std::int64_t>> deleted;
  if (existing != nullptr) {
    for (const Cell& cell : existing->cells()) deleted.emplace(cell.family(), cell.qualifier(), cell.timestamp());
  }
  for (const NewCell& cell : puts_) {
    std::int64_t millis = cell.millis;
    if (millis == kLatestTimestamp && existing != nullptr) {
      // A cell of this very millisecond may be among those that are deleted: the new one takes another.
      millis = now_millis;
      while (deleted.contains({cell.family, cell.qualifier, millis})) ++millis;
    }
    put.add(cell.family, cell.qualifier, millis, cell.value);
  }
  return put;
}

std::optional<std::pair<std::string_view, std::string_view>> RowChange::a_written_column() const {
  if (puts_.empty()) return std::nullopt;
  return std::pair(puts_.front().family, puts_.front().qualifier);
}

}  // namespace hbmux::gateway
