// What Get and Scan have in common: which cells of a row are wanted.
#pragma once

#include <hbmux/error.h>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace hbmux {

/// Timestamps in milliseconds, from `min` up to but not including `max`.
struct TimeRange {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  bool is_all() const noexcept { return min == 0 && max == std::numeric_limits<std::int64_t>::max(); }
  bool operator==(const TimeRange&) const = default;
};

/// Families mapped to qualifiers; a family without any means all of its columns.
using ColumnMap = std::map<std::string, std::set<std::string>, std::less<>>;

/// A value type. What is wrong with it is told when it is executed, as Errc::invalid_argument.
class Query {
 public:
  const ColumnMap& columns() const noexcept { return columns_; }
  const TimeRange& time_range() const noexcept { return time_range_; }
  std::uint32_t max_versions() const noexcept { return max_versions_; }
  bool cache_blocks() const noexcept { return cache_blocks_; }
  const std::string& problem() const noexcept { return problem_; }

 protected:
  void set_family(std::string_view family);
  void set_column(std::string_view family, std::string_view qualifier);
  void set_versions(int versions);
  void set_time_range(std::int64_t min, std::int64_t max);
  void set_cache_blocks(bool yes) noexcept { cache_blocks_ = yes; }
  void set_problem(std::string problem);

 private:
  ColumnMap columns_;
  TimeRange time_range_;
  std::uint32_t max_versions_ = 1;
  bool cache_blocks_ = true;
  std::string problem_;
};

}  // namespace hbmux
