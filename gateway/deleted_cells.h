// Which cells of a row the deletes of a request cover.
#pragma once

#include <hbmux/query.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace hbmux::gateway {

/// Timestamps, as ranges that neither touch nor overlap.
class TimeRanges {
 public:
  void add(TimeRange range);
  bool contains(std::int64_t millis) const noexcept;
  /// From where each range begins to where it ends.
  const std::map<std::int64_t, std::int64_t>& ranges() const noexcept { return ranges_; }

 private:
  std::map<std::int64_t, std::int64_t> ranges_;
};

/// A row, families, and times of columns. Views live as long as what they were made of.
class DeletedCells {
 public:
  using Column = std::pair<std::string_view, std::string_view>;

  void add_row() noexcept { row_ = true; }
  void add_family(std::string_view family) { families_.insert(family); }
  void add_column(std::string_view family, std::string_view qualifier, TimeRange range) { columns_[{family, qualifier}].add(range); }

  bool empty() const noexcept { return !row_ && families_.empty() && columns_.empty(); }
  bool covers(std::string_view family, std::string_view qualifier, std::int64_t millis) const;
  bool has_row() const noexcept { return row_; }
  bool has_family(std::string_view family) const { return row_ || families_.contains(family); }
  const std::set<std::string_view>& families() const noexcept { return families_; }
  const std::map<Column, TimeRanges>& columns() const noexcept { return columns_; }

 private:
  bool row_ = false;
  std::set<std::string_view> families_;
  std::map<Column, TimeRanges> columns_;
};

}  // namespace hbmux::gateway
