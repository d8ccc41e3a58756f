#include "mini/store/compaction.h"

#include "mini/store/row_reader.h"

#include <algorithm>
#include <limits>

namespace hbmux::mini {

void Compaction::look_at(StoredRow& row) {
  if (!scope_.drops_deletes) return;
  for (const StoredCell& cell : row.cells) {
    if (cell.is_delete() || !is_in_scope(cell)) continue;
    auto found = earliest_puts_.find(cell.family());
    if (found == earliest_puts_.end()) {
      earliest_puts_.emplace(cell.family(), cell.timestamp());
    } else {
      found->second = std::min(found->second, cell.timestamp());
    }
  }
}

void Compaction::pass(StoredRow& row) {
  family_ = nullptr;
  for (auto at = row.cells.begin(); at != row.cells.end();) {
    const StoredCell& cell = *at;
    if (family_ == nullptr || family_->name != cell.family()) {
      const auto found = families_.find(cell.family());
      if (found == families_.end()) {
        at = drop(row, at);
        continue;
      }
      family_ = &found->second;
      oldest_unexpired_ = family_->oldest_unexpired(now_);
      deletes_.reset(family_->orders_deletes);
      column_ = last_ = nullptr;
    }
    if (!is_in_scope(cell)) {
      ++at;
      continue;
    }
    switch (judge(cell)) {
      case Verdict::keep: ++at; break;
      case Verdict::drop: at = drop(row, at); break;
      case Verdict::drop_column: at = drop_column(row, at); break;
    }
  }
  dropped_.clear();
}

Compaction::Verdict Compaction::judge(const StoredCell& cell) {
  if (family_->min_versions <= 0 && cell.timestamp() < oldest_unexpired_) return Verdict::drop_column;
  if (!cell.tags().empty() && is_cell_expired(cell, now_)) return Verdict::drop;
  if (cell.is_delete()) {
    bool decided = true;
    const Verdict verdict = judge_marker(cell, decided);
    if (decided) return verdict;
  } else {
    switch (deletes_.check(cell)) {
      case DeleteTracker::Verdict::visible: break;
      case DeleteTracker::Verdict::cell_deleted: return Verdict::drop;
      case DeleteTracker::Verdict::column_deleted: return Verdict::drop_column;
    }
  }
  return judge_version(cell);
}

Compaction::Verdict Compaction::judge_marker(const StoredCell& marker, bool& decided) {
  using KeepDeleted = FamilySettings::KeepDeleted;
  const bool keeps = family_->keep_deleted == KeepDeleted::yes ||
                     (family_->keep_deleted == KeepDeleted::ttl && marker.timestamp() >= oldest_unexpired_);
  if (!keeps) deletes_.add(marker);
  if (!scope_.drops_deletes) return Verdict::keep;
  if (!keeps) return Verdict::drop;
  const auto earliest = earliest_puts_.find(marker.family());
  if (earliest == earliest_puts_.end() || marker.timestamp() < earliest->second) return Verdict::drop_column;
  decided = false;
  return Verdict::keep;
}

Compaction::Verdict Compaction::judge_version(const StoredCell& cell) {
  if (column_ == nullptr || column_->qualifier() != cell.qualifier()) {
    column_ = &cell;
    last_ = nullptr;
    versions_ = 0;
  } else if (last_ != nullptr && last_->timestamp() == cell.timestamp() && last_->type() == cell.type()) {
    return Verdict::drop;
  }
  if (!cell.is_delete()) ++versions_;
  const bool expired = cell.timestamp() < oldest_unexpired_;
  if (versions_ > family_->max_versions || (expired && versions_ > family_->min_versions)) return Verdict::drop_column;
  last_ = &cell;
  return Verdict::keep;
}

CellSet::iterator Compaction::drop(StoredRow& row, CellSet::iterator at) {
  freed_bytes_ += at->size();
  if (at->is_delete()) ++dropped_markers_;
  dropped_.emplace_back(&*at);
  return RowMap::erase_cell(row, at);
}

/// The rest of the column goes unread, markers too; but the column without a name, which has the family's markers, is
/// gone through one version after the other.
CellSet::iterator Compaction::drop_column(StoredRow& row, CellSet::iterator at) {
  const StoredCell& from = *at;
  at = drop(row, at);
  while (at != row.cells.end() && same_column(*at, from)) {
    if (from.qualifier().empty() && !goes_with(from, *at)) break;
    if (is_in_scope(*at)) {
      at = drop(row, at);
    } else {
      ++at;
    }
  }
  return at;
}

}  // namespace hbmux::mini
