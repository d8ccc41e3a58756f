#include "bigtable/scan_stream.h"

#include "bigtable/read_request.h"
#include "bigtable/read_rows.h"
#include "bigtable/rows.h"

#include "proto/hbmux/bt/paths.h"

#include <algorithm>
#include <span>
#include <utility>

namespace hbmux::bigtable {
namespace {

std::size_t bytes_of(const Row& row) {
  std::size_t bytes = sizeof(Row);
  for (const Cell& cell : row) bytes += cell.encoded().size() + sizeof(Cell);
  return bytes;
}

}  // namespace

/// The operation of a scan. Whoever has the stream has this; it has the stream only as long as that lives.
class ScanRead final : public ReadRows {
 public:
  ScanRead(const std::shared_ptr<ScanStream>& stream, bt::ReadRowsRequest request)
      : ReadRows(stream->table_, std::move(request), plan_for(*stream->table_), nullptr), stream_(stream) {}

  /// Any thread: the consumer has taken some.
  void go_on() {
    connection().post_to(lane(), [self = std::static_pointer_cast<ScanRead>(shared_from_this())] {
      if (self->is_over()) return;
      self->restart_clock();
      self->read_on();
    });
  }

 private:
  static CallPlan plan_for(const BigtableTable& table) {
    CallPlan plan = table.plan(bt::path::kReadRows, table.scan_timeout());
    plan.streams = true;
    plan.timeout_per_message = true;
    return plan;
  }
  Result<void> rows_came(std::vector<MergedRow> rows) override {
    restart_clock();
    auto stream = stream_.lock();
    if (!stream) return Error(Errc::cancelled, "nobody wants the rows any more");
    return stream->rows_came(std::move(rows));
  }
  void passed_over(const std::string& key) override {
    restart_clock();
    if (auto stream = stream_.lock()) stream->passed_over(key);
  }
  bool wants_more() override {
    auto stream = stream_.lock();
    if (!stream) return true;  // and finds out
    std::lock_guard lock(stream->mutex_);
    return stream->has_room();
  }
  void succeeded() override { tell_end(std::nullopt); }
  void failed(Error error) override { tell_end(std::move(error)); }
  std::string describe() const override { return table()->describe("scan", {}); }
  void tell_end(std::optional<Error> error) {
    if (auto stream = stream_.lock()) {
      stream->count(calls_made(), std::max(0, calls_made() - 1));
      stream->ended(std::move(error));
    }
  }

  const std::weak_ptr<ScanStream> stream_;
};

ScanStream::ScanStream(TablePtr table, Scan scan)
    : table_(std::move(table)),
      scan_(std::move(scan)),
      bytes_max_(std::max<std::size_t>(1, table_->connection().settings().client.scan_prefetch_bytes)) {}

bool ScanStream::has_room() const noexcept { return bytes_ < bytes_max_; }

std::optional<ScanStream::NextResult> ScanStream::take_ready() {
  if (!rows_.empty()) {
    Row row = std::move(rows_.front());
    rows_.pop_front();
    bytes_ -= std::min(bytes_, bytes_of(row));
    return NextResult(std::move(row));
  }
  if (!ended_) return std::nullopt;
  if (error_) return NextResult(*error_);
  return NextResult(std::optional<Row>());
}

std::optional<ScanStream::NextResult> ScanStream::try_next() {
  std::shared_ptr<ScanRead> resume;
  std::optional<NextResult> ready;
  {
    std::lock_guard lock(mutex_);
    const bool was_full = !has_room();
    ready = take_ready();
    if (ready && was_full && has_room()) resume = read_;
  }
  if (resume) resume->go_on();
  return ready;
}

std::optional<Row> ScanStream::next_of_batch() {
  {
    std::lock_guard lock(mutex_);
    if (rows_.empty()) return std::nullopt;
  }
  auto next = try_next();
  return next && *next ? std::move(**next) : std::nullopt;
}

void ScanStream::next(Done done) {
  if (auto ready = try_next()) return end_soon(table_->connection(), std::move(done), std::move(*ready));
  bool begin_now = false;
  std::optional<NextResult> ready;
  if (done.cancel && !done.cancel->arm([weak = weak_from_this()] {
        if (auto self = weak.lock()) self->stop(Error(Errc::cancelled, "cancelled"));
      })) {
    ready = NextResult(Error(Errc::cancelled, "cancelled before it began"));
  } else {
    std::lock_guard lock(mutex_);
    if (waiting_) {
      ready = NextResult(Error(Errc::invalid_argument, "a next() of this Scanner is under way already"));
    } else if (ready = take_ready(); !ready) {  // what came meanwhile
      waiting_ = std::move(done);
      begin_now = !std::exchange(begun_, true);
    }
  }
  if (ready) return end_soon(table_->connection(), std::move(done), std::move(*ready));
  if (begin_now) begin();
}

void ScanStream::begin() {
  if (table_->problem()) return stop(*table_->problem());
  auto request = read_request_of(scan_);
  if (!request) return stop(Error(request.error()).with_context(table_->describe("scan", {})));
  if (!*request) {
    table_->post([self = shared_from_this()] { self->ended(std::nullopt); });
    return;
  }
  auto read = std::make_shared<ScanRead>(shared_from_this(), std::move(**request));
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    read_ = read;
  }
  read->start();
}

