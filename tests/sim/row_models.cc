#include "tests/sim/row_models.h"

#include "core/bytes.h"

#include <algorithm>

namespace hbmux::sim {

// ---------------------------------------------------------------- Register

bool Register::may_be_gone(std::int64_t floor) const {
  if (floor == 0) return true;
  return std::any_of(attempts_.lower_bound(floor), attempts_.end(),
                     [](const auto& attempt) { return !attempt.second; });
}

std::string Register::check(const Row& row, std::int64_t floor, std::size_t columns) {
  if (row.empty()) {
    return may_be_gone(floor) ? std::string() : key_ + " is not there, though #" + std::to_string(floor) + " is known";
  }
  const std::int64_t timestamp = row[0].timestamp();
  const std::string found = "#" + std::to_string(timestamp);
  if (row.row() != key_) return "asked for " + key_ + ", got " + std::string(row.row());
  if (row.size() != columns) return key_ + found + " has " + std::to_string(row.size()) + " columns";
  for (const Cell& cell : row) {
    if (cell.timestamp() != timestamp) return key_ + " is torn: " + found + " and #" + std::to_string(cell.timestamp());
    if (cell.value() != value(timestamp)) return key_ + found + " has the value " + std::string(cell.value());
  }
  const auto attempt = attempts_.find(timestamp);
  if (attempt == attempts_.end() || !attempt->second) return key_ + found + " was never put";
  if (timestamp < floor) return key_ + found + " is older than #" + std::to_string(floor) + ", which is known";
  known_ = std::max(known_, timestamp);
  return {};
}

std::string Register::check_exists(bool exists, std::int64_t floor) const {
  if (!exists) return may_be_gone(floor) ? std::string() : key_ + " does not exist, though it is known";
  const bool may_be =
      std::any_of(attempts_.lower_bound(floor), attempts_.end(), [](const auto& attempt) { return attempt.second; });
  return may_be ? std::string() : key_ + " exists, though it was deleted";
}

// ---------------------------------------------------------------- Counter

namespace {

/// -1 when it is no counter's row.
std::int64_t counter_value(const Row& row) {
  if (row.empty()) return 0;
  if (row.size() != 1 || row[0].value().size() != 8) return -1;
  return static_cast<std::int64_t>(core::load_be<std::uint64_t>(row[0].value().data()));
}

}  // namespace

std::string Counter::acknowledged(const Row& row, bool exact) {
  ++acknowledged_;
  const std::int64_t value = counter_value(row);
  if (value < 1) return key_ + " was incremented, and has no value";
  if (exact && value > begun_) return key_ + " counts " + std::to_string(value) + " of " + std::to_string(begun_);
  seen_ = std::max(seen_, value);
  if (!answers_.insert(value).second) return key_ + " gave " + std::to_string(value) + " to two increments";
  return {};
}

std::string Counter::check(const Row& row, std::int64_t floor, bool exact) {
  const std::int64_t value = counter_value(row);
  if (!row.empty() && row.row() != key_) return "asked for " + key_ + ", got " + std::string(row.row());
  if (value < floor) return key_ + " is " + std::to_string(value) + ", though " + std::to_string(floor) + " is known";
  if (exact && value > begun_) return key_ + " counts " + std::to_string(value) + " of " + std::to_string(begun_);
  seen_ = std::max(seen_, value);
  return {};
}

// ---------------------------------------------------------------- Journal

std::string Journal::begin(int actor) {
  std::string token = std::to_string(actor) + "." + std::to_string(++last_) + ";";
  begun_.insert(token);
  return token;
}

std::string Journal::check(const Row& row, const std::set<std::string>& floor, bool exact) const {
  if (!row.empty() && row.row() != key_) return "asked for " + key_ + ", got " + std::string(row.row());
  std::string_view rest = row.empty() ? std::string_view() : row[0].value();
  std::set<std::string> found;
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string token(rest.substr(0, end == std::string_view::npos ? end : end + 1));
    rest.remove_prefix(token.size());
    if (!begun_.contains(token)) return key_ + " holds " + token + ", which nobody appended";
    if (!found.insert(token).second && exact) return key_ + " holds " + token + " twice";
  }
  if (!std::ranges::includes(found, floor)) return key_ + " has lost what was appended";
  return {};
}

}  // namespace hbmux::sim
