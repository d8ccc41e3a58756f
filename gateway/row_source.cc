#include "gateway/row_source.h"

#include <algorithm>
#include <utility>

namespace hbmux::gateway {
namespace {

constexpr std::size_t kGetsMax = 256;
/// A batch of gets should bring about so much.
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

}  // namespace

RowSource::RowSource(Table table, std::vector<KeyRange> ranges, const Options& options, CancelScope& scope)
    : table_(std::move(table)), ranges_(std::move(ranges)), options_(options), scope_(scope) {}

std::optional<Result<Row>> RowSource::take() {
  if (at_hand_.empty()) return std::nullopt;
  std::optional<Result<Row>> row(std::move(at_hand_.front()));
  at_hand_.pop_front();
  return row;
}

bool RowSource::read(Handler handler) {
  return current().is_one_key() ? read_gets(std::move(handler)) : read_scan(std::move(handler));
}

Scan RowSource::scan_of(const KeyRange& range) const {
  Scan scan;
  scan.versions(versions()).reversed(options_.reversed).limit(options_.rows_limit).cursor_results(options_.tells_progress);
  if (options_.reversed) {
    scan.start_row(range.end, false).stop_row(range.start, true);
  } else {
    scan.start_row(range.start).stop_row(range.end);
  }
  return scan;
}

bool RowSource::read_scan(Handler handler) {
  if (!scanner_) scanner_.emplace(table_.scan(scan_of(current())));
  return scope_.begin([this](auto token) { scanner_->async_next(std::move(token)); },
                      [this, handler = std::move(handler)](Scanner::NextResult row) mutable {
                        if (!row) {
                          at_hand_.emplace_back(row.error());
                        } else if (*row) {
                          at_hand_.emplace_back(std::move(**row));
                        } else {
                          scanner_.reset();
                          ++at_;
                        }
                        handler();
                      });
}

bool RowSource::read_gets(Handler handler) {
  std::vector<Action> gets;
  while (at_ < ranges_.size() && gets.size() < gets_at_once_ && current().is_one_key()) {
    gets.emplace_back(Get(current().start).versions(versions()));
    ++at_;
  }
  if (gets.size() == 1) {
    return scope_.begin([this, &gets](auto token) { table_.async_get(std::move(std::get<Get>(gets.front())), std::move(token)); },
                        [this, handler = std::move(handler)](Result<Row> row) mutable {
                          at_hand_.push_back(std::move(row));
                          handler();
                        });
  }
  return scope_.begin([this, &gets](auto token) { table_.async_batch(std::move(gets), std::move(token)); },
                      [this, handler = std::move(handler)](BatchResult results) mutable {
                        keep(std::move(results));
                        handler();
                      });
}

void RowSource::keep(BatchResult results) {
  std::size_t bytes = 0;
  for (auto& result : results) {
    if (!result) {
      at_hand_.emplace_back(result.error());
      continue;
    }
    for (const Cell& cell : result->cells()) bytes += cell.encoded().size();
    at_hand_.emplace_back(Row(std::move(*result)));
  }
  if (bytes < kBatchBytes) gets_at_once_ = std::min(gets_at_once_ * 2, kGetsMax);
  if (bytes > 4 * kBatchBytes) gets_at_once_ = std::max<std::size_t>(gets_at_once_ / 4, 1);
}

}  // namespace hbmux::gateway
