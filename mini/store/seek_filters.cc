// Filters that choose rows by sending the reader on to the next one that can match.
#include "mini/parse.h"
#include "mini/store/comparator.h"
#include "mini/store/filter.h"
#include "mini/store/row_map.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

unsigned char byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

/// Rows whose bytes equal a key's where a mask says so. A row shorter than the key needs to match only as far as it
/// goes.
class FuzzyRowFilter final : public Filter {
 public:
  struct Pattern {
    std::string key;
    std::vector<bool> fixed;  ///< Where the byte must be equal.
    bool matches(std::string_view row) const {
      const std::size_t length = std::min(row.size(), key.size());
      for (std::size_t i = 0; i < length; ++i) {
        if (fixed[i] && row[i] != key[i]) return false;
      }
      return true;
    }
  };
  explicit FuzzyRowFilter(std::vector<Pattern> patterns) : patterns_(std::move(patterns)) {}
  void reset() override { out_ = false; }
  bool filter_row() override { return out_; }
  bool filter_all_remaining() override { return done_; }
  bool is_hinting() const override { return true; }
  FilterCode filter_cell(const StoredCell& cell) override {
    for (const Pattern& pattern : patterns_) {
      if (pattern.matches(cell.row())) return FilterCode::include;
    }
    out_ = true;
    return FilterCode::seek_hint;
  }
  std::optional<SeekHint> next_hint(const StoredCell& cell) override {
    if (!began_) {
      for (std::size_t i = 0; i < patterns_.size(); ++i) look_for_next(cell, i);
      began_ = true;
    }
    while (!next_.empty() && !lies_before(cell.row(), nearest()->row)) {
      const std::size_t pattern = nearest()->pattern;
      next_.erase(nearest());
      look_for_next(cell, pattern);
    }
    if (next_.empty()) {
      done_ = true;
      return std::nullopt;
    }
    return SeekHint::first_on_row(nearest()->row);
  }

 private:
  struct Next {
    std::string row;
    std::size_t pattern;
  };

  bool lies_before(std::string_view row, std::string_view other) const {
    const int c = compare_rows(row, other);
    return is_reversed() ? c > 0 : c < 0;
  }
  std::vector<Next>::iterator nearest() {
    return std::min_element(next_.begin(), next_.end(),
                            [this](const Next& a, const Next& b) { return lies_before(a.row, b.row); });
  }
  void look_for_next(const StoredCell& cell, std::size_t pattern) {
    if (auto found = row_after(cell, patterns_[pattern])) next_.push_back({std::move(*found), pattern});
  }

  /// In the direction of the scan, the first row that can match and is not behind one that does.
  std::optional<std::string> row_after(const StoredCell& cell, const Pattern& pattern) const {
    // Where the row is shorter than the key, HBase takes the bytes that are stored behind it.
    const std::string_view row = cell.from_row();
    const unsigned char least = is_reversed() ? 0xff : 0, most = is_reversed() ? 0 : 0xff;
    const auto is_open = [&](std::size_t i) { return i >= pattern.fixed.size() || !pattern.fixed[i]; };
    std::string result = pattern.key;
    result.resize(std::max(cell.row().size(), pattern.key.size()));
    if (is_reversed()) std::replace(result.begin(), result.end(), '\0', static_cast<char>(0xff));
    std::optional<std::size_t> to_grow;
    bool is_behind = false;
    for (std::size_t i = 0; i < result.size() && i < row.size(); ++i) {
      const int here = byte_at(row, i);
      if (is_open(i)) {
        result[i] = row[i];
        if (here != most) to_grow = i;
        continue;
      }
      const int wanted = byte_at(pattern.key, i);
      if (here == wanted) continue;
      is_behind = is_reversed() ? here > wanted : here < wanted;
      break;
    }
    if (!is_behind) {
      if (!to_grow) return std::nullopt;
      result[*to_grow] = static_cast<char>(byte_at(result, *to_grow) + (is_reversed() ? -1 : 1));
      for (std::size_t i = *to_grow + 1; i < result.size(); ++i) {
        if (is_open(i)) result[i] = static_cast<char>(least);
      }
    }
    // What stands open at the end is left away.
    std::size_t size = std::min(pattern.fixed.size(), result.size());
    while (size > 0 && !pattern.fixed[size - 1]) --size;
    if (to_grow) size = std::max(size, *to_grow + 1);
    result.resize(size);
    return is_reversed() ? increased_bytes(std::move(result)) : result;
  }

  std::vector<Pattern> patterns_;
  std::vector<Next> next_;
  bool began_ = false, done_ = false, out_ = false;
};

