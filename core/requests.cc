// Bodies of the request types: checks that are told when the request is executed.
#include "core/bytes.h"
#include "core/cell_block.h"

#include <hbmux/append.h>
#include <hbmux/get.h>
#include <hbmux/increment.h>
#include <hbmux/scan.h>

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

}  // namespace

Mutation::Mutation(std::string_view row, std::int64_t timestamp)
    : row_(row), problem_(row_problem(row)), timestamp_(timestamp) {
  if (problem_.empty() && timestamp < 0) problem_ = "negative timestamp " + std::to_string(timestamp);
}

void Mutation::add_cell(std::string_view family, std::string_view qualifier, std::int64_t timestamp, CellType type,
                        std::string_view value) {
  if (!problem_.empty()) return;
  problem_ = family_problem(family);
  if (problem_.empty() && timestamp < 0) problem_ = "negative timestamp " + std::to_string(timestamp);
  const std::size_t size = core::key_value_size(row_.size(), family.size(), qualifier.size(), value.size());
  if (problem_.empty() && size > 0x7fffffff) problem_ = "a cell of " + std::to_string(size) + " bytes cannot be sent";
  if (!problem_.empty()) return;
  core::append_cell(cells_, row_, family, qualifier, timestamp, type, value);
  ++cell_count_;
  if (size > largest_cell_) largest_cell_ = size;
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
  if (min < 0 || max < 0 || max < min) {
    set_problem("time range [" + std::to_string(min) + ", " + std::to_string(max) +
                ") is negative or ends before it begins");
  }
  time_range_ = {min, max};
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
  std::string behind(prefix);
  while (!behind.empty() && static_cast<std::uint8_t>(behind.back()) == 0xff) behind.pop_back();
  if (!behind.empty()) behind.back() = static_cast<char>(behind.back() + 1);
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

}  // namespace hbmux
