#include "mini/store/region_scanner.h"

#include <iterator>

namespace hbmux::mini {
namespace {

constexpr int kRowsPerTimeCheck = 64;

}  // namespace

void ScanBatch::clear() {
  cells.clear();
  cells_per_result.clear();
  partial.clear();
  more_results = more_in_region = true;
  heartbeat = false;
  cursor.clear();
  rows_seen = rows_filtered = 0;
}

Answer<std::unique_ptr<RegionScanner>> RegionScanner::open(const pb::Scan& scan, RegionStore& store, std::int64_t now) {
  std::unique_ptr<RegionScanner> scanner(new RegionScanner(scan, store));
  if (auto made = read_spec_of(scanner->scan_, store.families(), store.name(), now, scanner->spec_); !made) {
    store.open_read_point(scanner->read_point_);  // balanced by the destructor
    return made.error();
  }
  if (scan.mvcc_read_point() != 0) scanner->read_point_ = scan.mvcc_read_point();
  scanner->position_ = scan.start_row();
  scanner->include_position_ = scan.include_start_row();
  // Clients before 1.4 have no such flags: their scan from a row to itself is a get.
  scanner->include_stop_ = scan.has_include_stop_row()
                               ? scan.include_stop_row()
                               : !scan.start_row().empty() && scan.start_row() == scan.stop_row();
  store.open_read_point(scanner->read_point_);
  return scanner;
}

RegionScanner::~RegionScanner() { store_->close_read_point(read_point_); }

bool RegionScanner::in_bounds(const RegionStore& store, std::string_view row) const {
  if (scan_.stop_row().empty()) return true;
  int c = const_cast<RegionStore&>(store).rows().compare(row, scan_.stop_row());
  if (scan_.reversed()) c = -c;
  return c < 0 || (c == 0 && include_stop_);
}

/// The next row in the direction of the scan, or null at the end of the region or of the scan.
StoredRow* RegionScanner::next_row(RegionStore& store) {
  RowMap& rows = store.rows();
  const bool open_start = from_start_ && position_.empty();
  RowMap::iterator at;
  if (!scan_.reversed()) {
    at = open_start ? rows.begin() : include_position_ ? rows.lower_bound(position_) : rows.upper_bound(position_);
    if (at == rows.end()) return nullptr;
  } else {
    at = open_start ? rows.end() : include_position_ ? rows.upper_bound(position_) : rows.lower_bound(position_);
    if (at == rows.begin()) return nullptr;
    --at;
  }
  return in_bounds(store, at->key()) ? &*at : nullptr;
}

bool RegionScanner::has_more_rows(RegionStore& store) { return !exhausted_ && next_row(store) != nullptr; }

/// Loads the next row that has something to answer with. False at the end, or (with a heartbeat) when time is up.
bool RegionScanner::load_row(RegionStore& store, const ScanLimits& limits, ScanBatch& batch) {
  row_.clear();
  held_.clear();
  emitted_ = 0;
  for (int passed = 1; !exhausted_; ++passed) {
    StoredRow* row = filter_is_done() ? nullptr : next_row(store);
    if (row == nullptr) {
      exhausted_ = true;
      break;
    }
    position_ = row->key();
    from_start_ = include_position_ = false;
    ++batch.rows_seen;
    if (store.read_row(*row, spec_, read_point_, reader_, row_)) return true;
    ++batch.rows_filtered;
    if (limits.out_of_time && passed % kRowsPerTimeCheck == 0 && limits.out_of_time()) {
      batch.heartbeat = true;
      batch.cursor = position_;
      return false;
    }
  }
  return false;
}

bool RegionScanner::emit(const ScanLimits& limits, std::size_t& bytes, ScanBatch& batch) {
  const bool whole = spec_.filter && spec_.filter->has_filter_row();
  const std::size_t batch_size = scan_.batch_size();
  std::uint32_t count = 0;
  while (emitted_ < row_.cells.size()) {
    if (batch_size != 0 && count == batch_size && !whole) break;
    if (limits.partials && !whole && count != 0 && bytes >= limits.bytes) break;
    const StoredCell* cell = row_.cells[emitted_++];
    bytes += cell->size() + 4;
    batch.cells.cells.push_back(cell);
    ++count;
  }
  const bool more = emitted_ < row_.cells.size();
  batch.cells_per_result.push_back(count);
  batch.partial.push_back(more);
  return more;
}

/// Counts a complete row; true when that was the last one the client wants.
bool RegionScanner::count_row(const ScanLimits& limits, int& rows, ScanBatch& batch) const {
  if (limits.rows <= 0 || ++rows < limits.rows) return false;
  batch.more_results = false;
  return true;
}

void RegionScanner::next(RegionStore& store, const ScanLimits& limits, ScanBatch& batch) {
  batch.clear();
  std::size_t bytes = 0;
  int rows = 0;
  while (static_cast<int>(batch.cells_per_result.size()) < limits.results) {
    if (emitted_ == row_.cells.size()) {
      // Cells made by a filter belong to the row that is about to be replaced.
      for (auto& made : row_.made) batch.cells.made.push_back(std::move(made));
      for (auto& held : held_) batch.cells.made.push_back(std::move(held));
      if (!load_row(store, limits, batch)) break;
      if (last_was_partial_ && position_ != row_of_last_partial_) {
        last_was_partial_ = false;
        if (count_row(limits, rows, batch)) break;
      }
    }
    last_was_partial_ = emit(limits, bytes, batch);
    if (last_was_partial_) {
      row_of_last_partial_ = position_;
    } else if (count_row(limits, rows, batch)) {
      break;
    }
    if (bytes >= limits.bytes) break;
    if (limits.out_of_time && limits.out_of_time()) {
      batch.heartbeat = true;
      batch.cursor = position_;
      break;
    }
  }
  const bool rest_of_row = emitted_ < row_.cells.size();
  batch.more_in_region = rest_of_row || (!exhausted_ && !filter_is_done() && has_more_rows(store));
  if (!batch.more_in_region) batch.heartbeat = false;
  if (batch.cells_per_result.empty() && filter_is_done()) batch.more_results = false;
  // What is left of the row must outlive changes of the store until the next call.
  if (rest_of_row && held_.empty()) {
    for (std::size_t i = emitted_; i < row_.cells.size(); ++i)
      held_.emplace_back(const_cast<StoredCell*>(row_.cells[i]));
  }
}

}  // namespace hbmux::mini