/// Rows in any of several ranges, which are in order and do not overlap.
class MultiRowRangeFilter final : public Filter {
 public:
  using Range = pb::RowRange;
  explicit MultiRowRangeFilter(std::vector<Range> ranges) : ranges_(std::move(ranges)) {}
  void set_reversed(bool reversed) override {
    if (reversed != is_reversed()) std::reverse(ranges_.begin(), ranges_.end());
    Filter::set_reversed(reversed);
  }
  bool filter_all_remaining() override { return done_; }
  bool is_hinting() const override { return true; }
  bool filter_row_key(const StoredCell& first) override {
    if (done_) return true;
    const bool inside = found_first_ && contains(*range_, first.row());
    code_ = inside ? FilterCode::include : look_up(first.row());
    return false;
  }
  FilterCode filter_cell(const StoredCell&) override { return code_; }
  std::optional<SeekHint> next_hint(const StoredCell&) override { return SeekHint::first_on_row(entry(*range_)); }

 private:
  /// Where a scan comes into a range.
  const std::string& entry(const Range& range) const { return is_reversed() ? range.stop_row() : range.start_row(); }
  bool is_entry_inclusive(const Range& range) const {
    return is_reversed() ? range.stop_row_inclusive() : range.start_row_inclusive();
  }
  static bool contains(const Range& range, std::string_view row) {
    const int start = compare_rows(row, range.start_row());
    if (start < 0 || (start == 0 && !range.start_row_inclusive())) return false;
    if (range.stop_row().empty()) return true;
    const int stop = compare_rows(row, range.stop_row());
    return stop < 0 || (stop == 0 && range.stop_row_inclusive());
  }

  FilterCode look_up(std::string_view row) {
    const auto is_passed = [this](const Range& range, std::string_view r) {
      const int c = compare_rows(entry(range), r);
      return is_reversed() ? c > 0 : c < 0;
    };
    const auto at = std::lower_bound(ranges_.begin(), ranges_.end(), row, is_passed);
    std::size_t index = static_cast<std::size_t>(at - ranges_.begin());
    const bool at_entry = at != ranges_.end() && entry(*at) == row;
    if (!at_entry) {
      if (index > 0 && contains(ranges_[index - 1], row)) {
        --index;
      } else if (index == 0 && !(at != ranges_.end() && contains(*at, row))) {
        range_ = &ranges_.front();
        found_first_ = true;
        return FilterCode::seek_hint;
      } else {
        found_first_ = true;
      }
    }
    if (index >= ranges_.size()) {
      done_ = true;
      return FilterCode::next_row;
    }
    range_ = &ranges_[index];
    if (at_entry && !is_entry_inclusive(*range_)) return FilterCode::next_row;
    if (!found_first_) {
      found_first_ = true;
      return FilterCode::include;
    }
    return contains(*range_, row) ? FilterCode::include : FilterCode::seek_hint;
  }

  std::vector<Range> ranges_;
  const Range* range_ = nullptr;
  bool found_first_ = false, done_ = false;
  FilterCode code_ = FilterCode::include;
};

MadeFilter make_fuzzy(const std::string& serialized) {
  pb::FuzzyRowFilter message;
  if (!parse(serialized, message)) return malformed("FuzzyRowFilter");
  // A client marks fixed bytes with 0 and others with 1, or, when its filter has been prepared already, with -1 and
  // with 0 or 2 (by the version of its mask, which clients do not all tell).
  const char wildcard = message.is_mask_v2() ? 2 : 0;
  std::vector<FuzzyRowFilter::Pattern> patterns;
  for (const auto& pair : message.fuzzy_keys_data()) {
    const std::string& mask = pair.second();
    if (pair.first().size() != mask.size()) return malformed("FuzzyRowFilter");
    const bool prepared =
        std::all_of(mask.begin(), mask.end(), [wildcard](char c) { return c == -1 || c == wildcard; });
    FuzzyRowFilter::Pattern pattern{pair.first(), {}};
    for (std::size_t i = 0; i < mask.size(); ++i) {
      pattern.fixed.push_back(mask[i] == -1 || (!prepared && mask[i] == 0));
      if (!pattern.fixed.back()) pattern.key[i] = 0;
    }
    patterns.push_back(std::move(pattern));
  }
  return std::unique_ptr<Filter>(std::make_unique<FuzzyRowFilter>(std::move(patterns)));
}

}  // namespace

MadeFilter make_seek_filter(std::string_view name, const std::string& serialized) {
  if (name == "FuzzyRowFilter") return make_fuzzy(serialized);
  if (name == "MultiRowRangeFilter") {
    pb::MultiRowRangeFilter message;
    if (!parse(serialized, message) || message.row_range_list_size() == 0) return malformed(name);
    return std::unique_ptr<Filter>(std::make_unique<MultiRowRangeFilter>(
        std::vector<pb::RowRange>(message.row_range_list().begin(), message.row_range_list().end())));
  }
  return std::unique_ptr<Filter>();
}

}  // namespace hbmux::mini
