// The rows of a read, one after another, out of gets and scans.
#pragma once

#include "gateway/cancel_scope.h"
#include "gateway/row_set.h"

#include <hbmux/batch.h>
#include <hbmux/detail/unique_function.h>
#include <hbmux/scanner.h>
#include <hbmux/table.h>

#include <cstddef>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

namespace hbmux::gateway {

/// Single keys are read by gets, several in one batch, ranges by scans. Used by one consumer; nothing is read ahead but what a batch of gets,
/// bounded in bytes, and hbmux's scanner have at hand.
class RowSource {
 public:
  using Handler = detail::UniqueFunction<void()>;

  struct Options {
    bool reversed = false;
    bool tells_progress = false;   ///< Scans say where they are (Scan::cursor_results).
    std::int64_t rows_limit = 0;   ///< Of rows that are there; 0: none.
    int versions = 0;              ///< Of each column; 0: all.
  };
  RowSource(Table table, std::vector<KeyRange> ranges, const Options& options, CancelScope& scope);

  /// A row that is at hand, or why there is none. A row without cells may come: of a key without a row, or as the place that a scan has come
  /// to (Row::cursor).
  std::optional<Result<Row>> take();
  /// Nothing is at hand, and nothing more will be.
  bool is_done() const noexcept { return at_hand_.empty() && at_ == ranges_.size(); }
  /// Reads on, when nothing is at hand; then there may be something. The handler runs later, on a lane. False: cancelled.
  bool read(Handler handler);

 private:
  bool read_scan(Handler handler);
  bool read_gets(Handler handler);
  void keep(BatchResult results);
  Scan scan_of(const KeyRange& range) const;
  int versions() const noexcept { return options_.versions != 0 ? options_.versions : std::numeric_limits<int>::max(); }
  const KeyRange& current() const { return ranges_[options_.reversed ? ranges_.size() - 1 - at_ : at_]; }

  Table table_;
  std::vector<KeyRange> ranges_;
  Options options_;
  CancelScope& scope_;
  std::size_t at_ = 0;  // of the ranges, in the order of reading
  std::optional<Scanner> scanner_;
  std::deque<Result<Row>> at_hand_;
  std::size_t gets_at_once_ = 16;
};

}  // namespace hbmux::gateway
