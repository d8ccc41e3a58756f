#include "gateway/row_change.h"

#include "gateway/sum_cell.h"

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

/// Of a family that is there.
bool is_sum(const std::string& family, const TableSchema& schema) { return schema.families.find(family)->second.is_sum; }

Answer<std::int64_t> number_in(const std::string& bytes) {
  if (bytes.size() != 8) return invalid("merge_to_cell: the state of a sum is eight bytes, a big-endian number");
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

Answer<std::int64_t> amount_of(const bt::Mutation::AddToCell& addition) {
  if (addition.input().kind_case() == bt::Value::kIntValue) return addition.input().int_value();
  return invalid("add_to_cell: a sum takes an int_value");
}

Answer<std::int64_t> amount_of(const bt::Mutation::MergeToCell& addition) {
  switch (addition.input().kind_case()) {
    case bt::Value::kRawValue: return number_in(addition.input().raw_value());
    case bt::Value::kBytesValue: return number_in(addition.input().bytes_value());
    case bt::Value::kIntValue: return addition.input().int_value();
    default: return invalid("merge_to_cell: a sum takes a raw_value, bytes_value or int_value");
  }
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
  if (auto problem = change.find_deleted_sums()) return *problem;
  change.drop_repeated();
  change.needs_row_ = !change.plan_markers(schema);
  return change;
}

std::optional<Status> RowChange::add(const bt::Mutation& mutation, const TableSchema& schema) {
  switch (mutation.mutation_case()) {
    case bt::Mutation::kSetCell: {
      const auto& cell = mutation.set_cell();
      if (auto problem = check_family(cell.family_name(), schema)) return problem;
      if (is_sum(cell.family_name(), schema)) {
        return invalid("set_cell: family \"" + cell.family_name() + "\" is an aggregate, and takes add_to_cell and merge_to_cell");
      }
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
    case bt::Mutation::kAddToCell: return add_sum(mutation.add_to_cell(), amount_of(mutation.add_to_cell()), schema);
    case bt::Mutation::kMergeToCell: return add_sum(mutation.merge_to_cell(), amount_of(mutation.merge_to_cell()), schema);
    case bt::Mutation::MUTATION_NOT_SET: break;
  }
  return invalid("no kind of mutation that is known");
}

template <class Addition>
std::optional<Status> RowChange::add_sum(const Addition& addition, const Answer<std::int64_t>& amount, const TableSchema& schema) {
  const std::string& family = addition.family_name();
  if (auto problem = check_family(family, schema)) return problem;
  if (!is_sum(family, schema)) return invalid("family \"" + family + "\" is not an aggregate: it takes set_cell");
  if (addition.column_qualifier().kind_case() != bt::Value::kRawValue) return invalid("column_qualifier must be a raw_value");
  if (addition.timestamp().kind_case() != bt::Value::kRawTimestampMicros) return invalid("timestamp must be raw_timestamp_micros");
  const auto millis = millis_of(addition.timestamp().raw_timestamp_micros());
  if (!millis) return millis.error();
  if (!amount) return amount.error();
  const std::string& qualifier = addition.column_qualifier().raw_value();
  if (deleted_.covers(family, qualifier, *millis)) return std::nullopt;
  added_to_.push_back({family, qualifier, *millis});
  sums_[{sum_family(family), sum_qualifier(qualifier, *millis)}] += static_cast<std::uint64_t>(*amount);
  return std::nullopt;
}

/// Deletes that come before what they cover. (Those behind it have let it never come to be.)
std::optional<Status> RowChange::find_deleted_sums() const {
  for (const Sum& sum : added_to_) {
    if (deleted_.covers(sum.family, sum.qualifier, sum.millis)) {
      return unimplemented("a deletion of an aggregate's cell and an addition to the same cell, in one request");
    }
  }
  return std::nullopt;
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
  families_ = schema.families;
  for (const NewCell& cell : puts_) {
    if (deleted_.covers(cell.family, cell.qualifier, cell.millis)) return false;
  }
  for (const auto& [name, family] : schema.families) {
    if (!deleted_.has_family(name)) continue;
    if (!family.orders_deletes) return false;
    delete_family(markers_, stored_name(name, family));
    has_markers_ = true;
  }
  std::string_view opened;
  for (const auto& [column, times] : deleted_.columns()) {
    if (deleted_.has_family(column.first)) continue;
    const auto& family = families_.find(column.first)->second;
    if (!family.orders_deletes || family.is_sum) return false;
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
  const auto want = [&](std::string_view id) {
    const auto& [name, family] = *families_.find(id);
    scan.family(stored_name(name, family));
  };
  for (const std::string_view family : deleted_.families()) want(family);
  for (const auto& [column, times] : deleted_.columns()) want(column.first);
  return scan;
}

std::optional<RowChange::Request> RowChange::build(const Row* existing, std::int64_t now_millis) const {
  Delete deletes = existing != nullptr ? delete_one_by_one(*existing) : markers_;
  const bool has_deletes = existing != nullptr ? !deletes.empty() : has_markers_;
  std::vector<RowMutations::Change> parts;
  if (has_deletes) parts.emplace_back(std::move(deletes));
  if (!puts_.empty()) parts.emplace_back(put_cells(existing, now_millis));
  if (!sums_.empty()) parts.emplace_back(add_amounts());
  if (parts.empty()) return std::nullopt;
  if (parts.size() == 1) {
    if (auto* put = std::get_if<Put>(&parts.front())) return Request(std::move(*put));
    if (auto* only_deletes = std::get_if<Delete>(&parts.front())) return Request(std::move(*only_deletes));
    return Request(std::get<Increment>(std::move(parts.front())));
  }
  RowMutations all(row_);
  for (auto& part : parts) all.add(std::move(part));
  return Request(std::move(all));
}

Increment RowChange::add_amounts() const {
  Increment increment(row_);
  for (const auto& [column, amount] : sums_) increment.add(column.first, column.second, static_cast<std::int64_t>(amount));
  increment.return_results(false);
  return increment;
}

Delete RowChange::delete_one_by_one(const Row& existing) const {
  std::set<std::tuple<std::string_view, std::string_view, std::int64_t>> written;
  for (const NewCell& cell : puts_) written.emplace(cell.family, cell.qualifier, cell.millis);
  Delete deletes(row_);
  std::string_view opened, sum_deleted;
  for (const Cell& cell : existing.cells()) {
    const CellPlace place = place_of(cell);
    if (cell.type() != CellType::put || !deleted_.covers(place.family, place.qualifier, place.millis)) continue;
    // What is written anew needs no marker, and one would hide it.
    if (written.contains({place.family, place.qualifier, place.millis})) continue;
    const auto family = families_.find(place.family);
    const bool ordered = family != families_.end() && family->second.orders_deletes;
    if (opened != cell.family()) {
      sum_deleted = {};
      opened = cell.family();
      if (ordered) add_first_marker(deletes, opened);
    }
    if (!place.is_sum) {
      deletes.add_column(cell.family(), cell.qualifier(), cell.timestamp());
    } else if (sum_deleted != cell.qualifier()) {  // the column with all that was added so far
      sum_deleted = cell.qualifier();
      deletes.add_columns(cell.family(), cell.qualifier(), ordered ? kLastMarker : cell.timestamp());
    }
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
  using Column = std::pair<std::string_view, std::string_view>;
  if (!puts_.empty()) return Column(puts_.front().family, puts_.front().qualifier);
  if (!sums_.empty()) return Column(sums_.begin()->first);
  return std::nullopt;
}

}  // namespace hbmux::gateway
