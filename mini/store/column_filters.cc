// Filters that choose columns or versions.
#include "mini/parse.h"
#include "mini/store/comparator.h"
#include "mini/store/filter.h"

#include <algorithm>
#include <optional>
#include <set>

namespace hbmux::mini {
namespace {

/// Filters of columns never leave a row out by its key.
class ColumnFilter : public Filter {
 public:
  bool filter_row_key(std::string_view) override { return false; }

 protected:
  static SeekHint column_hint(const StoredCell& cell, std::string_view qualifier) {
    return {SeekHint::Kind::column, {}, std::string(cell.family()), std::string(qualifier)};
  }
};

class ColumnPrefixFilter final : public ColumnFilter {
 public:
  explicit ColumnPrefixFilter(std::string prefix) : prefix_(std::move(prefix)) {}
  FilterCode filter_cell(const StoredCell& cell) override {
    if (cell.qualifier().starts_with(prefix_)) return FilterCode::include;
    return cell.qualifier() < prefix_ ? FilterCode::seek_hint : FilterCode::next_row;
  }
  SeekHint next_hint(const StoredCell& cell) override { return column_hint(cell, prefix_); }

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
  SeekHint next_hint(const StoredCell& cell) override { return column_hint(cell, hint_); }

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
  SeekHint next_hint(const StoredCell& cell) override { return column_hint(cell, range_.min_column()); }

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
  SeekHint next_hint(const StoredCell& cell) override { return column_hint(cell, first_.value_or("")); }

 private:
  std::int64_t limit_, offset_, count_ = 0;
  std::optional<std::string> first_;
};

class TimestampsFilter final : public ColumnFilter {
 public:
  explicit TimestampsFilter(std::set<std::int64_t> timestamps) : timestamps_(std::move(timestamps)) {}
  FilterCode filter_cell(const StoredCell& cell) override {
    if (timestamps_.contains(cell.timestamp())) return FilterCode::include;
    const bool older = !timestamps_.empty() && cell.timestamp() < *timestamps_.begin();
    return older || timestamps_.empty() ? FilterCode::next_column : FilterCode::skip;
  }

 private:
  std::set<std::int64_t> timestamps_;
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
        std::set<std::int64_t>(message.timestamps().begin(), message.timestamps().end())));
  }
  return Made();
}

}  // namespace hbmux::mini
