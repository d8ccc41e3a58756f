// Which cells of a row a reader sees (HBase: UserScanQueryMatcher.java and its trackers).
#pragma once

#include "mini/store/delete_tracker.h"
#include "mini/store/read_spec.h"
#include "mini/store/row_map.h"

#include <cstdint>
#include <limits>

namespace hbmux::mini {

/// Reads whole rows, family by family: delete markers, time range, time to live, columns, versions, filter, and the
/// limit and offset of a family, in HBase's order. Keep one per reading thread or scanner; it owns scratch memory.
class RowReader {
 public:
  /// Appends the cells of `row` that `spec` asks for and that were written up to `read_point`. Does not call the
  /// filter's functions for rows.
  void read(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, RowCells& out);

 private:
  enum class Step { next_cell, next_column, next_family };

  void read_family(StoredRow& row, const ReadSpec& spec, const ReadSpec::Family& family);
  Step match(const StoredCell& cell);
  Step match_column(const StoredCell& cell);
  Step apply_filter(const StoredCell& cell, Step step);
  Step include(const StoredCell& cell, Step step);
  Step after_column(std::string_view qualifier);
  bool next_wanted(std::string_view qualifier);
  CellSet::iterator skip_column(CellSet::iterator at);
  CellSet::iterator skip_empty_column(CellSet::iterator at);
  CellSet::iterator seek(CellSet::iterator at, std::string_view qualifier);

  bool explicit_columns() const noexcept { return family_->column_count != 0; }
  std::string_view wanted() const noexcept { return spec_->columns[family_->first_column + wanted_]; }

  StoredRow* row_ = nullptr;
  const ReadSpec* spec_ = nullptr;
  const ReadSpec::Family* family_ = nullptr;
  RowCells* out_ = nullptr;
  std::uint64_t read_point_ = 0;
  int checked_versions_ = 1;   ///< Versions that pass before the filter.
  int answered_versions_ = 1;  ///< Versions that are answered with.
  std::int64_t oldest_unexpired_ = 0;
  DeleteTracker deletes_;
  std::uint32_t wanted_ = 0;             ///< Which of the explicit columns is next.
  const StoredCell* column_ = nullptr;   ///< The column whose versions are being counted.
  const StoredCell* counted_ = nullptr;  ///< The last version that counted.
  int versions_ = 0;
  int filtered_versions_ = 0;
  int per_family_ = 0;
  SeekHint hint_;
  bool has_hint_ = false;
};

/// True when the cell carries a time to live of its own that has passed.
bool is_cell_expired(const StoredCell& cell, std::int64_t now) noexcept;

}  // namespace hbmux::mini
