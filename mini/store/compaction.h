// What a flush or a compaction leaves of a row (HBase: CompactionScanQueryMatcher.java and what is made of it).
#pragma once

#include "mini/store/delete_tracker.h"
#include "mini/store/family_settings.h"
#include "mini/store/row_map.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// One pass over rows. It looks only at the cells in its scope and judges them as if there were no others: a flush does
/// not know what lies in files, and a compaction not what lies in memory.
class Compaction {
 public:
  struct Scope {
    bool memory = false;         ///< Cells written after the last flush.
    bool files = false;          ///< Those from before.
    bool drops_deletes = false;  ///< Delete markers go once what they hide is gone, unless the family keeps them.
  };
  /// Puts before this time do not exist, family by family: what decides when a marker that is kept may go.
  using EarliestPuts = std::map<std::string, std::int64_t, std::less<>>;

  /// Cells up to the write `flushed` are in files.
  Compaction(const Families& families, Scope scope, std::uint64_t flushed, std::int64_t now)
      : families_(families), scope_(scope), flushed_(flushed), now_(now) {}

  /// Before rows are passed: looks for the earliest puts of families that keep deleted cells.
  void look_at(StoredRow& row);
  /// Removes what goes from the row, cells of families that do not exist among it. The row itself stays, even empty.
  void pass(StoredRow& row);

  std::size_t freed_bytes() const noexcept { return freed_bytes_; }
  std::size_t dropped_markers() const noexcept { return dropped_markers_; }

 private:
  enum class Verdict { keep, drop, drop_column };

  bool is_in_scope(const StoredCell& cell) const noexcept {
    return cell.sequence() > flushed_ ? scope_.memory : scope_.files;
  }
  Verdict judge(const StoredCell& cell);
  Verdict judge_marker(const StoredCell& marker, bool& decided);
  Verdict judge_version(const StoredCell& cell);
  CellSet::iterator drop(StoredRow& row, CellSet::iterator at);
  CellSet::iterator drop_column(StoredRow& row, CellSet::iterator at);

  const Families& families_;
  const Scope scope_;
  const std::uint64_t flushed_;
  const std::int64_t now_;
  EarliestPuts earliest_puts_;
  std::size_t freed_bytes_ = 0, dropped_markers_ = 0;

  // Of the row being passed.
  const FamilySettings* family_ = nullptr;
  std::int64_t oldest_unexpired_ = 0;
  DeleteTracker deletes_;
  const StoredCell* column_ = nullptr;
  const StoredCell* last_ = nullptr;
  int versions_ = 0;
  std::vector<CellRef> dropped_;  ///< Kept alive until the row is done: the above point at them.
};

}  // namespace hbmux::mini
