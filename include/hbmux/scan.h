// Reads many rows in order.
#pragma once

#include <hbmux/query.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hbmux {

/// How the server should read: positioned reads of single blocks, or a stream that reads ahead. DEFAULT begins with the first and changes
/// to the second when the scan turns out to be long.
enum class ReadType : std::uint8_t { default_type = 0, stream = 1, pread = 2 };

/// `Scan().prefix("u").limit(100)`. Without anything it reads the newest version of all columns of the whole table.
/// Defaults are HBase 2's: start row inclusive, stop row exclusive, caching by size (hbase.client.scanner.max.result.size).
/// The setters that are not here are those of QuerySetters.
class Scan : public QuerySetters<Scan> {
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
  ReadType read_type() const noexcept { return read_type_; }
  bool raw() const noexcept { return raw_; }
  bool cursor_results() const noexcept { return cursor_results_; }
  bool scan_metrics() const noexcept { return scan_metrics_ || scan_metrics_by_region_; }
  bool scan_metrics_by_region() const noexcept { return scan_metrics_by_region_; }

  /// First row; for a reversed scan the greatest one. Empty: from the end of the table where the scan begins.
  Scan& start_row(std::string_view row, bool inclusive = true) &;
  /// Last row. Empty: to the other end of the table.
  Scan& stop_row(std::string_view row, bool inclusive = false) &;
  /// Rows that begin with `prefix`: sets both bounds (Java: setStartStopRowForPrefixScan), also of a reversed scan, whichever of the
  /// two is said first.
  Scan& prefix(std::string_view prefix) &;
  Scan& reversed(bool yes) &;
  Scan& limit(std::int64_t rows) &;
  /// One row is enough: limit(1) and ReadType::pread (Java: setOneRowLimit).
  Scan& one_row_limit() & { return limit(1).read_type(ReadType::pread); }
  Scan& caching(int rows) &;
  Scan& batch(int cells) &;
  Scan& max_result_size(std::int64_t bytes) &;
  /// Rows may come in parts (Row::partial), as the server sends them.
  Scan& allow_partial_results(bool yes) & { return allow_partial_results_ = yes, *this; }
  Scan& read_type(ReadType type) & { return read_type_ = type, *this; }
  /// Also delete markers, and cells that they hide as long as they are not compacted away. Only whole families can be read so.
  Scan& raw(bool yes) & { return raw_ = yes, *this; }
  /// While the server searches without finding anything, Rows come that have no cells and say where it is (Row::cursor).
  Scan& cursor_results(bool yes) & { return cursor_results_ = yes, *this; }
  /// Counts what the scan costs, here and at the servers: Scanner::metrics().
  Scan& scan_metrics(bool yes) & { return scan_metrics_ = yes, *this; }
  /// The same, and for each region apart: ScanMetrics::by_region.
  Scan& scan_metrics_by_region(bool yes) & { return scan_metrics_by_region_ = yes, *this; }

  Scan&& start_row(std::string_view row, bool inclusive = true) && { return std::move(start_row(row, inclusive)); }
  Scan&& stop_row(std::string_view row, bool inclusive = false) && { return std::move(stop_row(row, inclusive)); }
  Scan&& prefix(std::string_view p) && { return std::move(prefix(p)); }
  Scan&& reversed(bool yes) && { return std::move(reversed(yes)); }
  Scan&& limit(std::int64_t rows) && { return std::move(limit(rows)); }
  Scan&& one_row_limit() && { return std::move(one_row_limit()); }
  Scan&& caching(int rows) && { return std::move(caching(rows)); }
  Scan&& batch(int cells) && { return std::move(batch(cells)); }
  Scan&& max_result_size(std::int64_t bytes) && { return std::move(max_result_size(bytes)); }
  Scan&& allow_partial_results(bool yes) && { return std::move(allow_partial_results(yes)); }
  Scan&& read_type(ReadType type) && { return std::move(read_type(type)); }
  Scan&& raw(bool yes) && { return std::move(raw(yes)); }
  Scan&& cursor_results(bool yes) && { return std::move(cursor_results(yes)); }
  Scan&& scan_metrics(bool yes) && { return std::move(scan_metrics(yes)); }
  Scan&& scan_metrics_by_region(bool yes) && { return std::move(scan_metrics_by_region(yes)); }

 private:
  void bound_by(std::string_view prefix);

  std::string start_row_;
  std::string stop_row_;
  std::int64_t limit_ = 0;
  std::int64_t max_result_size_ = 0;
  int caching_ = 0;
  int batch_ = 0;
  ReadType read_type_ = ReadType::default_type;
  bool include_start_row_ = true;
  bool include_stop_row_ = false;
  bool reversed_ = false;
  bool by_prefix_ = false;  // the bounds are those of a prefix
  bool allow_partial_results_ = false;
  bool raw_ = false;
  bool cursor_results_ = false;
  bool scan_metrics_ = false;
  bool scan_metrics_by_region_ = false;
};

}  // namespace hbmux
