// Filters as HBase serializes them.
#include "core/bytes.h"
#include "core/java_names.h"

#include <hbmux/filters.h>
#include <hbmux/pb/Filter.pb.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace hbmux {
namespace {

std::string text(std::string_view bytes) { return std::string(bytes); }

pb::CompareType compare_type(CompareOperator op) { return static_cast<pb::CompareType>(op); }

void set(pb::Comparator& message, const Comparator& comparator) {
  message.set_name(comparator.class_name());
  message.set_serialized_comparator(comparator.serialized());
}

void set(pb::Filter& message, const Filter& filter) {
  message.set_name(filter.class_name());
  message.set_serialized_filter(filter.serialized());
}

void set(pb::CompareFilter& message, CompareOperator op, const Comparator& comparator) {
  message.set_compare_op(compare_type(op));
  set(*message.mutable_comparator(), comparator);
}

/// RowFilter, FamilyFilter, QualifierFilter and ValueFilter are of one form.
std::string compare_filter(CompareOperator op, const Comparator& comparator) {
  pb::RowFilter message;
  set(*message.mutable_compare_filter(), op, comparator);
  return message.SerializeAsString();
}

std::string compare_problem(CompareOperator op, const Comparator& comparator) {
  if (!comparator.problem().empty()) return comparator.problem();
  const bool looks_for_text = comparator.class_name().ends_with(".RegexStringComparator") ||
                              comparator.class_name().ends_with(".SubstringComparator");
  if (looks_for_text && op != CompareOperator::equal && op != CompareOperator::not_equal) {
    return "a regular expression or a substring is either found or not: only 'equal' and 'not_equal' make sense";
  }
  return {};
}

std::string negative_problem(std::string_view what, std::int64_t value) {
  return value < 0 ? text(what) + " " + std::to_string(value) + " is negative" : std::string();
}

template <class Message>
std::string wrapping(const Filter& filter) {
  Message message;
  set(*message.mutable_filter(), filter);
  return message.SerializeAsString();
}

}  // namespace

// ---------------------------------------------------------------- Filter

Filter::Filter(std::string class_name, std::string serialized)
    : content_(std::make_shared<const Content>(Content{std::move(class_name), std::move(serialized), {}})) {}

Filter::Filter(std::string_view simple_name, std::string serialized, std::string problem)
    : content_(std::make_shared<const Content>(
          Content{text(core::kFilterPackage) + text(simple_name), std::move(serialized), std::move(problem)})) {}

void Filter::replace(std::string serialized) {
  content_ = std::make_shared<const Content>(Content{content_->class_name, std::move(serialized), content_->problem});
}

std::string_view Filter::simple_name() const noexcept {
  const std::string_view name = class_name();
  return name.substr(name.rfind('.') + 1);  // npos + 1 is 0
}

bool Filter::operator==(const Filter& other) const noexcept {
  return content_ == other.content_ || (class_name() == other.class_name() && serialized() == other.serialized());
}

// ---------------------------------------------------------------- combining

namespace {

std::string list_of(FilterList::Operator op, const std::vector<Filter>& filters) {
  pb::FilterList message;
  message.set_operator_(static_cast<pb::FilterList::Operator>(op));
  for (const Filter& filter : filters) set(*message.add_filters(), filter);
  return message.SerializeAsString();
}

std::string first_problem(const std::vector<Filter>& filters) {
  const auto at = std::ranges::find_if(filters, [](const Filter& filter) { return !filter.problem().empty(); });
  return at == filters.end() ? std::string() : at->problem();
}

}  // namespace

FilterList::FilterList(Operator op, std::vector<Filter> filters)
    : Filter("FilterList", list_of(op, filters), first_problem(filters)) {}

SkipFilter::SkipFilter(const Filter& filter) : Filter("SkipFilter", wrapping<pb::SkipFilter>(filter), filter.problem()) {}

WhileMatchFilter::WhileMatchFilter(const Filter& filter)
    : Filter("WhileMatchFilter", wrapping<pb::WhileMatchFilter>(filter), filter.problem()) {}

// ---------------------------------------------------------------- rows

RowFilter::RowFilter(CompareOperator op, const Comparator& comparator)
    : Filter("RowFilter", compare_filter(op, comparator), compare_problem(op, comparator)) {}

namespace {

std::string prefix_message(std::string_view prefix) {
  pb::PrefixFilter message;  // ColumnPrefixFilter has the same form
  message.set_prefix(text(prefix));
  return message.SerializeAsString();
}

}  // namespace

PrefixFilter::PrefixFilter(std::string_view prefix) : Filter("PrefixFilter", prefix_message(prefix), {}) {}

