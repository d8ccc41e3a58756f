#include "gateway/read_rows.h"

#include "gateway/features.h"
#include "gateway/push_down.h"

#include <random>
#include <utility>

namespace hbmux::gateway {
namespace {

/// Rows wait no longer for a message to become full.
constexpr std::chrono::milliseconds kRowsWaitMax{20};
/// A client hears this often how far a read has come that finds nothing.
constexpr std::chrono::seconds kProgressPeriod{1};

std::uint64_t read_seed() {
  static thread_local std::mt19937_64 generator{std::random_device{}()};
  return generator();
}

}  // namespace

void ReadRowsCall::start() {
  if (const Status status = prepare(); !status.ok()) return end(status);
  go_on();
}

Status ReadRowsCall::prepare() {
  auto name = target_of(state_, request_.table_name(), request_.authorized_view_name(), request_.materialized_view_name());
  if (!name) return name.error();
  name_ = std::move(*name);
  if (request_.rows_limit() < 0) return invalid("rows_limit must not be negative");
  auto filter = RowFilter::compile(request_.filter(), read_seed());
  if (!filter) return filter.error();
  filter_ = std::move(*filter);
  auto ranges = key_ranges_of(request_.rows());
  if (!ranges) return ranges.error();
  auto table = table_of(state_, context_, *name_);
  if (!table) return table.error();
  tells_progress_ = features_of(context_).last_scanned_row_responses();
  RowSource::Options options;
  options.reversed = request_.reversed();
  options.tells_progress = tells_progress_;
  options.versions = versions_needed(request_.filter());
  // A filter may leave rows out, so that more have to be read than are wanted.
  if (request_.filter().filter_case() == bt::RowFilter::FILTER_NOT_SET) options.rows_limit = request_.rows_limit();
  source_ = std::make_unique<RowSource>(std::move(*table), std::move(*ranges), options, scope_);
  return {};
}

/// Fills messages with rows until one has to be written or waited for.
void ReadRowsCall::go_on() {
  for (;;) {
    if (!chunker_.is_done()) chunker_.fill(message_);
    if (is_time_to_write()) return write_message();
    if (request_.rows_limit() != 0 && rows_returned_ == request_.rows_limit()) return finish_read();
    if (auto row = source_->take()) {
      if (const Status status = take(std::move(*row)); !status.ok()) return end(status);
      continue;
    }
    if (source_->is_done()) return finish_read();
    if (!source_->read([this] { go_on(); })) end({Code::cancelled, "cancelled"});
    return;
  }
}

/// Puts what the filter leaves of a row into the answer.
Status ReadRowsCall::take(Result<Row> row) {
  if (!row) return status_of(state_, name_->table, row.error());
  if (row->empty()) {
    if (const auto place = row->cursor()) scanned_ = *place;
    return {};
  }
  ++rows_seen_;
  cells_seen_ += static_cast<std::int64_t>(row->cells().size());
  const std::string_view key = row->row();
  auto cells = filter_->apply(key, cells_of(*row));
  if (!cells) return cells.error();
  if (cells->empty()) {
    if (tells_progress_) scanned_ = key;
    return {};
  }
  scanned_.clear();
  ++rows_returned_;
  cells_returned_ += static_cast<std::int64_t>(cells->size());
  chunker_.begin(std::move(*row), key, std::move(*cells));
  return {};
}

bool ReadRowsCall::is_time_to_write() const {
  if (chunker_.is_full()) return true;
  if (!chunker_.is_done() || (message_.chunks_size() == 0 && scanned_.empty())) return false;
  const auto since = Clock::now() - last_write_;
  return message_.chunks_size() != 0 ? since > kRowsWaitMax : tells_progress_ && since > kProgressPeriod;
}

void ReadRowsCall::write_message() {
  if (message_.chunks_size() == 0) {
    message_.set_last_scanned_row_key(scanned_);
    scanned_.clear();
  }
  count_bytes(static_cast<std::int64_t>(chunker_.bytes()));
  write(message_);
}

void ReadRowsCall::OnWriteDone(bool ok) {
  if (!ok) return end({Code::cancelled, "the client is gone"});
  last_write_ = Clock::now();
  message_.Clear();
  chunker_.begin_message();
  go_on();
}

void ReadRowsCall::finish_read() {
  if (request_.request_stats_view() == Request::REQUEST_STATS_FULL) add_statistics();
  count_rows(rows_returned_);
  count_bytes(static_cast<std::int64_t>(chunker_.bytes()));
  if (message_.chunks_size() == 0 && !message_.has_request_stats()) return finish();
  write_and_finish(message_);
}

void ReadRowsCall::end(const Status& status) {
  count_rows(rows_returned_);
  finish(status);
}

void ReadRowsCall::add_statistics() {
  auto& view = *message_.mutable_request_stats()->mutable_full_read_stats_view();
  auto& counts = *view.mutable_read_iteration_stats();
  counts.set_rows_seen_count(rows_seen_);
  counts.set_rows_returned_count(rows_returned_);
  counts.set_cells_seen_count(cells_seen_);
  counts.set_cells_returned_count(cells_returned_);
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - began_).count();
  auto& latency = *view.mutable_request_latency_stats()->mutable_frontend_server_latency();
  latency.set_seconds(nanos / 1'000'000'000);
  latency.set_nanos(static_cast<std::int32_t>(nanos % 1'000'000'000));
}

}  // namespace hbmux::gateway
