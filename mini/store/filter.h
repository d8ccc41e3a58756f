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

/// A place to seek to: the start of another row, or a column in the current row and family.
struct SeekHint {
  enum class Kind { none, row, column };
  Kind kind = Kind::none;  ///< None: just the next cell.
  std::string row;
  std::string family;
  std::string qualifier;
};

/// Called for each row in this order: filter_row_key, filter_cell for each cell, filter_row_cells, filter_row, reset.
class Filter {
 public:
  virtual ~Filter() = default;
  virtual void reset() {}
  virtual bool filter_all_remaining() { return false; }
  /// True leaves the row out.
  virtual bool filter_row_key(std::string_view) { return filter_all_remaining(); }
  virtual FilterCode filter_cell(const StoredCell&) { return FilterCode::include; }
  /// The cell to answer with instead; null for the cell itself.
  virtual CellRef transform(const StoredCell&) { return nullptr; }
  /// True when a decision needs the whole row: then no partial results are made.
  virtual bool has_filter_row() const { return false; }
  virtual void filter_row_cells(RowCells&) {}
  /// True leaves the row out.
  virtual bool filter_row() { return false; }
  /// After FilterCode::seek_hint.
  virtual SeekHint next_hint(const StoredCell&) { return {}; }
  virtual void set_reversed(bool reversed) { reversed_ = reversed; }

 protected:
  bool is_reversed() const noexcept { return reversed_; }

 private:
  bool reversed_ = false;
};

inline constexpr std::string_view kFilterPackage = "org.apache.hadoop.hbase.filter.";

/// Builds a filter out of a request. Filters may contain filters, `depth` of them already.
Answer<std::unique_ptr<Filter>> make_filter(const pb::Filter& message, int depth = 0);

// By kind; each answers with a null pointer when the name is not one of its own.
using MadeFilter = Answer<std::unique_ptr<Filter>>;
MadeFilter make_value_filter(std::string_view name, const std::string& serialized);
MadeFilter make_row_filter(std::string_view name, const std::string& serialized);
MadeFilter make_column_filter(std::string_view name, const std::string& serialized);
MadeFilter make_filter_list(std::string_view name, const std::string& serialized, int depth);

}  // namespace hbmux::mini