PageFilter::PageFilter(std::int64_t page_size) : Filter("PageFilter", {}, negative_problem("a page size of", page_size)) {
  pb::PageFilter message;
  message.set_page_size(page_size);
  replace(message.SerializeAsString());
}

InclusiveStopFilter::InclusiveStopFilter(std::string_view stop_row) : Filter("InclusiveStopFilter", {}, {}) {
  pb::InclusiveStopFilter message;
  message.set_stop_row_key(text(stop_row));
  replace(message.SerializeAsString());
}

RandomRowFilter::RandomRowFilter(float chance)
    : Filter("RandomRowFilter", {}, std::isnan(chance) ? "a chance that is not a number" : "") {
  pb::RandomRowFilter message;
  message.set_chance(chance);
  replace(message.SerializeAsString());
}

namespace {

std::string fuzzy_problem(const std::vector<FuzzyRowFilter::Pattern>& patterns) {
  for (const auto& pattern : patterns) {
    if (pattern.row.size() != pattern.mask.size()) return "a fuzzy row and its mask differ in length";
    if (std::ranges::any_of(pattern.mask, [](char c) { return c != 0 && c != 1; })) {
      return "a mask of a fuzzy row has bytes other than 0 and 1";
    }
  }
  return {};
}

/// In the form that servers work with: the mask is -1 (fixed) or 2 (any), and bytes that do not matter are 0.
std::string fuzzy_message(const std::vector<FuzzyRowFilter::Pattern>& patterns) {
  pb::FuzzyRowFilter message;
  message.set_is_mask_v2(true);
  for (const auto& pattern : patterns) {
    std::string row = pattern.row, mask = pattern.mask;
    for (std::size_t i = 0; i < std::min(row.size(), mask.size()); ++i) {
      if (mask[i] == 1) row[i] = '\0';
      mask[i] = mask[i] == 1 ? '\2' : '\xff';
    }
    auto& pair = *message.add_fuzzy_keys_data();
    pair.set_first(std::move(row));
    pair.set_second(std::move(mask));
  }
  return message.SerializeAsString();
}

}  // namespace

FuzzyRowFilter::FuzzyRowFilter(const std::vector<Pattern>& patterns)
    : Filter("FuzzyRowFilter", fuzzy_message(patterns), fuzzy_problem(patterns)) {}

namespace {

using RowRange = MultiRowRangeFilter::RowRange;

bool begins_before(const RowRange& a, const RowRange& b) {
  if (a.start_row != b.start_row) return a.start_row < b.start_row;
  return a.start_row_inclusive && !b.start_row_inclusive;
}
bool ends_before(const RowRange& a, const RowRange& b) {
  if (a.stop_row.empty() || b.stop_row.empty()) return !a.stop_row.empty();
  if (a.stop_row != b.stop_row) return a.stop_row < b.stop_row;
  return !a.stop_row_inclusive && b.stop_row_inclusive;
}
bool meets(const RowRange& first, const RowRange& second) {
  if (first.stop_row.empty() || first.stop_row > second.start_row) return true;
  return first.stop_row == second.start_row && (first.stop_row_inclusive || second.start_row_inclusive);
}
bool is_empty_range(const RowRange& range) {
  return !range.stop_row.empty() && (range.start_row > range.stop_row ||
                                     (range.start_row == range.stop_row && !(range.start_row_inclusive && range.stop_row_inclusive)));
}

std::string ranges_problem(const std::vector<RowRange>& ranges) {
  if (ranges.empty()) return "a MultiRowRangeFilter needs at least one range";
  return std::ranges::any_of(ranges, is_empty_range) ? "a row range that ends before it begins" : "";
}

std::string ranges_message(std::vector<RowRange> ranges) {
  std::ranges::sort(ranges, begins_before);
  std::vector<RowRange> joined;
  for (RowRange& range : ranges) {
    if (joined.empty() || !meets(joined.back(), range)) {
      joined.push_back(std::move(range));
    } else if (ends_before(joined.back(), range)) {
      joined.back().stop_row = std::move(range.stop_row);
      joined.back().stop_row_inclusive = range.stop_row_inclusive;
    }
  }
  pb::MultiRowRangeFilter message;
  for (const RowRange& range : joined) {
    auto& entry = *message.add_row_range_list();
    entry.set_start_row(range.start_row);
    entry.set_start_row_inclusive(range.start_row_inclusive);
    entry.set_stop_row(range.stop_row);
    entry.set_stop_row_inclusive(range.stop_row_inclusive);
  }
  return message.SerializeAsString();
}

}  // namespace

MultiRowRangeFilter::MultiRowRangeFilter(std::vector<RowRange> ranges)
    : Filter("MultiRowRangeFilter", ranges_message(ranges), ranges_problem(ranges)) {}

