// Filters that choose rows.
#include "mini/parse.h"
#include "mini/store/comparator.h"
#include "mini/store/filter.h"
#include "mini/store/row_map.h"

#include <algorithm>
#include <random>

namespace hbmux::mini {
namespace {

class PrefixFilter final : public Filter {
 public:
  explicit PrefixFilter(std::string prefix) : prefix_(std::move(prefix)) {}
  void reset() override { out_ = true; }
  bool filter_row_key(std::string_view row) override {
    if (passed_ || row.size() < prefix_.size()) return true;
    const int c = row.substr(0, prefix_.size()).compare(prefix_);
    if (is_reversed() ? c < 0 : c > 0) passed_ = true;
    out_ = c != 0;
    return out_;
  }
  FilterCode filter_cell(const StoredCell&) override { return out_ ? FilterCode::next_row : FilterCode::include; }
  bool filter_row() override { return out_; }
  bool filter_all_remaining() override { return passed_; }

 private:
  std::string prefix_;
  bool passed_ = false, out_ = true;
};

class PageFilter final : public Filter {
 public:
  explicit PageFilter(std::int64_t size) : size_(size) {}
  bool has_filter_row() const override { return true; }
  bool filter_row() override { return ++accepted_ > size_; }
  bool filter_all_remaining() override { return accepted_ >= size_; }

 private:
  std::int64_t size_, accepted_ = 0;
};

class InclusiveStopFilter final : public Filter {
 public:
  explicit InclusiveStopFilter(std::string stop) : stop_(std::move(stop)) {}
  bool filter_row_key(std::string_view row) override {
    if (done_) return true;
    const int c = row.compare(stop_);
    done_ = is_reversed() ? c < 0 : c > 0;
    return done_;
  }
  FilterCode filter_cell(const StoredCell&) override { return done_ ? FilterCode::next_row : FilterCode::include; }
  bool filter_all_remaining() override { return done_; }

 private:
  std::string stop_;
  bool done_ = false;
};

class RandomRowFilter final : public Filter {
 public:
  explicit RandomRowFilter(float chance) : chance_(chance) {}
  void reset() override { out_ = false; }
  bool filter_row_key(std::string_view) override {
    out_ = chance_ < 0 || (chance_ <= 1 && !(std::uniform_real_distribution<float>(0, 1)(random_) < chance_));
    return out_;
  }
  FilterCode filter_cell(const StoredCell&) override { return out_ ? FilterCode::next_row : FilterCode::include; }
  bool has_filter_row() const override { return true; }
  bool filter_row() override { return out_; }

 private:
  float chance_;
  bool out_ = false;
  std::minstd_rand random_{12345};
};

/// Rows whose bytes equal a key's where a mask says so. A row shorter than the key needs to match only as far as it
/// goes.
class FuzzyRowFilter final : public Filter {
 public:
  struct Pattern {
    std::string key;
    std::string fixed;  ///< 1 where the byte must be equal.
    bool matches(std::string_view row) const {
      const std::size_t length = std::min(row.size(), key.size());
      for (std::size_t i = 0; i < length; ++i) {
        if (fixed[i] != 0 && row[i] != key[i]) return false;
      }
      return true;
    }
  };
  explicit FuzzyRowFilter(std::vector<Pattern> patterns) : patterns_(std::move(patterns)) {}
  void reset() override { out_ = false; }
  FilterCode filter_cell(const StoredCell& cell) override {
    for (const Pattern& pattern : patterns_) {
      if (pattern.matches(cell.row())) return FilterCode::include;
    }
    out_ = true;
    return FilterCode::next_row;
  }
  bool filter_row() override { return out_; }

 private:
  std::vector<Pattern> patterns_;
  bool out_ = false;
};

class MultiRowRangeFilter final : public Filter {
 public:
  using Range = pb::RowRange;
  explicit MultiRowRangeFilter(std::vector<Range> ranges) : ranges_(std::move(ranges)) {}
  bool filter_row_key(std::string_view row) override {
    if (done_) return true;
    out_ = std::none_of(ranges_.begin(), ranges_.end(), [row](const Range& range) { return contains(range, row); });
    done_ =
        out_ && std::all_of(ranges_.begin(), ranges_.end(), [&](const Range& range) { return is_behind(range, row); });
    return false;
  }
  FilterCode filter_cell(const StoredCell&) override { return out_ ? FilterCode::next_row : FilterCode::include; }
  bool filter_all_remaining() override { return done_; }

