// Filters without filters inside.
#include "gateway/filter_node.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace hbmux::gateway {
namespace {

/// Cells that a test lets through, each by itself.
template <class Test>
class CellTest final : public RowFilter::Node {
 public:
  explicit CellTest(Test test) : test_(std::move(test)) {}
  void apply(FilterRun&, RowCells& cells) const override {
    std::erase_if(cells, [this](const RowCell& cell) { return !test_(cell); });
  }

 private:
  Test test_;
};
template <class Test>
FilterNode cell_test(Test test) {
  return std::make_unique<CellTest<Test>>(std::move(test));
}

/// Changes cells or counts them.
template <class Change>
class CellsChange final : public RowFilter::Node {
 public:
  explicit CellsChange(Change change) : change_(std::move(change)) {}
  void apply(FilterRun& run, RowCells& cells) const override { change_(run, cells); }

 private:
  Change change_;
};
template <class Change>
FilterNode cells_change(Change change) {
  return std::make_unique<CellsChange<Change>>(std::move(change));
}

Status in_field(const char* field, std::string_view what) {
  return invalid("Error in field '" + std::string(field) + "' : " + std::string(what));
}

/// Patterns are over bytes: each byte is a character, and \C one too.
Answer<std::shared_ptr<const re2::RE2>> pattern_of(const char* field, const std::string& text) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(4 << 20);
  auto pattern = std::make_shared<const re2::RE2>(text, options);
  if (!pattern->ok()) return in_field(field, pattern->error());
  return pattern;
}
bool matches(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

Answer<FilterNode> row_key_regex(const std::string& text) {
  if (text.empty()) return in_field("row_key_regex_filter", "argument must not be empty");
  auto pattern = pattern_of("row_key_regex_filter", text);
  if (!pattern) return pattern.error();
  return cells_change([pattern = std::move(*pattern)](FilterRun& run, RowCells& cells) {
    if (!matches(*pattern, run.row_key)) cells.clear();
  });
}

Answer<FilterNode> family_regex(const std::string& text) {
  if (text.find(':') != std::string::npos) return in_field("family_name_regex_filter", "':' is not allowed in it");
  auto pattern = pattern_of("family_name_regex_filter", text);
  if (!pattern) return pattern.error();
  return cell_test([pattern = std::move(*pattern)](const RowCell& cell) { return matches(*pattern, cell.family); });
}

Answer<FilterNode> qualifier_regex(const std::string& text) {
  auto pattern = pattern_of("column_qualifier_regex_filter", text);
  if (!pattern) return pattern.error();
  return cell_test([pattern = std::move(*pattern)](const RowCell& cell) { return matches(*pattern, cell.qualifier); });
}

Answer<FilterNode> value_regex(const std::string& text) {
  auto pattern = pattern_of("value_regex_filter", text);
  if (!pattern) return pattern.error();
  return cell_test([pattern = std::move(*pattern)](const RowCell& cell) { return matches(*pattern, cell.value); });
}

Answer<FilterNode> row_sample(double chance) {
  if (!(chance > 0 && chance < 1)) return invalid("row_sample_filter argument must be between 0.0 and 1.0");
  return cells_change([chance](FilterRun& run, RowCells& cells) {
    std::uint64_t bits = *run.random += 0x9e3779b97f4a7c15;  // splitmix64
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    bits ^= bits >> 31;
    if (static_cast<double>(bits >> 11) * 0x1p-53 >= chance) cells.clear();
  });
}

/// Bounds of which each may be missing, open or closed.
struct ByteRange {
  std::string low, high;
  bool has_high = false, low_open = false, high_open = false;

  bool contains(std::string_view bytes) const noexcept {
    if (low_open ? bytes <= low : bytes < low) return false;
    return !has_high || (high_open ? bytes < high : bytes <= high);
  }
};

FilterNode column_range(const bt::ColumnRange& range) {
  ByteRange bytes;
  bytes.low_open = range.has_start_qualifier_open();
  bytes.low = bytes.low_open ? range.start_qualifier_open() : range.start_qualifier_closed();
  bytes.high_open = range.has_end_qualifier_open();
  bytes.has_high = bytes.high_open || range.has_end_qualifier_closed();
  bytes.high = bytes.high_open ? range.end_qualifier_open() : range.end_qualifier_closed();
  return cell_test([family = range.family_name(), bytes = std::move(bytes)](const RowCell& cell) {
    return cell.family == family && bytes.contains(cell.qualifier);
  });
}

FilterNode value_range(const bt::ValueRange& range) {
  ByteRange bytes;
  bytes.low_open = range.has_start_value_open();
  bytes.low = bytes.low_open ? range.start_value_open() : range.start_value_closed();
  bytes.high_open = range.has_end_value_open();
  bytes.has_high = bytes.high_open || range.has_end_value_closed();
  bytes.high = bytes.high_open ? range.end_value_open() : range.end_value_closed();
  return cell_test([bytes = std::move(bytes)](const RowCell& cell) { return bytes.contains(cell.value); });
}

FilterNode timestamp_range(const bt::TimestampRange& range) {
  return cell_test([start = range.start_timestamp_micros(), end = range.end_timestamp_micros()](const RowCell& cell) {
    return cell.timestamp_micros >= start && (end == 0 || cell.timestamp_micros < end);
  });
}

Answer<FilterNode> row_offset(std::int32_t count) {
  if (count < 0) return in_field("cells_per_row_offset_filter", "argument must not be negative");
  return cells_change([count = static_cast<std::size_t>(count)](FilterRun&, RowCells& cells) {
    cells.erase(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(std::min(count, cells.size())));
  });
}

Answer<FilterNode> row_limit(std::int32_t count) {
  if (count <= 0) return in_field("cells_per_row_limit_filter", "argument must be > 0");
  return cells_change([count = static_cast<std::size_t>(count)](FilterRun&, RowCells& cells) {
    if (cells.size() > count) cells.resize(count);
  });
}

Answer<FilterNode> column_limit(std::int32_t count) {
  if (count <= 0) return in_field("cells_per_column_limit_filter", "argument must be > 0");
  return cells_change([count](FilterRun&, RowCells& cells) {
    const RowCell* column = nullptr;
    std::int32_t seen = 0;
    auto out = cells.begin();
    for (RowCell& cell : cells) {
      if (column == nullptr || column->family != cell.family || column->qualifier != cell.qualifier) seen = 0;
      if (seen++ >= count) continue;
      *out = cell;
      column = &*out++;
    }
    cells.erase(out, cells.end());
  });
}

Answer<FilterNode> apply_label(const std::string& label) {
  const bool legal = !label.empty() && label.size() <= 15 && std::all_of(label.begin(), label.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!legal) return invalid("apply_label_transformer must match RE2([a-z0-9\\-]+) and have at most 15 characters");
  // Shared with the node, which outlives the cells.
  return cells_change([label = std::make_shared<const std::string>(label)](FilterRun&, RowCells& cells) {
    for (RowCell& cell : cells) cell.label = *label;
  });
}

Answer<FilterNode> only_true(bool is_true, const char* field, FilterNode node) {
  if (!is_true) return invalid(std::string(field) + " must be true if set");
  return node;
}

}  // namespace

