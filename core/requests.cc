// Bodies of the request types: checks that are told when the request is executed.
#include "core/bytes.h"
#include "core/cell_block.h"

#include <hbmux/append.h>
#include <hbmux/check_and_mutate.h>
#include <hbmux/get.h>
#include <hbmux/increment.h>
#include <hbmux/row_mutations.h>
#include <hbmux/scan.h>

#include <utility>

namespace hbmux {
namespace {

std::string row_problem(std::string_view row) {
  if (row.empty()) return "the row key is empty";
  if (row.size() > core::kMaxRowLength) {
    return "the row key has " + std::to_string(row.size()) + " bytes; HBase allows 32767";
  }
  return {};
}

std::string family_problem(std::string_view family) {
  if (family.empty()) return "the family name is empty";
  if (family.size() > core::kMaxFamilyLength) {
    return "the family name has " + std::to_string(family.size()) + " bytes; HBase allows 127";
  }
  return {};
}

std::string time_range_problem(std::int64_t min, std::int64_t max) {
  if (min >= 0 && max >= min) return {};
  return "time range [" + std::to_string(min) + ", " + std::to_string(max) + ") is negative or ends before it begins";
}

void put_attribute(Attributes& attributes, std::string_view name, std::string_view value) {
  if (value.empty()) {
    if (const auto at = attributes.find(name); at != attributes.end()) attributes.erase(at);
  } else {
    attributes.insert_or_assign(std::string(name), std::string(value));
  }
}

std::string encoded(const std::vector<Tag>& tags) {
  std::string bytes;
  for (const Tag& tag : tags) {
    core::append_be(bytes, static_cast<std::uint16_t>(1 + tag.value.size()));
    bytes.push_back(static_cast<char>(tag.type));
    bytes += tag.value;
  }
  return bytes;
}

}  // namespace

Mutation::Mutation(std::string_view row, std::int64_t timestamp)
    : row_(row), problem_(row_problem(row)), timestamp_(timestamp) {
  if (problem_.empty() && timestamp < 0) problem_ = "negative timestamp " + std::to_string(timestamp);
}

void Mutation::add_cell(std::string_view family, std::string_view qualifier, std::int64_t timestamp, CellType type,
                        std::string_view value, const std::vector<Tag>& tags) {
  if (!problem_.empty()) return;
  problem_ = family_problem(family);
  if (problem_.empty() && timestamp < 0) problem_ = "negative timestamp " + std::to_string(timestamp);
  const std::size_t size = core::key_value_size(row_.size(), family.size(), qualifier.size(), value.size());
  if (problem_.empty() && size > 0x7fffffff) problem_ = "a cell of " + std::to_string(size) + " bytes cannot be sent";
  const std::string tag_bytes = encoded(tags);
  if (problem_.empty() && tag_bytes.size() > 0x7fff) problem_ = "tags of " + std::to_string(tag_bytes.size()) + " bytes; HBase allows 32767";
  if (!problem_.empty()) return;
  has_tags_ = has_tags_ || !tag_bytes.empty();
  core::append_cell(cells_, row_, family, qualifier, timestamp, type, value, tag_bytes);
  ++cell_count_;
  if (size > largest_cell_) largest_cell_ = size;
}

void Mutation::remove_cells(std::string_view family) {
  if (cell_count_ == 0) return;
  const std::string before = std::exchange(cells_, {});
  cell_count_ = 0;
  core::CellBlockReader reader(before);
  while (!reader.at_end()) {
    const Cell cell = *reader.next();  // our own encoding
    if (cell.family() == family) continue;
    core::append_cell(cells_, row_, cell.family(), cell.qualifier(), cell.timestamp(), cell.type(), cell.value(), cell.tags());
    ++cell_count_;
  }
}

void Mutation::set_problem(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

void Mutation::set_attribute(std::string_view name, std::string_view value) { put_attribute(change_options().attributes, name, value); }

void Mutation::set_ttl(std::chrono::milliseconds ttl) {
  if (ttl.count() <= 0) set_problem("a TTL must be positive, not " + std::to_string(ttl.count()) + " ms");
  char bytes[8];
  core::store_be(bytes, static_cast<std::int64_t>(ttl.count()));
  set_attribute("_ttl", {bytes, sizeof bytes});
}

Append& Append::time_range(std::int64_t min, std::int64_t max) & {
  set_problem(time_range_problem(min, max));
  time_range_ = {min, max};
  return *this;
}

Increment& Increment::time_range(std::int64_t min, std::int64_t max) & {
  set_problem(time_range_problem(min, max));
  time_range_ = {min, max};
  return *this;
}

Increment& Increment::add(std::string_view family, std::string_view qualifier, std::int64_t amount) & {
  char bytes[8];
  core::store_be(bytes, amount);
  add_cell(family, qualifier, kLatestTimestamp, CellType::put, {bytes, sizeof bytes});
  return *this;
}

void Query::set_problem(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

void Query::set_family(std::string_view family) {
  set_problem(family_problem(family));
  columns_[std::string(family)].clear();
}

void Query::set_column(std::string_view family, std::string_view qualifier) {
  set_problem(family_problem(family));
  columns_[std::string(family)].emplace(qualifier);
}

void Query::set_versions(int versions) {
  if (versions <= 0) set_problem("max versions must be positive, not " + std::to_string(versions));
  max_versions_ = static_cast<std::uint32_t>(versions);
}

void Query::set_time_range(std::int64_t min, std::int64_t max) {
  set_problem(time_range_problem(min, max));
  time_range_ = {min, max};
}

void Query::set_family_time_range(std::string_view family, std::int64_t min, std::int64_t max) {
  set_problem(family_problem(family));
  set_problem(time_range_problem(min, max));
  change_options().family_time_ranges.insert_or_assign(std::string(family), TimeRange{min, max});
}

void Query::set_filter(Filter filter) {
  set_problem(filter.problem());
  change_options().filter = std::move(filter);
}

void Query::set_attribute(std::string_view name, std::string_view value) { put_attribute(change_options().attributes, name, value); }

void Query::set_isolation_level(IsolationLevel level) {
  const char byte = static_cast<char>(level);
  set_attribute("_isolationlevel_", {&byte, 1});
}

void Query::set_replica_id(int replica) {
  if (replica < 0) set_problem("negative replica id " + std::to_string(replica));
  change_options().replica_id = replica;
}

void Query::set_max_results_per_column_family(int cells) {
  if (cells < -1) set_problem("max results per column family of " + std::to_string(cells) + "; -1 means all");
  change_options().max_results_per_column_family = cells;
}

void Query::set_row_offset_per_column_family(int cells) {
  if (cells < 0) set_problem("negative row offset per column family " + std::to_string(cells));
  change_options().row_offset_per_column_family = cells;
}

Get::Get(std::string_view row) : row_(row) { set_problem(row_problem(row)); }

Scan& Scan::start_row(std::string_view row, bool inclusive) & {
  if (!row.empty()) set_problem(row_problem(row));
  start_row_ = row;
  include_start_row_ = inclusive;
  by_prefix_ = false;
  return *this;
}

Scan& Scan::stop_row(std::string_view row, bool inclusive) & {
  if (!row.empty()) set_problem(row_problem(row));
  stop_row_ = row;
  include_stop_row_ = inclusive;
  by_prefix_ = false;
  return *this;
}

Scan& Scan::prefix(std::string_view prefix) & {
  bound_by(std::string(prefix));
  return *this;
}

Scan& Scan::reversed(bool yes) & {
  const bool turns = yes != reversed_;
  reversed_ = yes;
  if (turns && by_prefix_) bound_by(std::string(yes ? start_row_ : stop_row_));  // the prefix was the lower bound
  return *this;
}

// From the prefix to the first row behind all that begin with it; that row is empty when there can be none.
void Scan::bound_by(std::string_view prefix) {
  const std::string behind = core::row_behind_prefix(prefix);
  start_row(reversed_ ? behind : prefix, !reversed_);
  stop_row(reversed_ ? prefix : behind, reversed_);
  by_prefix_ = true;
}

Scan& Scan::limit(std::int64_t rows) & {
  if (rows < 0) set_problem("negative limit " + std::to_string(rows));
  limit_ = rows;
  return *this;
}

Scan& Scan::caching(int rows) & {
  if (rows < 0) set_problem("negative caching " + std::to_string(rows));
  caching_ = rows;
  return *this;
}

Scan& Scan::batch(int cells) & {
  if (cells < 0) set_problem("negative batch " + std::to_string(cells));
  batch_ = cells;
  return *this;
}

Scan& Scan::max_result_size(std::int64_t bytes) & {
  if (bytes < 0) set_problem("negative maximum result size " + std::to_string(bytes));
  max_result_size_ = bytes;
  return *this;
}

// ---------------------------------------------------------------- several changes of one row

RowMutations::RowMutations(std::string_view row) : row_(row), problem_(row_problem(row)) {}

RowMutations& RowMutations::add(Change change) & {
  std::visit(
      [&](const auto& mutation) {
        if (problem_.empty()) problem_ = mutation.problem();
        if (problem_.empty() && mutation.row() != row_) {
          problem_ = "a mutation of row '" + core::to_string_binary(mutation.row()) + "' among those of row '" +
                     core::to_string_binary(row_) + "'";
        }
      },
      change);
  changes_.push_back(std::move(change));
  return *this;
}

CheckAndMutate::CheckAndMutate(std::string_view row) : row_(row), problem_(row_problem(row)) {}

CheckAndMutate& CheckAndMutate::if_not_exists(std::string_view family, std::string_view qualifier) & {
  return if_matches(family, qualifier, CompareOperator::equal, std::string_view());
}

CheckAndMutate& CheckAndMutate::if_equals(std::string_view family, std::string_view qualifier, std::string_view value) & {
  return if_matches(family, qualifier, CompareOperator::equal, value);
}

CheckAndMutate& CheckAndMutate::if_matches(std::string_view family, std::string_view qualifier, CompareOperator op,
                                           std::string_view value) & {
  set_problem(family_problem(family));
  if (condition_.family || condition_.filter) set_problem("a CheckAndMutate has one condition; use a filter for several");
  condition_.family = std::string(family);
  condition_.qualifier = qualifier;
  condition_.op = op;
  condition_.value = value;
  return *this;
}

CheckAndMutate& CheckAndMutate::if_matches(Filter filter) & {
  set_problem(filter.problem());
  if (condition_.family || condition_.filter) set_problem("a CheckAndMutate has one condition; use a filter for several");
  condition_.filter = std::move(filter);
  return *this;
}

CheckAndMutate& CheckAndMutate::time_range(std::int64_t min, std::int64_t max) & {
  set_problem(time_range_problem(min, max));
  condition_.time_range = {min, max};
  return *this;
}

CheckAndMutate& CheckAndMutate::then(Consequence consequence) & {
  std::visit(
      [&](const auto& mutation) {
        set_problem(mutation.problem());
        if (mutation.row() != row_) {
          set_problem("the mutation is of row '" + core::to_string_binary(mutation.row()) + "', the condition of row '" +
                      core::to_string_binary(row_) + "'");
        }
      },
      consequence);
  consequence_ = std::move(consequence);
  return *this;
}

void CheckAndMutate::set_problem(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

std::string CheckAndMutate::problem() const {
  if (!problem_.empty()) return problem_;
  if (!condition_.family && !condition_.filter) return "a CheckAndMutate without a condition";
  if (!consequence_) return "a CheckAndMutate without a mutation";
  return {};
}

}  // namespace hbmux
