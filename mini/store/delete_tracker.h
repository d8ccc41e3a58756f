// Which cells of a family the delete markers before them hide (ScanDeleteTracker.java).
#pragma once

#include "mini/store/stored_cell.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace hbmux::mini {

/// Told a family's cells in order, it remembers the markers that still matter. A marker hides puts by timestamp alone,
/// also those written after it.
class DeleteTracker {
 public:
  enum class Verdict { visible, cell_deleted, column_deleted };

  void reset() noexcept {
    has_family_stamp_ = false;
    marker_ = nullptr;
    versions_.clear();
  }

  void add(const StoredCell& marker) {
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
  bool has_family_stamp_ = false;
  std::int64_t family_stamp_ = 0;
  std::vector<std::int64_t> versions_;
  const StoredCell* marker_ = nullptr;
};

}  // namespace hbmux::mini
