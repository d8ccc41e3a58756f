// What a filter may say about rows and cells while they are read (Filter.java).
#pragma once

#include "mini/remote_exception.h"
#include "mini/store/stored_cell.h"

#include <hbmux/pb/Filter.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

enum class FilterCode {
  include,
  include_and_next_column,
  include_and_next_row,
  skip,
  next_column,
  next_row,
  seek_hint,
};

/// The cells chosen from one row. `made` owns those that a filter made anew.
struct RowCells {
  std::vector<const StoredCell*> cells;
  std::vector<CellRef> made;
  void clear() noexcept {
    cells.clear();
    made.clear();
  }
};

/// The key that a reader may go on at: everything before it is of no interest. Ordered as keys of cells are.
struct SeekHint {
  std::string row;
  std::string family;  ///< Empty: the start of the row.
  std::string qualifier;
  std::int64_t timestamp = kLatestTimestamp;
  std::uint8_t type = kFirstType;

  static constexpr std::uint8_t kFirstType = 255, kLastType = 0;  ///< Before and behind all cells of a timestamp.

  static SeekHint first_on_row(std::string_view row) {
    return {std::string(row), {}, {}, kLatestTimestamp, kFirstType};
  }
  static SeekHint first_on_column(const StoredCell& cell, std::string_view qualifier) {
    return {std::string(cell.row()), std::string(cell.family()), std::string(qualifier), kLatestTimestamp, kFirstType};
  }
  /// Below zero: the hint lies before the cell.
  int compare(const StoredCell& cell) const noexcept;
  int compare(const SeekHint& other) const noexcept;
};

/// Called for each row in this order: filter_row_key with the first of its cells, filter_cell for each cell,
/// filter_row_cells, filter_row, reset. After filter_row_key has left a row out, its cells may be shown nevertheless.
class Filter {
 public:
  virtual ~Filter() = default;
  virtual void reset() {}
  virtual bool filter_all_remaining() { return false; }
  /// True leaves the row out.
  virtual bool filter_row_key(const StoredCell&) { return filter_all_remaining(); }
  virtual FilterCode filter_cell(const StoredCell&) { return FilterCode::include; }
  /// The cell to answer with instead; null for the cell itself.
  virtual CellRef transform(const StoredCell&) { return nullptr; }
  /// True when a decision needs the whole row: then no partial results are made.
  virtual bool has_filter_row() const { return false; }
  virtual void filter_row_cells(RowCells&) {}
  /// True leaves the row out.
  virtual bool filter_row() { return false; }
  /// After FilterCode::seek_hint; none: just the next cell.
  virtual std::optional<SeekHint> next_hint(const StoredCell&) { return std::nullopt; }
  /// One whose hints count in a list even where another filter has left the cell out (HintingFilter.java).
  virtual bool is_hinting() const { return false; }
  /// False when a row can be left out without a look at this family.
  virtual bool is_essential(std::string_view /*family*/) const { return true; }
  virtual void set_reversed(bool reversed) { reversed_ = reversed; }

 protected:
  bool is_reversed() const noexcept { return reversed_; }

 private:
  bool reversed_ = false;
};

/// With its last byte that can grow made one larger (as a signed byte, as HBase does it).
std::string increased_bytes(std::string bytes);

/// Builds a filter out of a request. Filters may contain filters, `depth` of them already.
Answer<std::unique_ptr<Filter>> make_filter(const pb::Filter& message, int depth = 0);

// By kind; each answers with a null pointer when the name is not one of its own.
using MadeFilter = Answer<std::unique_ptr<Filter>>;
MadeFilter make_value_filter(std::string_view name, const std::string& serialized);
MadeFilter make_row_filter(std::string_view name, const std::string& serialized);
MadeFilter make_seek_filter(std::string_view name, const std::string& serialized);
MadeFilter make_column_filter(std::string_view name, const std::string& serialized);
MadeFilter make_filter_list(std::string_view name, const std::string& serialized, int depth);

}  // namespace hbmux::mini