/// Later, on a lane.
void ScanStream::stop(Error reason) {
  table_->post([self = shared_from_this(), reason = std::move(reason)]() mutable {
    std::shared_ptr<ScanRead> read;
    {
      std::lock_guard lock(self->mutex_);
      read = std::move(self->read_);
    }
    if (read) read->abort(reason);
    self->ended(std::move(reason));
  });
}

void ScanStream::close() {
  std::shared_ptr<ScanRead> read;
  bool waits = false;
  {
    std::lock_guard lock(mutex_);
    read = std::move(read_);
    rows_.clear();
    bytes_ = 0;
    waits = waiting_.has_value();
    if (!waits && !std::exchange(ended_, true)) error_ = Error(Errc::cancelled, "the Scanner was closed");
  }
  if (read) read->abort(Error(Errc::cancelled, "the Scanner was closed"));
  if (waits) stop(Error(Errc::cancelled, "the Scanner was closed"));
}

Result<void> ScanStream::rows_came(std::vector<MergedRow> merged) {
  std::vector<Row> rows;
  std::size_t bytes = 0;
  for (MergedRow& one : merged) {
    auto row = row_of(std::move(one));
    if (!row) return row.error();
    bytes += bytes_of(*row);
    const auto batch = static_cast<std::size_t>(std::max(0, scan_.batch()));
    if (batch == 0 || row->size() <= batch) {
      rows.push_back(std::move(*row));
      continue;
    }
    // In parts, as it was asked for: they share the cells.
    const std::span<const Cell> cells = row->cells();
    for (std::size_t at = 0; at < cells.size(); at += batch) {
      const std::size_t count = std::min(batch, cells.size() - at);
      rows.emplace_back(row->owner(), cells.subspan(at, count), true, at + count < cells.size());
    }
  }
  {
    std::lock_guard lock(mutex_);
    if (ended_) return {};
    for (Row& row : rows) rows_.push_back(std::move(row));
    bytes_ += bytes;
    if (scan_.scan_metrics()) metrics_.bytes_in_results += bytes;
  }
  tell();
  return {};
}

void ScanStream::passed_over(const std::string& key) {
  if (!scan_.cursor_results()) return;
  {
    std::lock_guard lock(mutex_);
    if (ended_ || !rows_.empty()) return;
    rows_.push_back(Row::of_cursor(key));
  }
  tell();
}

void ScanStream::ended(std::optional<Error> error) {
  {
    std::lock_guard lock(mutex_);
    read_ = nullptr;
    if (!std::exchange(ended_, true)) error_ = std::move(error);
  }
  tell();
}

/// The one who waits gets the next row, on this lane.
void ScanStream::tell() {
  std::optional<Done> done;
  std::optional<NextResult> result;
  {
    std::lock_guard lock(mutex_);
    if (!waiting_) return;
    result = take_ready();
    if (!result) return;
    done = std::exchange(waiting_, std::nullopt);
  }
  if (done->cancel) done->cancel->arm(nullptr);
  done->finish(std::move(*result));
}

void ScanStream::count(int calls, int retries) {
  if (!scan_.scan_metrics()) return;
  std::lock_guard lock(mutex_);
  metrics_.rpc_calls = static_cast<std::uint64_t>(calls);
  metrics_.rpc_retries = static_cast<std::uint64_t>(retries);
  metrics_.regions_scanned = calls > 0 ? 1 : 0;
}

ScanMetrics ScanStream::metrics() const {
  std::lock_guard lock(mutex_);
  return metrics_;
}

namespace {

class ScanAll final : public std::enable_shared_from_this<ScanAll> {
 public:
  ScanAll(TablePtr table, Scan scan, detail::Completion<Result<std::vector<Row>>> done)
      : stream_(std::make_shared<ScanStream>(std::move(table), std::move(scan))),
        cancel_(std::move(done.cancel)),
        finish_(std::move(done.finish)) {}
  ~ScanAll() { stream_->close(); }

  void wait() {
    ScanStream::Done done;
    done.cancel = cancel_;
    done.finish = [self = shared_from_this()](ScanStream::NextResult row) {
      for (std::optional next = std::move(row); next; next = self->stream_->try_next()) {
        if (!*next) return self->finish_((*next).error());
        if (!**next) return self->finish_(std::move(self->rows_));
        self->rows_.push_back(std::move(***next));
      }
      self->wait();
    };
    stream_->next(std::move(done));
  }

 private:
  const std::shared_ptr<ScanStream> stream_;
  const std::shared_ptr<detail::CancelPoint> cancel_;
  core::UniqueFunction<void(Result<std::vector<Row>>)> finish_;
  std::vector<Row> rows_;
};

}  // namespace

void start_scan_all(TablePtr table, Scan scan, detail::Completion<Result<std::vector<Row>>> done) {
  std::make_shared<ScanAll>(std::move(table), std::move(scan), std::move(done))->wait();
}

}  // namespace hbmux::bigtable