MultiRowRangeFilter MultiRowRangeFilter::of_prefixes(const std::vector<std::string>& prefixes) {
  std::vector<RowRange> ranges;
  for (const std::string& prefix : prefixes) {
    ranges.push_back({prefix, true, core::row_behind_prefix(prefix), false});
  }
  return MultiRowRangeFilter(std::move(ranges));
}

// ---------------------------------------------------------------- columns

FamilyFilter::FamilyFilter(CompareOperator op, const Comparator& comparator)
    : Filter("FamilyFilter", compare_filter(op, comparator), compare_problem(op, comparator)) {}

QualifierFilter::QualifierFilter(CompareOperator op, const Comparator& comparator)
    : Filter("QualifierFilter", compare_filter(op, comparator), compare_problem(op, comparator)) {}

ColumnPrefixFilter::ColumnPrefixFilter(std::string_view prefix) : Filter("ColumnPrefixFilter", prefix_message(prefix), {}) {}

namespace {

std::string prefixes_problem(const std::vector<std::string>& prefixes) {
  std::set<std::string_view> seen;
  for (const std::string& prefix : prefixes) {
    if (!seen.insert(prefix).second) return "the column prefix '" + core::to_string_binary(prefix) + "' is given twice";
  }
  return {};
}

}  // namespace

MultipleColumnPrefixFilter::MultipleColumnPrefixFilter(std::vector<std::string> prefixes)
    : Filter("MultipleColumnPrefixFilter", {}, prefixes_problem(prefixes)) {
  std::ranges::sort(prefixes);
  pb::MultipleColumnPrefixFilter message;
  for (std::string& prefix : prefixes) message.add_sorted_prefixes(std::move(prefix));
  replace(message.SerializeAsString());
}

ColumnRangeFilter::ColumnRangeFilter(std::string_view min_column, bool min_inclusive, std::string_view max_column,
                                     bool max_inclusive)
    : Filter("ColumnRangeFilter", {}, {}) {
  pb::ColumnRangeFilter message;
  if (!min_column.empty()) message.set_min_column(text(min_column));
  message.set_min_column_inclusive(min_inclusive);
  if (!max_column.empty()) message.set_max_column(text(max_column));
  message.set_max_column_inclusive(max_inclusive);
  replace(message.SerializeAsString());
}

ColumnCountGetFilter::ColumnCountGetFilter(int limit)
    : Filter("ColumnCountGetFilter", {}, negative_problem("a limit of", limit)) {
  pb::ColumnCountGetFilter message;
  message.set_limit(limit);
  replace(message.SerializeAsString());
}

ColumnPaginationFilter::ColumnPaginationFilter(int limit, int offset)
    : Filter("ColumnPaginationFilter", {}, negative_problem(limit < 0 ? "a limit of" : "an offset of", std::min(limit, offset))) {
  pb::ColumnPaginationFilter message;
  message.set_limit(limit);
  message.set_offset(offset);
  replace(message.SerializeAsString());
}

ColumnPaginationFilter::ColumnPaginationFilter(int limit, std::string_view column_offset)
    : Filter("ColumnPaginationFilter", {}, negative_problem("a limit of", limit)) {
  pb::ColumnPaginationFilter message;
  message.set_limit(limit);
  message.set_column_offset(text(column_offset));
  replace(message.SerializeAsString());
}

FirstKeyOnlyFilter::FirstKeyOnlyFilter() : Filter("FirstKeyOnlyFilter", {}, {}) {}

FirstKeyValueMatchingQualifiersFilter::FirstKeyValueMatchingQualifiersFilter(const std::vector<std::string>& qualifiers)
    : Filter("FirstKeyValueMatchingQualifiersFilter", {}, {}) {
  pb::FirstKeyValueMatchingQualifiersFilter message;
  for (const std::string& qualifier : qualifiers) message.add_qualifiers(qualifier);
  replace(message.SerializeAsString());
}

KeyOnlyFilter::KeyOnlyFilter(bool length_as_value) : Filter("KeyOnlyFilter", {}, {}) {
  pb::KeyOnlyFilter message;
  message.set_len_as_val(length_as_value);
  replace(message.SerializeAsString());
}

// ---------------------------------------------------------------- values and timestamps

ValueFilter::ValueFilter(CompareOperator op, const Comparator& comparator)
    : Filter("ValueFilter", compare_filter(op, comparator), compare_problem(op, comparator)) {}

