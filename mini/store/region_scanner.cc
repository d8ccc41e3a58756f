#include "mini/store/region_scanner.h"

#include <iterator>

namespace hbmux::mini {
namespace {

constexpr int kRowsPerTimeCheck = 64;

/// What HBase counts for a cell in its memstore: the object, and its bytes.
std::size_t heap_size(const StoredCell& cell) {
  constexpr std::size_t kObject = 32, kAlign = 8;
  return (kObject + cell.size() + kAlign - 1) / kAlign * kAlign;
}

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
    store.begin_reading();  // the destructor ends it
    return made.error();
  }
  if (scan.mvcc_read_point() != 0) scanner->read_point_ = scan.mvcc_read_point();
  scanner->position_ = scan.start_row();
  scanner->include_position_ = scan.include_start_row();
  // Clients before 1.4 have no such flags: their scan from a row to itself is a get.
  scanner->include_stop_ = scan.has_include_stop_row()
                               ? scan.include_stop_row()
                               : !scan.start_row().empty() && scan.start_row() == scan.stop_row();
  store.begin_reading();
  return scanner;
}

RegionScanner::~RegionScanner() { store_->end_reading(); }

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

bool RegionScanner::has_more_rows(RegionStore& store) {
  return !exhausted_ && !filter_is_done() && !reader_.is_done(spec_) && next_row(store) != nullptr;
}

/// Loads the next row that has something to answer with. False at the end, or (with a heartbeat) when time is up.
bool RegionScanner::load_row(RegionStore& store, const ScanLimits& limits, ScanBatch& batch) {
  row_.clear();
  held_.clear();
  emitted_ = 0;
  for (int passed = 1; !exhausted_; ++passed) {
    StoredRow* row = filter_is_done() || reader_.is_done(spec_) ? nullptr : next_row(store);
    if (row == nullptr) {
      exhausted_ = true;
      break;
    }
    position_ = row->key();
    from_start_ = include_position_ = false;
    ++batch.rows_seen;
    if (store.read_row(*row, spec_, read_point_, reader_, row_, scan_.batch_size() != 0)) return true;
    ++batch.rows_filtered;
    if (limits.out_of_time && passed % kRowsPerTimeCheck == 0 && limits.out_of_time()) {
      batch.heartbeat = true;
      batch.cursor = position_;
      return false;
    }
  }
  return false;
}

/// The next part of the row: a batch, or what the size limit leaves of one.
RegionScanner::Piece RegionScanner::cut_piece(const ScanLimits& limits, std::size_t& bytes, ScanBatch& batch) {
  const bool whole = spec_.filter && spec_.filter->has_filter_row();
  const std::size_t batch_size = whole ? 0 : scan_.batch_size();
  const std::size_t begin = emitted_;
  bool cut = false;
  while (emitted_ < row_.cells.size() && !cut) {
    const StoredCell* cell = row_.cells[emitted_++];
    bytes += heap_size(*cell);
    batch.cells.cells.push_back(cell);
    cut = (batch_size != 0 && emitted_ - begin == batch_size) || (limits.partials && !whole && bytes >= limits.bytes);
  }
  Piece piece;
  piece.cells = static_cast<std::uint32_t>(emitted_ - begin);
  piece.more_in_row = emitted_ < row_.cells.size();
  // A piece that was cut ends where the reader stands, whatever comes.
  if (cut && !piece.more_in_row) {
    piece.more_in_row = batch_size != 0 ? reader_.more_behind()[emitted_ - 1]
                                        : row_is_fresh_ ? reader_.has_more_behind_last()
                                                        : more_behind_rest_;
  }
  return piece;
}

RegionScanner::Piece RegionScanner::next_piece(RegionStore& store, const ScanLimits& limits, std::size_t& bytes,
                                               ScanBatch& batch) {
  Piece piece;
  row_is_fresh_ = false;
  if (emitted_ == row_.cells.size()) {
    // Cells made by a filter belong to the row that is about to be replaced.
    for (auto& made : row_.made) batch.cells.made.push_back(std::move(made));
    for (auto& held : held_) batch.cells.made.push_back(std::move(held));
    if (!load_row(store, limits, batch)) {
      piece.more_rows = batch.heartbeat;
      return piece;
    }
    row_is_fresh_ = true;
  }
  piece = cut_piece(limits, bytes, batch);
  piece.more_rows = piece.more_in_row || has_more_rows(store);
  return piece;
}

/// Whether the result before the loaded row was a part of another row, which has ended with it.
bool RegionScanner::ends_partial_row(const ScanBatch& batch) const {
  const bool was_partial = batch.cells_per_result.empty() ? partial_row_.has_value() : batch.partial.back();
  return was_partial && partial_row_ != position_;
}

/// What is left of the row must outlive changes of the store until the next call.
void RegionScanner::hold_rest() {
  if (emitted_ == row_.cells.size() || !held_.empty()) return;
  more_behind_rest_ = reader_.has_more_behind_last();
  for (std::size_t i = emitted_; i < row_.cells.size(); ++i) {
    held_.emplace_back(const_cast<StoredCell*>(row_.cells[i]));
  }
}

/// As RSRpcServices.java fills an answer.
void RegionScanner::next(RegionStore& store, const ScanLimits& limits, ScanBatch& batch) {
  batch.clear();
  std::size_t bytes = 0;
  int rows = 0;
  // True when that was the last row that the client wants.
  auto count_row = [&] {
    if (limits.rows > 0 && ++rows >= limits.rows) batch.more_results = false;
    return !batch.more_results;
  };
  Piece piece;
  while (static_cast<int>(batch.cells_per_result.size()) < limits.results) {
    piece = next_piece(store, limits, bytes, batch);
    if (piece.cells != 0) {
      if (ends_partial_row(batch) && count_row()) {
        batch.cells.cells.resize(batch.cells.cells.size() - piece.cells);
        break;
      }
      batch.cells_per_result.push_back(piece.cells);
      batch.partial.push_back(piece.more_in_row);
      partial_row_ = piece.more_in_row ? std::optional(position_) : std::nullopt;
      if (!piece.more_in_row && count_row()) break;
    } else if (!piece.more_rows && !batch.partial.empty()) {
      batch.partial.back() = false;
    }
    if (!piece.more_rows || batch.heartbeat || bytes >= limits.bytes) break;
    if (limits.out_of_time && limits.out_of_time()) {
      batch.heartbeat = true;
      batch.cursor = position_;
      break;
    }
  }
  batch.more_in_region = piece.more_rows;
  if (!batch.more_in_region) batch.heartbeat = false;
  if (batch.cells_per_result.empty() && filter_is_done()) batch.more_results = false;
  hold_rest();
}

}  // namespace hbmux::mini
