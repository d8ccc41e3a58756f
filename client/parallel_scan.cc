#include "client/parallel_scan.h"

#include "client/action_traits.h"
#include "client/finish.h"
#include "client/locator_backend.h"

#include <algorithm>
#include <utility>

namespace hbmux::client {
namespace {

std::string parallel_problem(const Scan& scan, const ParallelScanOptions& options) {
  if (options.regions_at_once < 1) return "a parallel scan of " + std::to_string(options.regions_at_once) + " regions at once";
  if (scan.cursor_results()) return "a parallel scan has no cursor";
  return scan_problem(scan);
}

/// `scan` within one region; nothing when it has no rows there.
std::optional<Scan> within(const Scan& scan, const RegionInfo& region) {
  // The bounds as of a forward scan.
  const bool back = scan.reversed();
  std::string_view low = back ? scan.stop_row() : scan.start_row(), high = back ? scan.start_row() : scan.stop_row();
  bool low_included = back ? scan.include_stop_row() : scan.include_start_row();
  bool high_included = back ? scan.include_start_row() : scan.include_stop_row();
  const std::string_view begin = region.start_key(), end = region.end_key();
  if (!end.empty() && !low.empty() && low >= end) return std::nullopt;
  if (!high.empty() && (high < begin || (high == begin && !high_included))) return std::nullopt;
  if (begin > low) {
    low = begin;
    low_included = true;
  }
  if (!end.empty() && (high.empty() || high >= end)) {
    high = end;
    high_included = false;
  }
  Scan part = scan;
  if (back) {
    part.start_row(std::string(high), high_included || high.empty()).stop_row(std::string(low), low_included);
  } else {
    part.start_row(std::string(low), low_included).stop_row(std::string(high), high_included);
  }
  return part;
}

}  // namespace

ParallelScan::ParallelScan(std::shared_ptr<const TableBackend> table, Scan scan, const ParallelScanOptions& options)
    : table_(std::move(table)), scan_(std::move(scan)), options_(options), cuts_rows_(scan_.batch() > 0 || scan_.allow_partial_results()) {
  if (auto problem = parallel_problem(scan_, options_); !problem.empty()) {
    phase_ = Phase::over;
    error_ = Error(Errc::invalid_argument, std::move(problem)).with_context(describe());
  }
}

std::string ParallelScan::describe() const { return "parallel scan of table '" + table_->name().to_string() + "'"; }

// ---------------------------------------------------------------- the consumer's side

std::optional<ParallelScan::NextResult> ParallelScan::take_ready(Work& work) {
  if (phase_ == Phase::reading) {
    if (complete_) return complete();
    return options_.ordered ? take_in_order(work) : take_any(work);
  }
  if (phase_ != Phase::over) return std::nullopt;
  if (!error_) return NextResult(std::optional<Row>());
  Error error = *std::exchange(error_, std::nullopt);  // told once
  return NextResult(std::move(error));
}

std::optional<ParallelScan::NextResult> ParallelScan::take_in_order(Work& work) {
  while (first_ < parts_.size() && parts_[first_].ended && parts_[first_].rows.empty()) ++first_;
  if (first_ == parts_.size()) return complete();
  if (has_limit_rows() && parts_[first_].last_row.empty()) return complete();  // and those before have ended
  begin_more(work);
  if (parts_[first_].rows.empty()) return std::nullopt;
  auto row = take_row(first_, work);
  return row ? NextResult(std::move(row)) : complete();
}

std::optional<ParallelScan::NextResult> ParallelScan::take_any(Work& work) {
  while (!with_rows_.empty()) {
    const std::size_t part = with_rows_.front();
    std::optional<Row> row;
    if (!parts_[part].rows.empty()) row = take_row(part, work);
    if (parts_[part].rows.empty()) with_rows_.pop_front();
    if (row) return NextResult(std::move(row));
  }
  if (reading_ > 0 || (begun_ < parts_.size() && !has_limit_rows())) return std::nullopt;
  return complete();
}

/// Nothing when it is a row more than the limit allows. A row has come whole when the next one comes, or the end of its part: with a batch a server
/// does not know whether what it sends is the last of a row.
std::optional<Row> ParallelScan::take_row(std::size_t number, Work& work) {
  Part& part = parts_[number];
  Row row = std::move(part.rows.front());
  part.rows.pop_front();
  if (!cuts_rows_ || part.last_row != row.row()) {
    if (has_limit_rows()) return end_part(part, work), std::nullopt;
    ++rows_;
    if (cuts_rows_) part.last_row = row.row();
    if (has_limit_rows() && !cuts_rows_) complete_ = true;
    if (has_limit_rows() && !options_.ordered) {
      for (Part& other : parts_) {
        if (other.last_row.empty()) end_part(other, work);
      }
    }
  }
  if (part.rows.empty() && !part.ended) work.ask.push_back(number);
  return row;
}

/// Before it has come to its own end.
void ParallelScan::end_part(Part& part, Work& work) {
  part.rows.clear();
  if (!part.operation) return;
  metrics_ += part.operation->metrics();
  work.over.push_back(std::move(part.operation));
  part.ended = true;
  --reading_;
}

void ParallelScan::begin_more(Work& work) {
  const auto at_once = static_cast<std::size_t>(options_.regions_at_once);
  while (begun_ < parts_.size() && !has_limit_rows() && (options_.ordered ? begun_ - first_ : reading_) < at_once) {
    parts_[begun_].operation = table_->scan(std::move(parts_[begun_].scan));
    ++reading_;
    work.ask.push_back(begun_++);
  }
}

/// Its rows come from several scans: there is no batch.
std::optional<Row> ParallelScan::next_of_batch() { return std::nullopt; }

std::optional<ParallelScan::NextResult> ParallelScan::try_next() {
  Work work;
  std::optional<NextResult> result;
  bool complete = false;
  {
    std::lock_guard lock(mutex_);
    result = take_ready(work);
    complete = complete_;
  }
  run(work, complete);
  return result;
}

void ParallelScan::next(Done done) {
  Work work;
  std::optional<NextResult> result;
  bool fresh = false, complete = false;
  auto cancel = done.cancel;
  {
    std::lock_guard lock(mutex_);
    if (waiting_) {
      result = NextResult(Error(Errc::invalid_argument, "a next() of this ParallelScanner is under way already"));
    } else if (result = take_ready(work); !result) {
      waiting_ = std::move(done);
      fresh = phase_ == Phase::fresh;
      if (fresh) phase_ = Phase::locating;
    }
    complete = complete_;
  }
  if (result) {
    finish_soon(*table_, std::move(done), std::move(*result));
  } else if (cancel && !cancel->arm([self = shared_from_this()] { self->stop(Error(Errc::cancelled, "the scan was cancelled"), true); })) {
    stop(Error(Errc::cancelled, "the scan was cancelled"), true);
  }
  if (fresh) begin();
  run(work, complete);
}

ScanMetrics ParallelScan::metrics() const {
  std::lock_guard lock(mutex_);
  ScanMetrics sum = metrics_;
  for (const Part& part : parts_) {
    if (part.operation) sum += part.operation->metrics();
  }
  return sum;
}

void ParallelScan::close() { stop(Error(Errc::cancelled, "the ParallelScanner was closed"), false); }

/// Nothing: it is at its end. `tell`: the error is for the next next(), if none waits.
void ParallelScan::stop(std::optional<Error> error, bool tell) {
  std::vector<std::shared_ptr<ScanSource>> over;
  std::optional<Done> done;
  {
    std::lock_guard lock(mutex_);
    if (phase_ == Phase::over) return;
    done = std::exchange(waiting_, std::nullopt);
    end_with(tell && !done ? error : std::nullopt, over);
  }
  for (const auto& operation : over) operation->close();
  if (!done) return;
  NextResult result = std::optional<Row>();
  if (error) result = std::move(*error);
  table_->post([self = shared_from_this(), done = std::move(*done), result = std::move(result)]() mutable {
    finish(std::move(done), std::move(result));
  });
}

void ParallelScan::end_with(std::optional<Error> error, std::vector<std::shared_ptr<ScanSource>>& over) {
  phase_ = Phase::over;
  error_ = std::move(error);
  for (Part& part : parts_) {
    if (!part.operation) continue;
    metrics_ += part.operation->metrics();
    over.push_back(std::move(part.operation));
  }
  parts_.clear();
  with_rows_.clear();
}

// ---------------------------------------------------------------- the regions' side

void ParallelScan::begin() {
  detail::Completion<Result<std::vector<RegionLocation>>> found;
  found.finish = [self = shared_from_this()](Result<std::vector<RegionLocation>> regions) {
    if (!regions) return self->stop(Error(regions.error()).with_context(self->describe()), true);
    self->cut(*regions);
  };
  table_->locator()->start_all(std::move(found));
}

void ParallelScan::cut(const std::vector<RegionLocation>& regions) {
  Work work;
  {
    std::lock_guard lock(mutex_);
    if (phase_ != Phase::locating) return;
    phase_ = Phase::reading;
    for (const RegionLocation& location : regions) {
      if (location.region->replica_id() != 0) continue;
      if (auto part = within(scan_, *location.region)) parts_.push_back({std::move(*part), nullptr, {}, {}, false});
    }
    if (scan_.reversed()) std::reverse(parts_.begin(), parts_.end());
    begin_more(work);
  }
  serve(std::move(work));
}

void ParallelScan::run(const Work& work, bool complete) {
  for (const auto& operation : work.over) operation->close();
  if (complete) return stop(std::nullopt, false);
  for (const std::size_t part : work.ask) {
    std::shared_ptr<ScanSource> operation;
    {
      std::lock_guard lock(mutex_);
      if (phase_ == Phase::reading) operation = parts_[part].operation;
    }
    if (!operation) continue;
    Done done;
    done.finish = [self = shared_from_this(), part](NextResult row) { self->answered(part, std::move(row)); };
    operation->next(std::move(done));
  }
}

void ParallelScan::answered(std::size_t number, NextResult row) {
  Work work;
  {
    std::unique_lock lock(mutex_);
    if (phase_ != Phase::reading) return;
    Part& part = parts_[number];
    if (part.ended) return;  // nobody waits for it any more
    if (!row) {
      lock.unlock();
      return stop(row.error(), true);
    }
    if (*row) {
      part.rows.push_back(std::move(**row));
      while (auto next = part.operation->next_of_batch()) part.rows.push_back(std::move(*next));
      if (!options_.ordered) with_rows_.push_back(number);
    } else {
      part.ended = true;
      metrics_ += part.operation->metrics();
      part.operation = nullptr;
      --reading_;
      begin_more(work);
    }
  }
  serve(std::move(work));
}

/// Gives the consumer what it waits for, and goes on.
void ParallelScan::serve(Work work) {
  bool complete = false;
  std::optional<Done> done;
  std::optional<NextResult> result;
  {
    std::lock_guard lock(mutex_);
    if (waiting_) {
      result = take_ready(work);
      if (result) done = std::exchange(waiting_, std::nullopt);
    }
    complete = complete_;
  }
  run(work, complete);
  if (done) finish(std::move(*done), std::move(*result));
}

}  // namespace hbmux::client