ColumnValueFilter::ColumnValueFilter(std::string_view family, std::string_view qualifier, CompareOperator op,
                                     const Comparator& comparator)
    : Filter("ColumnValueFilter", {}, compare_problem(op, comparator)) {
  pb::ColumnValueFilter message;
  message.set_family(text(family));
  message.set_qualifier(text(qualifier));
  message.set_compare_op(compare_type(op));
  set(*message.mutable_comparator(), comparator);
  replace(message.SerializeAsString());
}

SingleColumnValueFilter::SingleColumnValueFilter(std::string_view family, std::string_view qualifier, CompareOperator op,
                                                 const Comparator& comparator)
    : SingleColumnValueFilter("SingleColumnValueFilter", family, qualifier, op, comparator) {}

SingleColumnValueFilter::SingleColumnValueFilter(std::string_view simple_name, std::string_view family, std::string_view qualifier,
                                                 CompareOperator op, const Comparator& comparator)
    : Filter(simple_name, {}, compare_problem(op, comparator)) {
  pb::SingleColumnValueFilter message;
  message.set_column_family(text(family));
  message.set_column_qualifier(text(qualifier));
  message.set_compare_op(compare_type(op));
  hbmux::set(*message.mutable_comparator(), comparator);
  message.set_filter_if_missing(false);
  message.set_latest_version_only(true);
  replace(message.SerializeAsString());
}

void SingleColumnValueFilter::set(int field, bool yes) {
  // The class that excludes the column wraps the message of the one that does not.
  pb::SingleColumnValueExcludeFilter outer;
  pb::SingleColumnValueFilter plain;
  const bool wrapped = simple_name() == "SingleColumnValueExcludeFilter";
  pb::SingleColumnValueFilter& message = wrapped ? *outer.mutable_single_column_value_filter() : plain;
  if (wrapped) {
    outer.ParseFromString(serialized());
  } else {
    plain.ParseFromString(serialized());
  }
  if (field == pb::SingleColumnValueFilter::kFilterIfMissingFieldNumber) message.set_filter_if_missing(yes);
  if (field == pb::SingleColumnValueFilter::kLatestVersionOnlyFieldNumber) message.set_latest_version_only(yes);
  replace(wrapped ? outer.SerializeAsString() : plain.SerializeAsString());
}

SingleColumnValueFilter& SingleColumnValueFilter::filter_if_missing(bool yes) & {
  set(pb::SingleColumnValueFilter::kFilterIfMissingFieldNumber, yes);
  return *this;
}

SingleColumnValueFilter& SingleColumnValueFilter::latest_version_only(bool yes) & {
  set(pb::SingleColumnValueFilter::kLatestVersionOnlyFieldNumber, yes);
  return *this;
}

SingleColumnValueExcludeFilter::SingleColumnValueExcludeFilter(std::string_view family, std::string_view qualifier,
                                                               CompareOperator op, const Comparator& comparator)
    : SingleColumnValueFilter("SingleColumnValueExcludeFilter", family, qualifier, op, comparator) {
  pb::SingleColumnValueExcludeFilter outer;
  outer.mutable_single_column_value_filter()->ParseFromString(serialized());
  replace(outer.SerializeAsString());
}

DependentColumnFilter::DependentColumnFilter(std::string_view family, std::string_view qualifier, bool drop_dependent_column)
    : Filter("DependentColumnFilter", {}, {}) {
  pb::DependentColumnFilter message;
  message.mutable_compare_filter()->set_compare_op(pb::NO_OP);
  message.set_column_family(text(family));
  message.set_column_qualifier(text(qualifier));
  message.set_drop_dependent_column(drop_dependent_column);
  replace(message.SerializeAsString());
}

DependentColumnFilter::DependentColumnFilter(std::string_view family, std::string_view qualifier, bool drop_dependent_column,
                                             CompareOperator op, const Comparator& comparator)
    : Filter("DependentColumnFilter", {}, compare_problem(op, comparator)) {
  pb::DependentColumnFilter message;
  hbmux::set(*message.mutable_compare_filter(), op, comparator);
  message.set_column_family(text(family));
  message.set_column_qualifier(text(qualifier));
  message.set_drop_dependent_column(drop_dependent_column);
  replace(message.SerializeAsString());
}

TimestampsFilter::TimestampsFilter(std::vector<std::int64_t> timestamps, bool can_hint)
    : Filter("TimestampsFilter", {}, timestamps.empty() ? "" : negative_problem("a timestamp of", std::ranges::min(timestamps))) {
  std::ranges::sort(timestamps);
  const auto twice = std::ranges::unique(timestamps);
  timestamps.erase(twice.begin(), twice.end());
  pb::TimestampsFilter message;
  for (const std::int64_t at : timestamps) message.add_timestamps(at);
  message.set_can_hint(can_hint);
  replace(message.SerializeAsString());
}

}  // namespace hbmux
