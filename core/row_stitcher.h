// Makes the rows that a scan's user wants out of the pieces that servers send.
#pragma once

#include <hbmux/row.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::core {

/// Told the results of a scan in order, it gives rows. A server cuts a row where an answer is full or its time is up,
/// and marks the piece as partial; the next piece may still be of the next row, when a filter took what was left.
/// Counts rows, up to a limit. Belongs to a ScanState.
class RowStitcher {
 public:
  enum class Mode : std::uint8_t {
    whole_rows,  ///< Pieces are kept until the row is whole.
    batches,     ///< Rows of at most `batch` cells.
    as_sent,     ///< Pieces are given as they come.
  };

  /// `limit` is in whole rows; 0 for none.
  RowStitcher(Mode mode, std::size_t batch, std::int64_t limit) : mode_(mode), batch_(batch), limit_(limit) {}

  /// Takes the results of one answer and appends the rows that are ready. Results beyond the limit are dropped.
  void add(std::vector<Row> results, bool heartbeat, std::vector<Row>& out);
  /// No more cells of the row at hand will come: the region has ended, or the scan.
  void end_row(std::vector<Row>& out);
  /// The scan begins again where given() ends: what was not given is forgotten, and what was given will be skipped when
  /// it comes again.
  void restart();

  std::int64_t complete_rows() const noexcept { return complete_; }
  bool limit_reached() const noexcept { return limit_ > 0 && complete_ >= limit_; }
  /// Whether pieces are kept that were not given yet.
  bool holds_cells() const noexcept { return !held_.empty(); }
  /// Whether anything was given; then the row of what was given last, and whether that row has been given whole.
  bool has_given() const noexcept { return has_given_; }
  const std::string& given_row() const noexcept { return given_row_; }
  bool given_whole() const noexcept { return !row_is_open_; }

 private:
  void give_whole_ones(std::vector<Row>& results, std::vector<Row>& out);
  void add_whole(Row result, std::vector<Row>& out);
  void add_batch(Row result, std::vector<Row>& out);
  void add_as_sent(Row result, std::vector<Row>& out);
  Row skip_given(Row result) const;
  void close_row();
  void hold(const Row& result);
  void give_held(std::size_t count, bool partial, std::vector<Row>& out);
  void give(Row row, std::vector<Row>& out);
  void note_given(const Row& row);

  Mode mode_;
  std::size_t batch_;
  std::int64_t limit_;
  std::int64_t complete_ = 0;

  std::vector<Cell> held_;  // of one row, not given yet
  std::vector<std::shared_ptr<const void>> held_owners_;

  bool has_given_ = false;
  bool row_is_open_ = false;  // the last that was given was partial
  std::string given_row_;
  std::string given_cell_;  // the last cell given of an open row, without its value
};

}  // namespace hbmux::core