Answer<FilterNode> make_leaf(const bt::RowFilter& filter) {
  using Kind = bt::RowFilter;
  switch (filter.filter_case()) {
    case Kind::FILTER_NOT_SET: return cells_change([](FilterRun&, RowCells&) {});
    case Kind::kPassAllFilter: return only_true(filter.pass_all_filter(), "pass_all_filter", cells_change([](FilterRun&, RowCells&) {}));
    case Kind::kBlockAllFilter:
      return only_true(filter.block_all_filter(), "block_all_filter",
                       cells_change([](FilterRun&, RowCells& cells) { cells.clear(); }));
    case Kind::kStripValueTransformer:
      return only_true(filter.strip_value_transformer(), "strip_value_transformer", cells_change([](FilterRun&, RowCells& cells) {
                         for (RowCell& cell : cells) cell.value = {};
                       }));
    case Kind::kSink:
      return only_true(filter.sink(), "sink", cells_change([](FilterRun& run, RowCells& cells) {
                         run.sunk.insert(run.sunk.end(), cells.begin(), cells.end());
                         cells.clear();
                       }));
    case Kind::kRowKeyRegexFilter: return row_key_regex(filter.row_key_regex_filter());
    case Kind::kRowSampleFilter: return row_sample(filter.row_sample_filter());
    case Kind::kFamilyNameRegexFilter: return family_regex(filter.family_name_regex_filter());
    case Kind::kColumnQualifierRegexFilter: return qualifier_regex(filter.column_qualifier_regex_filter());
    case Kind::kColumnRangeFilter: return column_range(filter.column_range_filter());
    case Kind::kTimestampRangeFilter: return timestamp_range(filter.timestamp_range_filter());
    case Kind::kValueRegexFilter: return value_regex(filter.value_regex_filter());
    case Kind::kValueRangeFilter: return value_range(filter.value_range_filter());
    case Kind::kCellsPerRowOffsetFilter: return row_offset(filter.cells_per_row_offset_filter());
    case Kind::kCellsPerRowLimitFilter: return row_limit(filter.cells_per_row_limit_filter());
    case Kind::kCellsPerColumnLimitFilter: return column_limit(filter.cells_per_column_limit_filter());
    case Kind::kApplyLabelTransformer: return apply_label(filter.apply_label_transformer());
    case Kind::kChain:
    case Kind::kInterleave:
    case Kind::kCondition: break;
  }
  return FilterNode();
}

}  // namespace hbmux::gateway
