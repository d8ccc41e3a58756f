// Reads many rows in order.
#pragma once

#include <hbmux/query.h>

#include <limits>

namespace hbmux {

/// `Scan().prefix("u").limit(100)`. Without anything it reads the newest version of all columns of the whole table.
/// Defaults are HBase 2's: start row inclusive, stop row exclusive, caching by size (hbase.client.scanner.max.result.size).
class Scan : public Query {
 public:
  Scan() = default;

  const std::string& start_row() const noexcept { return start_row_; }
  const std::string& stop_row() const noexcept { return stop_row_; }
  bool include_start_row() const noexcept { return include_start_row_; }
  bool include_stop_row() const noexcept { return include_stop_row_; }
  bool reversed() const noexcept { return reversed_; }
  /// Rows in all; 0 means no limit.
  std::int64_t limit() const noexcept { return limit_; }
  /// Rows an RPC may bring; 0 takes hbase.client.scanner.caching.
  int caching() const noexcept { return caching_; }
  /// Cells a Row may have; 0 for whole rows.
  int batch() const noexcept { return batch_; }
  /// Bytes an RPC may bring; 0 takes hbase.client.scanner.max.result.size.
  std::int64_t max_result_size() const noexcept { return max_result_size_; }
  bool allow_partial_results() const noexcept { return allow_partial_results_; }

  /// First row; for a reversed scan the greatest one. Empty: from the end of the table where the scan begins.
  Scan& start_row(std::string_view row, bool inclusive = true) &;
  /// Last row. Empty: to the other end of the table.
  Scan& stop_row(std::string_view row, bool inclusive = false) &;
  /// Rows that begin with `prefix`: sets both bounds (Java: setStartStopRowForPrefixScan), also of a reversed scan, whichever of the
  /// two is said first.
  Scan& prefix(std::string_view prefix) &;
  Scan& family(std::string_view family) & { return set_family(family), *this; }
  Scan& column(std::string_view family, std::string_view qualifier) & { return set_column(family, qualifier), *this; }
  Scan& versions(int count) & { return set_versions(count), *this; }
  Scan& all_versions() & { return set_versions(std::numeric_limits<int>::max()), *this; }
  Scan& time_range(std::int64_t min, std::int64_t max) & { return set_time_range(min, max), *this; }
  Scan& timestamp(std::int64_t at) & { return set_time_range(at, at + 1), *this; }
  Scan& reversed(bool yes) &;
  Scan& limit(std::int64_t rows) &;
  Scan& caching(int rows) &;
  Scan& batch(int cells) &;
  Scan& max_result_size(std::int64_t bytes) &;
  /// Rows may come in parts (Row::partial), as the server sends them.
  Scan& allow_partial_results(bool yes) & { return allow_partial_results_ = yes, *this; }
  Scan& cache_blocks(bool yes) & { return set_cache_blocks(yes), *this; }

  Scan&& start_row(std::string_view row, bool inclusive = true) && { return std::move(start_row(row, inclusive)); }
  Scan&& stop_row(std::string_view row, bool inclusive = false) && { return std::move(stop_row(row, inclusive)); }
  Scan&& prefix(std::string_view p) && { return std::move(prefix(p)); }
  Scan&& family(std::string_view f) && { return std::move(family(f)); }
  Scan&& column(std::string_view f, std::string_view q) && { return std::move(column(f, q)); }
  Scan&& versions(int count) && { return std::move(versions(count)); }
  Scan&& all_versions() && { return std::move(all_versions()); }
  Scan&& time_range(std::int64_t min, std::int64_t max) && { return std::move(time_range(min, max)); }
  Scan&& timestamp(std::int64_t at) && { return std::move(timestamp(at)); }
  Scan&& reversed(bool yes) && { return std::move(reversed(yes)); }
  Scan&& limit(std::int64_t rows) && { return std::move(limit(rows)); }
  Scan&& caching(int rows) && { return std::move(caching(rows)); }
  Scan&& batch(int cells) && { return std::move(batch(cells)); }
  Scan&& max_result_size(std::int64_t bytes) && { return std::move(max_result_size(bytes)); }
  Scan&& allow_partial_results(bool yes) && { return std::move(allow_partial_results(yes)); }
  Scan&& cache_blocks(bool yes) && { return std::move(cache_blocks(yes)); }
  using Query::cache_blocks;
  using Query::time_range;

 private:
  void bound_by(std::string_view prefix);

  std::string start_row_;
  std::string stop_row_;
  std::int64_t limit_ = 0;
  std::int64_t max_result_size_ = 0;
  int caching_ = 0;
  int batch_ = 0;
  bool include_start_row_ = true;
  bool include_stop_row_ = false;
  bool reversed_ = false;
  bool by_prefix_ = false;  // the bounds are those of a prefix
  bool allow_partial_results_ = false;
};

}  // namespace hbmux
