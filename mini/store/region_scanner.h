// One client's walk over a region (RegionScannerImpl.java).
#pragma once

#include "mini/store/region_store.h"

#include <hbmux/pb/Client.pb.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::mini {

/// How much one call may answer with.
struct ScanLimits {
  int results = 0;
  std::size_t bytes = 0;
  /// A row may be cut where the byte limit is reached.
  bool partials = false;
  /// So many complete rows end the whole scan; 0 for no such limit.
  int rows = 0;
  /// Asked now and then; true ends the call early. Only where the client handles heartbeats.
  std::function<bool()> out_of_time;
};

/// What one call answers with. The cells are the store's: use them before the store is changed.
struct ScanBatch {
  RowCells cells;
  std::vector<std::uint32_t> cells_per_result;
  std::vector<bool> partial;
  bool more_results = true;
  bool more_in_region = true;
  bool heartbeat = false;
  std::string cursor;  ///< The row reached, with a heartbeat.
  std::uint64_t rows_seen = 0;
  std::uint64_t rows_filtered = 0;  ///< Those of them of which nothing was left.
  void clear();
};

class RegionScanner {
 public:
  /// Checks the request against the region's families. Rows are taken up to (and down to) the scan's own bounds: a
  /// region that lies only partly within them is the caller's business.
  static Answer<std::unique_ptr<RegionScanner>> open(const pb::Scan& scan, RegionStore& store, std::int64_t now);
  ~RegionScanner();
  RegionScanner(const RegionScanner&) = delete;
  RegionScanner& operator=(const RegionScanner&) = delete;

  /// `batch` is cleared first. The store may have changed since the last call; this scanner sees it as it was when it
  /// was opened.
  void next(RegionStore& store, const ScanLimits& limits, ScanBatch& batch);

  std::uint64_t read_point() const noexcept { return read_point_; }
  std::size_t max_result_size() const noexcept { return scan_.max_result_size(); }
  bool needs_cursor() const noexcept { return scan_.need_cursor_result(); }

 private:
  RegionScanner(const pb::Scan& scan, RegionStore& store)
      : scan_(scan), store_(&store), read_point_(store.sequence()) {}

  /// A result in the making: a row, or a part of one.
  struct Piece {
    std::uint32_t cells = 0;
    bool more_in_row = false;  ///< The reader is not through with the row, though nothing may come any more.
    bool more_rows = true;
  };

  StoredRow* next_row(RegionStore& store);
  bool in_bounds(const RegionStore& store, std::string_view row) const;
  bool has_more_rows(RegionStore& store);
  bool load_row(RegionStore& store, const ScanLimits& limits, ScanBatch& batch);
  Piece next_piece(RegionStore& store, const ScanLimits& limits, std::size_t& bytes, ScanBatch& batch);
  Piece cut_piece(const ScanLimits& limits, std::size_t& bytes, ScanBatch& batch);
  bool ends_partial_row(const ScanBatch& batch) const;
  void hold_rest();
  bool filter_is_done() const { return spec_.filter && spec_.filter->filter_all_remaining(); }

  pb::Scan scan_;
  RegionStore* store_;
  ReadSpec spec_;
  RowReader reader_;
  std::uint64_t read_point_;
  bool include_stop_ = false;
  std::string position_;    ///< The row where to go on.
  bool from_start_ = true;  ///< `position_` is the scan's start, which may be "the first row of all".
  bool include_position_ = true;
  bool exhausted_ = false;
  RowCells row_;               ///< The row being answered with.
  std::vector<CellRef> held_;  ///< Keeps its rest alive between calls.
  std::size_t emitted_ = 0;    ///< So many of its cells are done.
  bool row_is_fresh_ = false;  ///< Loaded by this call, so that the store has not changed since.
  bool more_behind_rest_ = false;  ///< Whether the reader was not through with the row when its rest was held.
  /// The row of the last result, when that was partial.
  std::optional<std::string> partial_row_;
};

}  // namespace hbmux::mini
