// What a get or a scan answers with: the cells of one row.
#pragma once

#include <hbmux/cell.h>

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux {

/// What reading a row cost its server.
struct QueryMetrics {
  std::uint64_t block_bytes_scanned = 0;  ///< Of the blocks that were read for it, from the cache too.
  bool operator==(const QueryMetrics&) const = default;
};

/// The cells of one row (Java: Result), in HBase's order: family, qualifier, then newest first. An empty Row is how "no
/// such row" looks; it is not an error. Cheap to move; a copy shares cells and bytes. The rows of one answer share their memory: one Row that
/// is kept keeps that of all. Distinct Rows may be used from distinct threads.
class Row {
 public:
  using const_iterator = const Cell*;

  Row() = default;
  /// `owner` keeps the bytes of `cells` alive.
  Row(std::shared_ptr<const void> owner, std::vector<Cell> cells, bool exists, bool partial = false);
  /// `cells` and their bytes live as long as `owner`.
  Row(std::shared_ptr<const void> owner, std::span<const Cell> cells, bool exists, bool partial = false) noexcept
      : data_(std::move(owner), cells.data()), size_(static_cast<std::uint32_t>(cells.size())), exists_(exists), partial_(partial) {}

  /// True when the row has a cell that was asked for.
  bool exists() const noexcept { return exists_ || size_ != 0; }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  const_iterator begin() const noexcept { return cells().data(); }
  const_iterator end() const noexcept { return begin() + size_; }
  const Cell& operator[](std::size_t i) const noexcept { return begin()[i]; }
  std::span<const Cell> cells() const noexcept { return {static_cast<const Cell*>(data_.get()), size_}; }

  /// The row key; empty when there are no cells.
  std::string_view row() const noexcept { return empty() ? std::string_view() : begin()->row(); }
  /// The newest cell of a column.
  std::optional<Cell> latest(std::string_view family, std::string_view qualifier) const noexcept;
  /// The newest value of a column; the view lives as long as this Row.
  std::optional<std::string_view> value(std::string_view family, std::string_view qualifier) const noexcept;
  /// The cells of a column that came, newest first (Java: getColumnCells).
  std::span<const Cell> column(std::string_view family, std::string_view qualifier) const noexcept;
  /// True when more cells of this row follow in the next Row (only where partial results were allowed, or with a batch).
  bool partial() const noexcept { return partial_; }
  /// True when a secondary replica answered, whose data may be out of date (Consistency::timeline).
  bool stale() const noexcept { return stale_; }
  /// Where a scan is that has found nothing to answer with yet (Scan::cursor_results); nothing for a row with data. The view lives as long
  /// as this Row.
  std::optional<std::string_view> cursor() const noexcept {
    if (!is_cursor_) return std::nullopt;
    return *static_cast<const std::string*>(data_.get());
  }
  static Row of_cursor(std::string row) {
    Row cursor;
    cursor.data_ = std::make_shared<const std::string>(std::move(row));
    cursor.is_cursor_ = true;
    return cursor;
  }
  void set_stale(bool yes) noexcept { stale_ = yes; }
  /// Where the query asked for them (QuerySetters::query_metrics) and the server knows them. A scan's row that came in parts and was put together has none.
  std::optional<QueryMetrics> metrics() const noexcept {
    return has_metrics_ ? std::optional(QueryMetrics{block_bytes_scanned_}) : std::nullopt;
  }
  void set_metrics(const QueryMetrics& metrics) noexcept {
    block_bytes_scanned_ = metrics.block_bytes_scanned;
    has_metrics_ = true;
  }
  /// What keeps the bytes alive; for code that keeps single Cells for longer than the Row.
  const std::shared_ptr<const void>& owner() const noexcept { return data_; }

 private:
  std::shared_ptr<const void> data_;  // points to the first cell, or to the text of a cursor; shares what keeps it alive
  std::uint64_t block_bytes_scanned_ = 0;
  std::uint32_t size_ = 0;
  bool exists_ : 1 = false;
  bool partial_ : 1 = false;
  bool stale_ : 1 = false;
  bool is_cursor_ : 1 = false;
  bool has_metrics_ : 1 = false;
};

/// As Java prints a Result: "keyvalues={cell, cell}", or "keyvalues=NONE".
std::ostream& operator<<(std::ostream& out, const Row& row);

}  // namespace hbmux
