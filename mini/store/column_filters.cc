// Filters that choose columns or versions.
#include "mini/parse.h"
#include "mini/store/comparator.h"
#include "mini/store/filter.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace hbmux::mini {
namespace {

/// Filters of columns never leave a row out by its key.
class ColumnFilter : public Filter {
 public:
  bool filter_row_key(const StoredCell&) override { return false; }
};

class ColumnPrefixFilter final : public ColumnFilter {
 public:
  explicit ColumnPrefixFilter(std::string prefix) : prefix_(std::move(prefix)) {}
  FilterCode filter_cell(const StoredCell& cell) override {
    const std::string_view qualifier = cell.qualifier();
    const std::size_t common = std::min(qualifier.size(), prefix_.size());
    const int c = qualifier.substr(0, common).compare(std::string_view(prefix_).substr(0, common));
    if (c != 0) return c < 0 ? FilterCode::seek_hint : FilterCode::next_row;
    return qualifier.size() < prefix_.size() ? FilterCode::seek_hint : FilterCode::include;
  }
  bool is_hinting() const override { return true; }
  std::optional<SeekHint> next_hint(const StoredCell& cell) override {
    return SeekHint::first_on_column(cell, prefix_);
  }

 private:
  std::string prefix_;
};

class MultipleColumnPrefixFilter final : public ColumnFilter {
 public:
  explicit MultipleColumnPrefixFilter(std::set<std::string, std::less<>> prefixes) : prefixes_(std::move(prefixes)) {}
  FilterCode filter_cell(const StoredCell& cell) override {
    if (prefixes_.empty()) return FilterCode::include;
    auto next = prefixes_.upper_bound(cell.qualifier());
    if (next != prefixes_.begin() && cell.qualifier().starts_with(*std::prev(next))) return FilterCode::include;
    if (next == prefixes_.end()) return FilterCode::next_row;
    hint_ = *next;
    return FilterCode::seek_hint;
  }
  bool is_hinting() const override { return true; }
  std::optional<SeekHint> next_hint(const StoredCell& cell) override { return SeekHint::first_on_column(cell, hint_); }

 private:
  std::set<std::string, std::less<>> prefixes_;
  std::string hint_;
};

class ColumnRangeFilter final : public ColumnFilter {
 public:
  explicit ColumnRangeFilter(pb::ColumnRangeFilter message) : range_(std::move(message)) {}
  FilterCode filter_cell(const StoredCell& cell) override {
    const std::string_view qualifier = cell.qualifier();
    if (range_.has_min_column()) {
      if (qualifier < range_.min_column()) return FilterCode::seek_hint;
      if (!range_.min_column_inclusive() && qualifier == range_.min_column()) return FilterCode::next_column;
    }
    if (!range_.has_max_column()) return FilterCode::include;
    const int c = qualifier.compare(range_.max_column());
    return c < 0 || (c == 0 && range_.max_column_inclusive()) ? FilterCode::include : FilterCode::next_row;
  }
  bool is_hinting() const override { return true; }
  std::optional<SeekHint> next_hint(const StoredCell& cell) override {
    return SeekHint::first_on_column(cell, range_.min_column());
  }

 private:
  pb::ColumnRangeFilter range_;
};

class ColumnCountGetFilter final : public Filter {
 public:
  explicit ColumnCountGetFilter(int limit) : limit_(limit) {}
  void reset() override { count_ = 0; }
  bool filter_all_remaining() override { return count_ > limit_; }
  FilterCode filter_cell(const StoredCell&) override {
    return ++count_ > limit_ ? FilterCode::next_column : FilterCode::include_and_next_column;
  }

 private:
  int limit_, count_ = 0;
};

class ColumnPaginationFilter final : public ColumnFilter {
 public:
  explicit ColumnPaginationFilter(const pb::ColumnPaginationFilter& message)
      : limit_(message.limit()), offset_(message.offset()) {
    if (message.has_column_offset()) first_ = message.column_offset();
  }
  void reset() override { count_ = 0; }
  FilterCode filter_cell(const StoredCell& cell) override {
    if (first_) {
      if (count_ >= limit_) return FilterCode::next_row;
      if (count_ == 0 && cell.qualifier() < *first_) return FilterCode::seek_hint;
      ++count_;
      return FilterCode::include_and_next_column;
    }
    if (count_ >= offset_ + limit_) return FilterCode::next_row;
    return count_++ < offset_ ? FilterCode::next_column : FilterCode::include_and_next_column;
  }
  std::optional<SeekHint> next_hint(const StoredCell& cell) override {
    return SeekHint::first_on_column(cell, first_.value_or(""));
  }

 private:
  std::int64_t limit_, offset_, count_ = 0;
  std::optional<std::string> first_;
};

class TimestampsFilter final : public ColumnFilter {
 public:
  TimestampsFilter(std::set<std::int64_t> timestamps, bool can_hint)
      : timestamps_(std::move(timestamps)), can_hint_(can_hint) {}
  FilterCode filter_cell(const StoredCell& cell) override {
    if (timestamps_.contains(cell.timestamp())) return FilterCode::include;
    const bool older = timestamps_.empty() || cell.timestamp() < *timestamps_.begin();
    if (older && cell.timestamp() != kLatestTimestamp) return FilterCode::next_column;
    return can_hint_ ? FilterCode::seek_hint : FilterCode::skip;
  }
  bool is_hinting() const override { return true; }
  std::optional<SeekHint> next_hint(const StoredCell& cell) override {
    if (!can_hint_) return std::nullopt;
    SeekHint hint = SeekHint::first_on_column(cell, cell.qualifier());
    const auto above = timestamps_.lower_bound(cell.timestamp());
    if (above == timestamps_.begin()) {
      hint.timestamp = std::numeric_limits<std::int64_t>::min();
      hint.type = SeekHint::kLastType;
    } else {
      hint.timestamp = *std::prev(above);
    }
    return hint;
  }

 private:
  std::set<std::int64_t> timestamps_;
  bool can_hint_;
};

}  // namespace

MadeFilter make_column_filter(std::string_view name, const std::string& serialized) {
  using Made = std::unique_ptr<Filter>;
  if (name == "ColumnPrefixFilter") {
    pb::ColumnPrefixFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<ColumnPrefixFilter>(message.prefix()));
  }
  if (name == "MultipleColumnPrefixFilter") {
    pb::MultipleColumnPrefixFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<MultipleColumnPrefixFilter>(
        std::set<std::string, std::less<>>(message.sorted_prefixes().begin(), message.sorted_prefixes().end())));
  }
  if (name == "ColumnRangeFilter") {
    pb::ColumnRangeFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<ColumnRangeFilter>(std::move(message)));
  }
  if (name == "ColumnCountGetFilter") {
    pb::ColumnCountGetFilter message;
    if (!parse(serialized, message) || message.limit() < 0) return malformed(name);
    return Made(std::make_unique<ColumnCountGetFilter>(message.limit()));
  }
  if (name == "ColumnPaginationFilter") {
    pb::ColumnPaginationFilter message;
    if (!parse(serialized, message) || message.limit() < 0 || message.offset() < 0) return malformed(name);
    return Made(std::make_unique<ColumnPaginationFilter>(message));
  }
  if (name == "TimestampsFilter") {
    pb::TimestampsFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<TimestampsFilter>(
        std::set<std::int64_t>(message.timestamps().begin(), message.timestamps().end()), message.can_hint()));
  }
  return Made();
}

}  // namespace hbmux::mini