 private:
  static bool is_above_start(const Range& range, std::string_view row) {
    const int c = row.compare(range.start_row());
    return c > 0 || (c == 0 && range.start_row_inclusive());
  }
  static bool is_below_stop(const Range& range, std::string_view row) {
    if (range.stop_row().empty()) return true;
    const int c = row.compare(range.stop_row());
    return c < 0 || (c == 0 && range.stop_row_inclusive());
  }
  static bool contains(const Range& range, std::string_view row) {
    return is_above_start(range, row) && is_below_stop(range, row);
  }
  bool is_behind(const Range& range, std::string_view row) const {
    return is_reversed() ? !is_above_start(range, row) : !is_below_stop(range, row);
  }

  std::vector<Range> ranges_;
  bool done_ = false, out_ = false;
};

class FirstKeyOnlyFilter : public Filter {
 public:
  void reset() override { found_ = false; }
  bool filter_row_key(std::string_view) override { return false; }
  FilterCode filter_cell(const StoredCell&) override {
    if (found_) return FilterCode::next_row;
    found_ = true;
    return FilterCode::include;
  }

 protected:
  bool found_ = false;
};

class FirstKeyValueMatchingQualifiersFilter final : public FirstKeyOnlyFilter {
 public:
  explicit FirstKeyValueMatchingQualifiersFilter(std::vector<std::string> qualifiers)
      : qualifiers_(std::move(qualifiers)) {}
  FilterCode filter_cell(const StoredCell& cell) override {
    if (found_) return FilterCode::next_row;
    found_ = std::find(qualifiers_.begin(), qualifiers_.end(), cell.qualifier()) != qualifiers_.end();
    return FilterCode::include;
  }

 private:
  std::vector<std::string> qualifiers_;
};

class KeyOnlyFilter final : public Filter {
 public:
  explicit KeyOnlyFilter(bool length_as_value) : length_as_value_(length_as_value) {}
  bool filter_row_key(std::string_view) override { return false; }
  CellRef transform(const StoredCell& cell) override {
    std::string value;
    if (length_as_value_) core::append_be(value, static_cast<std::uint32_t>(cell.value().size()));
    return StoredCell::make(cell.row(), cell.family(), cell.qualifier(), cell.timestamp(), cell.type(), value);
  }

 private:
  bool length_as_value_;
};

MadeFilter make_fuzzy(const std::string& serialized) {
  pb::FuzzyRowFilter message;
  if (!parse(serialized, message)) return malformed("FuzzyRowFilter");
  // A client marks fixed bytes with 0 and others with 1, or, when its filter has been prepared already, with -1 and
  // with 0 or 2 (by the version of its mask).
  const char wildcard = message.is_mask_v2() ? 2 : 0;
  std::vector<FuzzyRowFilter::Pattern> patterns;
  for (const auto& pair : message.fuzzy_keys_data()) {
    FuzzyRowFilter::Pattern pattern{pair.first(), pair.second()};
    if (pattern.key.size() != pattern.fixed.size()) return malformed("FuzzyRowFilter");
    const bool prepared = std::all_of(pattern.fixed.begin(), pattern.fixed.end(),
                                      [wildcard](char c) { return c == -1 || c == wildcard; });
    for (char& c : pattern.fixed) c = prepared ? c == -1 : c == 0;
    patterns.push_back(std::move(pattern));
  }
  return std::unique_ptr<Filter>(std::make_unique<FuzzyRowFilter>(std::move(patterns)));
}

}  // namespace

MadeFilter make_row_filter(std::string_view name, const std::string& serialized) {
  using Made = std::unique_ptr<Filter>;
  if (name == "PrefixFilter") {
    pb::PrefixFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<PrefixFilter>(message.prefix()));
  }
  if (name == "PageFilter") {
    pb::PageFilter message;
    if (!parse(serialized, message) || message.page_size() < 0) return malformed(name);
    return Made(std::make_unique<PageFilter>(message.page_size()));
  }
  if (name == "InclusiveStopFilter") {
    pb::InclusiveStopFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<InclusiveStopFilter>(message.stop_row_key()));
  }
  if (name == "RandomRowFilter") {
    pb::RandomRowFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<RandomRowFilter>(message.chance()));
  }
  if (name == "FuzzyRowFilter") return make_fuzzy(serialized);
  if (name == "MultiRowRangeFilter") {
    pb::MultiRowRangeFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<MultiRowRangeFilter>(
        std::vector<pb::RowRange>(message.row_range_list().begin(), message.row_range_list().end())));
  }
  if (name == "FirstKeyOnlyFilter") return Made(std::make_unique<FirstKeyOnlyFilter>());
  if (name == "FirstKeyValueMatchingQualifiersFilter") {
    pb::FirstKeyValueMatchingQualifiersFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<FirstKeyValueMatchingQualifiersFilter>(
        std::vector<std::string>(message.qualifiers().begin(), message.qualifiers().end())));
  }
  if (name == "KeyOnlyFilter") {
    pb::KeyOnlyFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<KeyOnlyFilter>(message.len_as_val()));
  }
  return Made();
}

}  // namespace hbmux::mini
