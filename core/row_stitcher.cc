#include "core/row_stitcher.h"

#include "core/cell_block.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hbmux::core {

void RowStitcher::add(std::vector<Row> results, bool heartbeat, std::vector<Row>& out) {
  const std::size_t before = out.size();
  const bool nothing_came = results.empty();
  if (mode_ == Mode::whole_rows && held_.empty() && out.empty()) give_whole_ones(results, out);
  for (Row& result : results) {
    if (limit_reached()) break;
    if (result.empty()) continue;
    switch (mode_) {
      case Mode::whole_rows: add_whole(std::move(result), out); break;
      case Mode::batches: add_batch(std::move(result), out); break;
      case Mode::as_sent: add_as_sent(std::move(result), out); break;
    }
  }
  // An empty answer that is no heartbeat: the server looked further and found nothing more of the row.
  if (nothing_came && !heartbeat) end_row(out);
  if (mode_ == Mode::whole_rows && out.size() > before) note_given(out.back());
}

/// What nearly all answers are: whole rows, but for the last one at most. They change hands as one; what has to be looked at is left.
void RowStitcher::give_whole_ones(std::vector<Row>& results, std::vector<Row>& out) {
  std::size_t count = 0;
  while (count < results.size() && !results[count].empty() && !results[count].partial()) ++count;
  if (count == 0 || count + 1 < results.size()) return;
  if (limit_ > 0 && complete_ + static_cast<std::int64_t>(count) > limit_) return;
  std::vector<Row> rest(std::make_move_iterator(results.begin() + static_cast<std::ptrdiff_t>(count)), std::make_move_iterator(results.end()));
  results.resize(count);
  out = std::exchange(results, std::move(rest));
  row_is_open_ = false;
  complete_ += static_cast<std::int64_t>(count);
}

void RowStitcher::end_row(std::vector<Row>& out) {
  if (!held_.empty()) {
    give_held(held_.size(), false, out);
    if (mode_ == Mode::whole_rows) note_given(out.back());
  } else {
    close_row();
  }
}

void RowStitcher::restart() {
  held_.clear();
  held_owners_.clear();
}

void RowStitcher::add_whole(Row result, std::vector<Row>& out) {
  if (!held_.empty() && held_.front().row() != result.row()) {
    give_held(held_.size(), false, out);
    if (limit_reached()) return;
  }
  const bool partial = result.partial();
  if (held_.empty() && !partial) return give(std::move(result), out);
  hold(result);
  if (!partial) give_held(held_.size(), false, out);
}

void RowStitcher::add_batch(Row result, std::vector<Row>& out) {
  if (!held_.empty() && held_.front().row() != result.row()) give_held(held_.size(), false, out);
  if (held_.empty() && row_is_open_ && given_row_ != result.row()) close_row();
  if (limit_reached()) return;
  const bool partial = result.partial();
  if (Row rest = skip_given(std::move(result)); !rest.empty()) hold(rest);
  while (held_.size() >= batch_) give_held(batch_, partial || held_.size() > batch_, out);
  if (!partial) end_row(out);
}

void RowStitcher::add_as_sent(Row result, std::vector<Row>& out) {
  if (row_is_open_ && given_row_ != result.row()) {
    close_row();
    if (limit_reached()) return;
  }
  const bool partial = result.partial();
  Row rest = skip_given(std::move(result));
  if (!rest.empty()) return give(std::move(rest), out);
  if (!partial) close_row();  // all of it had been given, and now it is known that nothing follows
}

/// `result` without the cells that were given before a restart.
Row RowStitcher::skip_given(Row result) const {
  Cell last;
  if (!row_is_open_ || given_row_ != result.row() || !Cell::from_bytes(given_cell_, last)) return result;
  const auto cells = result.cells();
  if (compare_cells(cells.front(), last) > 0) return result;
  auto first = std::upper_bound(cells.begin(), cells.end(), last,
                                [](const Cell& a, const Cell& b) { return compare_cells(a, b) < 0; });
  return Row(result.owner(), std::span(first, cells.end()), false, result.partial());
}

void RowStitcher::close_row() {
  if (std::exchange(row_is_open_, false)) ++complete_;
}

void RowStitcher::hold(const Row& result) {
  held_.insert(held_.end(), result.begin(), result.end());
  held_owners_.push_back(result.owner());
}

/// Gives the first `count` cells that are held.
void RowStitcher::give_held(std::size_t count, bool partial, std::vector<Row>& out) {
  std::shared_ptr<const void> owner;
  if (held_owners_.size() == 1) {
    owner = held_owners_.front();
  } else {
    owner = std::make_shared<const std::vector<std::shared_ptr<const void>>>(held_owners_);
  }
  std::vector<Cell> cells;
  if (count == held_.size()) {
    cells = std::exchange(held_, {});
    held_owners_.clear();
  } else {
    // What is left came with the last piece: without it there was less than `count`.
    const auto end = held_.begin() + static_cast<std::ptrdiff_t>(count);
    cells.assign(held_.begin(), end);
    held_.erase(held_.begin(), end);
    held_owners_.erase(held_owners_.begin(), held_owners_.end() - 1);
  }
  give(Row(std::move(owner), std::move(cells), false, partial), out);
}

void RowStitcher::give(Row row, std::vector<Row>& out) {
  row_is_open_ = row.partial();
  if (!row_is_open_) ++complete_;
  out.push_back(std::move(row));
  if (mode_ != Mode::whole_rows) note_given(out.back());  // else once for all rows of an answer
}

void RowStitcher::note_given(const Row& row) {
  has_given_ = true;
  given_row_ = row.row();
  if (!row_is_open_) return;
  const Cell& cell = row.cells().back();
  given_cell_.clear();
  append_cell(given_cell_, cell.row(), cell.family(), cell.qualifier(), cell.timestamp(), cell.type(), {});
  given_cell_.erase(0, 4);  // the size in front
}

}  // namespace hbmux::core
