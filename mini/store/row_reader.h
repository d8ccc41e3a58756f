// Which cells of a row a reader sees (HBase: StoreScanner.java, UserScanQueryMatcher.java and its trackers).
#pragma once

#include "mini/store/delete_tracker.h"
#include "mini/store/read_spec.h"
#include "mini/store/row_map.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace hbmux::mini {

/// Reads rows one after the other, each family by family: delete markers, time range, time to live, columns, versions,
/// filter, and the limit and offset of a family, in HBase's order.
///
/// Filters may send single families forward to a later row, or end them; a reader remembers that until begin(). Keep
/// one per reading thread (begin() before each get) or scanner; it owns scratch memory.
class RowReader {
 public:
  enum class Part { all, essential, on_demand };

  /// Forgets what filters have said about rows.
  void begin() noexcept {
    if (!ways_.empty()) ways_.clear();
  }
  /// The first cell of the row that a reader comes upon, hidden or not, in a family that it still reads. Null: the row
  /// does not exist for it.
  const StoredCell* first_cell(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, Part part);
  /// Appends the cells of `row` that `spec` asks for and that were written up to `read_point`. Does not call the
  /// filter's functions for rows. When it `tracks`, more_behind() tells for each cell whether the reader had not yet
  /// reached the end of the row.
  void read(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, RowCells& out, Part part = Part::all,
            bool tracks = false);
  const std::vector<bool>& more_behind() const noexcept { return more_behind_; }
  /// The same for the last cell, as long as the row has not changed.
  bool has_more_behind_last() const;
  /// True when filters have ended all families.
  bool is_done(const ReadSpec& spec) const noexcept;

 private:
  enum class Step { include, include_next_column, include_next_row, skip, next_column, next_row, hint, end_family };
  /// Where filters have sent a family to.
  struct Way {
    bool ended = false;
    bool waits = false;
    std::string row;  ///< Until this row, when it waits.
  };

  bool is_wanted(const ReadSpec::Family& family, Part part) const noexcept {
    return part == Part::all || family.on_demand == (part == Part::on_demand);
  }
  bool reads(std::size_t family, std::string_view row) const noexcept;
  Way& way(std::size_t family);
  CellSet::iterator begin_of(std::string_view family);
  bool has_visible(CellSet::iterator at, std::string_view family) const;
  bool has_visible_behind(std::size_t family) const;

  void read_family(std::size_t family);
  bool advance(CellSet::iterator& at, Step step);
  bool follow_hint(CellSet::iterator& at);
  Step match(const StoredCell& cell);
  Step match_column(const StoredCell& cell);
  Step check_column(std::string_view qualifier);
  Step check_versions(const StoredCell& cell);
  Step apply_filter(const StoredCell& cell, Step step);
  bool include(const StoredCell& cell);
  Step after_column(std::string_view qualifier);
  void done_with_column(std::string_view qualifier);
  CellSet::iterator skip_column(CellSet::iterator at);

  bool explicit_columns() const noexcept { return family_->column_count != 0; }
  bool columns_left() const noexcept { return wanted_ < family_->column_count; }
  std::string_view wanted() const noexcept { return spec_->columns[family_->first_column + wanted_]; }
  void forget_version() noexcept { has_last_ = false; }

  StoredRow* row_ = nullptr;
  const ReadSpec* spec_ = nullptr;
  const ReadSpec::Family* family_ = nullptr;
  RowCells* out_ = nullptr;
  std::uint64_t read_point_ = 0;
  Part part_ = Part::all;
  bool tracks_ = false;
  std::size_t last_family_ = 0;  ///< Of the last cell that was taken,
  CellSet::iterator last_at_;    ///< and where the reader stood behind it.
  std::size_t family_index_ = 0;
  std::vector<Way> ways_;  ///< Empty while no filter has said anything.
  std::vector<bool> more_behind_;

  // Of the family being read.
  int checked_versions_ = 1;   ///< Versions that pass before the filter.
  int answered_versions_ = 1;  ///< Versions that are answered with.
  std::int64_t oldest_unexpired_ = 0;
  DeleteTracker deletes_;
  std::uint32_t wanted_ = 0;            ///< Which of the explicit columns is next.
  const StoredCell* column_ = nullptr;  ///< The column whose versions are being counted.
  int versions_ = 0;
  bool has_last_ = false;  ///< Timestamp and type of the last version that counted.
  std::int64_t last_timestamp_ = 0;
  CellType last_type_ = CellType::put;
  const StoredCell* filtered_column_ = nullptr;  ///< The column whose versions passed the filter.
  int filtered_versions_ = 0;
  int per_family_ = 0;
};

/// True when the cell carries a time to live of its own that has passed.
bool is_cell_expired(const StoredCell& cell, std::int64_t now) noexcept;

}  // namespace hbmux::mini
