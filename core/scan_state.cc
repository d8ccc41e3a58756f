#include "core/scan_state.h"

#include "core/bytes.h"
#include "core/exception_class.h"

#include <algorithm>
#include <limits>

namespace hbmux::core {
namespace {

RowStitcher::Mode mode_of(const ScanSpec& spec) {
  // As in Java: who takes rows as they are sent gets them so, with a batch or without.
  if (spec.allow_partial) return RowStitcher::Mode::as_sent;
  return spec.batch > 0 ? RowStitcher::Mode::batches : RowStitcher::Mode::whole_rows;
}

}  // namespace

ScanSpec ScanSpec::from(const Scan& scan, std::uint32_t caching) {
  ScanSpec spec;
  spec.start_row = scan.start_row();
  spec.include_start = scan.include_start_row();
  spec.stop_row = scan.stop_row();
  spec.include_stop = scan.include_stop_row();
  spec.reversed = scan.reversed();
  spec.limit = scan.limit();
  spec.batch = scan.batch();
  spec.caching = scan.caching() > 0 ? static_cast<std::uint32_t>(scan.caching()) : caching;
  spec.allow_partial = scan.allow_partial_results();
  spec.cursor_results = scan.cursor_results();
  return spec;
}

ScanState::ScanState(ScanSpec spec)
    : spec_(std::move(spec)),
      stitcher_(mode_of(spec_), static_cast<std::size_t>(std::max(spec_.batch, 0)), spec_.limit) {}

ScanState::Location ScanState::location() const {
  const std::string& row = spec_.start_row;
  if (!spec_.reversed) return {spec_.include_start ? row : row_after(row), LocateType::current};
  return {row, row.empty() || !spec_.include_start ? LocateType::before : LocateType::current};
}

std::uint32_t ScanState::limit_of_rows() const noexcept {
  if (spec_.limit <= 0) return 0;
  const std::int64_t left = spec_.limit - stitcher_.complete_rows();
  // The field is an int at the server. A larger limit is only ours to keep.
  return left > std::numeric_limits<std::int32_t>::max() ? 0 : static_cast<std::uint32_t>(left);
}

Result<ScanState::OpenRequest> ScanState::open_request(std::shared_ptr<const RegionInfo> region) {
  const Location where = location();
  const std::string_view end = region->end_key();
  const bool fits = where.type == LocateType::current ? region->contains(where.row)
                    : where.row.empty()               ? end.empty()
                                        : region->start_key() < where.row && (end.empty() || end >= where.row);
  if (!fits) {
    return Error(Errc::not_serving_region, "scan: region '" + to_string_binary(region->name()) +
                                               "' does not hold row '" + to_string_binary(where.row) + "'");
  }
  region_ = std::move(region);
  OpenRequest request{spec_.start_row, spec_.include_start, spec_.stop_row, spec_.include_stop,
                      spec_.caching,   limit_of_rows(),     std::nullopt};
  // Only the very same region: another one, merged from it, has rows that are newer than that point and would be
  // missed.
  const bool within_row = stitcher_.has_given() && !stitcher_.given_whole();
  if (within_row && read_point_ && read_point_region_ == region_->name()) request.mvcc_read_point = read_point_;
  return request;
}

ScanState::NextRequest ScanState::next_request() const {
  return {scanner_id_.value_or(0), next_call_seq_, spec_.caching, limit_of_rows()};
}

ScanState::NextRequest ScanState::renew_request() { return {scanner_id_.value_or(0), next_call_seq_++, 0, 0}; }

Result<void> ScanState::received(ScanReply reply) {
  if (step_ == Step::done || region_ == nullptr) return {};  // stopped meanwhile
  const bool opened = step_ == Step::open;
  const bool in_region = reply.more_results_in_region.value_or(!reply.rows.empty() || reply.heartbeat);
  const bool goes_on = reply.more_results && in_region;
  if (opened) {
    // The server closes a scanner that has no more to give, so that its id matters only when the scan goes on.
    if (goes_on && !reply.scanner_id) return Error(Errc::protocol_error, "scan: the answer has no scanner id");
    scanner_id_ = reply.scanner_id;
    next_call_seq_ = 0;
    lease_ = reply.ttl.value_or(0);
    read_point_ = reply.mvcc_read_point;
    read_point_region_ = region_->name();
  } else {
    ++next_call_seq_;
    if (reply.ttl) lease_ = *reply.ttl;
  }
  if (!goes_on) scanner_id_.reset();
  step_ = Step::next;

  const std::size_t ready = ready_.size();
  const std::int64_t complete = stitcher_.complete_rows();
  if (reply.heartbeat || !reply.rows.empty() || !goes_on) ++progress_;
  stitcher_.add(std::move(reply.rows), reply.heartbeat, ready_);
  if (!goes_on) stitcher_.end_row(ready_);
  // A row that was given before a restart may turn out to be whole without a further cell.
  if (ready_.size() > ready || stitcher_.complete_rows() > complete) given_here_ = true;
  if (stitcher_.limit_reached() || !reply.more_results) {
    finish();
  } else if (!in_region) {
    end_region();
  } else if (reply.cursor_row) {
    if (spec_.cursor_results && ready_.size() == ready) ready_.push_back(Row::of_cursor(*reply.cursor_row));
    advance(reply.cursor_row);
  }
  return {};
}

// ConnectionUtils.noMoreResultsForScan and noMoreResultsForReverseScan: the stop row may lie in this region.
void ScanState::end_region() {
  const std::string_view start = region_->start_key(), end = region_->end_key(), stop = spec_.stop_row;
  if (!spec_.reversed) {
    if (end.empty() || (!stop.empty() && (end > stop || (end == stop && !spec_.include_stop)))) return finish();
    move_to(std::string(end), true);
  } else {
    if (start.empty() || (!stop.empty() && start <= stop)) return finish();
    move_to(std::string(start), false);
  }
  step_ = Step::open;
}

void ScanState::move_to(std::string row, bool inclusive) {
  spec_.start_row = std::move(row);
  spec_.include_start = inclusive;
  given_here_ = false;
}

// The server has looked at all rows up to the cursor: a restart need not look at them again. Rows that are known in
// part are read again.
void ScanState::advance(const std::optional<std::string>& cursor_row) {
  if (stitcher_.holds_cells()) return;
  auto behind = [this](const std::string& a, const std::string& b) { return spec_.reversed ? a < b : a > b; };
  const bool unbounded = spec_.reversed && spec_.start_row.empty();
  if (!unbounded && !behind(*cursor_row, spec_.start_row)) return;
  if (given_here_ && !behind(*cursor_row, stitcher_.given_row())) return;
  if (cursor_row->empty()) return;
  move_to(*cursor_row, true);
}

ScanState::Recovery ScanState::failed(const Error& error) {
  if (step_ == Step::done) return Recovery::give_up;
  const Reaction reaction = react(error);
  if (step_ == Step::open) {
    // ScannerResetException while opening means that reading failed behind the opening: worth a new attempt, though it
    // forbids one.
    if (reaction.retry || error.code() == Errc::scanner_reset) return Recovery::reopen;
    stop();
    return Recovery::give_up;
  }
  if (reaction.scanner_is_gone) scanner_id_.reset();
  // Also where the server could not be reached, or did not answer: a scanner elsewhere is worth more than this one.
  if (reaction.reopen_scanner) {
    reopen();
    return Recovery::reopen;
  }
  if (reaction.retry) return Recovery::again;
  stop();
  return Recovery::give_up;
}

void ScanState::reopen() {
  leave_scanner();
  stitcher_.restart();
  if (given_here_) move_to(stitcher_.given_row(), !stitcher_.given_whole());
  step_ = Step::open;
  if (nothing_left()) finish();
}

/// After a restart there may be no row between where the scan stands and where it ends.
bool ScanState::nothing_left() const noexcept {
  if (spec_.include_start || spec_.stop_row.empty() || spec_.start_row.empty()) return false;
  return spec_.reversed ? spec_.start_row <= spec_.stop_row : spec_.start_row >= spec_.stop_row;
}

void ScanState::leave_scanner() {
  if (scanner_id_) scanner_to_close_ = scanner_id_;
  scanner_id_.reset();
}

void ScanState::finish() {
  leave_scanner();
  step_ = Step::done;
}

void ScanState::stop() { finish(); }

std::vector<Row> ScanState::take_rows() { return std::exchange(ready_, {}); }

}  // namespace hbmux::core
