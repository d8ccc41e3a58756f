// Which cells of a family the delete markers before them hide (ScanDeleteTracker.java, NewVersionBehaviorTracker.java).
#pragma once

#include "mini/store/stored_cell.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace hbmux::mini {

/// Told a family's cells in order, it remembers the markers that still matter. A marker hides puts by timestamp alone,
/// also those written after it; with NEW_VERSION_BEHAVIOR only those written before or with it.
class DeleteTracker {
 public:
  enum class Verdict { visible, cell_deleted, column_deleted };

  void reset(bool orders_deletes) noexcept {
    orders_deletes_ = orders_deletes;
    ordered_.clear();
    has_family_stamp_ = false;
    marker_ = nullptr;
    versions_.clear();
  }

  void add(const StoredCell& marker) {
    if (orders_deletes_) return ordered_.push_back(&marker);
    const std::int64_t timestamp = marker.timestamp();
    if (has_family_stamp_ && timestamp <= family_stamp_) return;
    switch (marker.type()) {
      case CellType::delete_family:
        has_family_stamp_ = true;
        family_stamp_ = timestamp;
        return;
      case CellType::delete_family_version: versions_.push_back(timestamp); return;
      default:
        // Of two markers in one column the one of the wider kind and the same timestamp comes first and stays.
        if (marker_ != nullptr && marker.type() < marker_->type() && marker.qualifier() == marker_->qualifier()) return;
        marker_ = &marker;
    }
  }

  Verdict check(const StoredCell& cell) noexcept {
    if (orders_deletes_) return check_ordered(cell);
    const std::int64_t timestamp = cell.timestamp();
    if (has_family_stamp_ && timestamp <= family_stamp_) return Verdict::column_deleted;
    if (!versions_.empty() && std::find(versions_.begin(), versions_.end(), timestamp) != versions_.end()) {
      return Verdict::cell_deleted;
    }
    if (marker_ == nullptr) return Verdict::visible;
    if (cell.qualifier() != marker_->qualifier()) {
      marker_ = nullptr;
      return Verdict::visible;
    }
    if (marker_->type() == CellType::delete_column) return Verdict::column_deleted;
    if (timestamp == marker_->timestamp()) return Verdict::cell_deleted;
    marker_ = nullptr;
    return Verdict::visible;
  }

 private:
  /// Never the whole column: older timestamps may have been written later.
  Verdict check_ordered(const StoredCell& cell) noexcept {
    std::erase_if(ordered_, [&cell](const StoredCell* marker) {
      return is_of_column(*marker) && marker->qualifier() != cell.qualifier();  // of a column that has passed
    });
    const auto hides = [&cell](const StoredCell* marker) {
      if (marker->sequence() < cell.sequence()) return false;
      const bool up_to = marker->type() == CellType::delete_family || marker->type() == CellType::delete_column;
      return up_to ? cell.timestamp() <= marker->timestamp() : cell.timestamp() == marker->timestamp();
    };
    return std::any_of(ordered_.begin(), ordered_.end(), hides) ? Verdict::cell_deleted : Verdict::visible;
  }
  static bool is_of_column(const StoredCell& marker) noexcept {
    return marker.type() == CellType::delete_column || marker.type() == CellType::delete_version;
  }

  bool orders_deletes_ = false;
  std::vector<const StoredCell*> ordered_;
  bool has_family_stamp_ = false;
  std::int64_t family_stamp_ = 0;
  std::vector<std::int64_t> versions_;
  const StoredCell* marker_ = nullptr;
};

}  // namespace hbmux::mini
