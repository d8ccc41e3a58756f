// What may be found in a row, going by what was asked and what was acknowledged.
#pragma once

#include <hbmux/row.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace hbmux::sim {

/// A row that one actor writes, one mutation after another, each with a timestamp of its own, so that a mutation that
/// comes late changes nothing. All its columns have the same value, which names the row and the timestamp.
class Register {
 public:
  explicit Register(std::string key) : key_(std::move(key)) {}

  const std::string& key() const noexcept { return key_; }
  std::string value(std::int64_t timestamp) const { return key_ + "#" + std::to_string(timestamp); }

  std::int64_t begin(bool is_put) {
    attempts_[++last_] = is_put;
    return last_;
  }
  void acknowledged(std::int64_t timestamp) { known_ = std::max(known_, timestamp); }

  /// What a read that begins now must not fall behind.
  std::int64_t floor() const noexcept { return known_; }
  /// Checks what such a read found, in `columns` columns; the reason when it is wrong.
  std::string check(const Row& row, std::int64_t floor, std::size_t columns);
  std::string check_exists(bool exists, std::int64_t floor) const;

 private:
  bool may_be_gone(std::int64_t floor) const;

  const std::string key_;
  std::map<std::int64_t, bool> attempts_;  ///< By timestamp; true for a put.
  std::int64_t last_ = 0;
  std::int64_t known_ = 0;  ///< The newest that was acknowledged or seen.
};

/// A counter that everybody increments by one.
class Counter {
 public:
  explicit Counter(std::string key) : key_(std::move(key)) {}
  const std::string& key() const noexcept { return key_; }

  void begin() { ++begun_; }
  /// `exact`: no increment may have been applied twice.
  std::string acknowledged(const Row& row, bool exact);
  void acknowledged_without_value() { ++acknowledged_; }
  void read_at_least(std::int64_t value) { seen_ = std::max(seen_, value); }
  std::int64_t floor() const noexcept { return std::max(acknowledged_, seen_); }
  /// What a read found; at the end, when nothing is under way any more, also what it must not exceed.
  std::string check(const Row& row, std::int64_t floor, bool exact);

 private:
  const std::string key_;
  std::int64_t begun_ = 0, acknowledged_ = 0, seen_ = 0;
  std::set<std::int64_t> answers_;
};

/// A value to which everybody appends tokens.
class Journal {
 public:
  explicit Journal(std::string key) : key_(std::move(key)) {}
  const std::string& key() const noexcept { return key_; }

  std::string begin(int actor);
  void acknowledged(const std::string& token) { acknowledged_.insert(token); }
  std::set<std::string> floor() const { return acknowledged_; }
  std::string check(const Row& row, const std::set<std::string>& floor, bool exact) const;

 private:
  const std::string key_;
  std::int64_t last_ = 0;
  std::set<std::string> begun_, acknowledged_;
};

}  // namespace hbmux::sim
