// Reads one row.
#pragma once

#include <hbmux/query.h>

#include <limits>

namespace hbmux {

/// `Get("u42").family("info")`. Without families or columns the whole row is read.
class Get : public Query {
 public:
  explicit Get(std::string_view row);

  const std::string& row() const noexcept { return row_; }

  Get& family(std::string_view family) & { return set_family(family), *this; }
  Get& column(std::string_view family, std::string_view qualifier) & { return set_column(family, qualifier), *this; }
  /// The newest so many versions of each column (default 1).
  Get& versions(int count) & { return set_versions(count), *this; }
  Get& all_versions() & { return set_versions(std::numeric_limits<int>::max()), *this; }
  /// Timestamps in [min, max), in milliseconds.
  Get& time_range(std::int64_t min, std::int64_t max) & { return set_time_range(min, max), *this; }
  /// Exactly this timestamp.
  Get& timestamp(std::int64_t at) & { return set_time_range(at, at + 1), *this; }
  /// Whether the server keeps the blocks it reads in its cache (default true).
  Get& cache_blocks(bool yes) & { return set_cache_blocks(yes), *this; }

  Get&& family(std::string_view f) && { return std::move(family(f)); }
  Get&& column(std::string_view f, std::string_view q) && { return std::move(column(f, q)); }
  Get&& versions(int count) && { return std::move(versions(count)); }
  Get&& all_versions() && { return std::move(all_versions()); }
  Get&& time_range(std::int64_t min, std::int64_t max) && { return std::move(time_range(min, max)); }
  Get&& timestamp(std::int64_t at) && { return std::move(timestamp(at)); }
  Get&& cache_blocks(bool yes) && { return std::move(cache_blocks(yes)); }
  using Query::cache_blocks;
  using Query::time_range;

 private:
  std::string row_;
};

}  // namespace hbmux
