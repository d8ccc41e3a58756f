#include "bigtable/filter_parts.h"

#include "bigtable/regex.h"
#include "bigtable/rows.h"
#include "core/bytes.h"
#include "core/java_names.h"
#include "core/parse_message.h"

#include <utility>

namespace hbmux::bigtable {
namespace {

using Filter = bt::RowFilter;

bool lets_all_pass(const Filter& filter) {
  return filter.filter_case() == Filter::FILTER_NOT_SET || filter.filter_case() == Filter::kPassAllFilter;
}

CompareOperator operator_of(pb::CompareType op) {
  switch (op) {
    case pb::LESS: return CompareOperator::less;
    case pb::LESS_OR_EQUAL: return CompareOperator::less_or_equal;
    case pb::EQUAL: return CompareOperator::equal;
    case pb::NOT_EQUAL: return CompareOperator::not_equal;
    case pb::GREATER_OR_EQUAL: return CompareOperator::greater_or_equal;
    case pb::GREATER: return CompareOperator::greater;
    case pb::NO_OP: break;
  }
  return CompareOperator::no_op;
}

/// Java finds its pattern anywhere; RE2 here has to match all.
std::string pattern_of(const pb::RegexStringComparator& regex) {
  std::string flags;
  if (regex.pattern_flags() & RegexStringComparator::kCaseInsensitive) flags += 'i';
  if (regex.pattern_flags() & RegexStringComparator::kMultiline) flags += 'm';
  if (regex.pattern_flags() & RegexStringComparator::kDotAll) flags += 's';
  return "\\C*(?" + flags + ":" + regex.pattern() + ")\\C*";
}

Result<Comparison> bytes_of(Comparison out, const std::string& serialized, std::string_view filter) {
  pb::BinaryComparator message;  // all of them begin with it
  if (!core::parse_message(message, serialized)) return no_such_filter(filter, "its comparator cannot be read");
  out.bytes = message.comparable().value();
  return out;
}

}  // namespace

Error no_such_filter(std::string_view filter, std::string_view why) {
  return Error(Errc::unsupported, std::string(filter) + ": Bigtable cannot express it: " + std::string(why));
}

Filter pass_all() {
  Filter out;
  out.set_pass_all_filter(true);
  return out;
}

Filter block_all() {
  Filter out;
  out.set_block_all_filter(true);
  return out;
}

Filter chain_of(std::vector<Filter> filters) {
  std::erase_if(filters, lets_all_pass);
  if (filters.empty()) return pass_all();
  if (filters.size() == 1) return std::move(filters.front());
  Filter out;
  for (Filter& filter : filters) *out.mutable_chain()->add_filters() = std::move(filter);
  return out;
}

Filter any_of(std::vector<Filter> filters) {
  if (filters.empty()) return block_all();
  if (filters.size() == 1) return std::move(filters.front());
  Filter out;
  for (Filter& filter : filters) *out.mutable_interleave()->add_filters() = std::move(filter);
  return out;
}

Filter if_found(Filter predicate, Filter then, Filter otherwise) {
  Filter out;
  auto& condition = *out.mutable_condition();
  *condition.mutable_predicate_filter() = std::move(predicate);
  *condition.mutable_true_filter() = std::move(then);
  *condition.mutable_false_filter() = std::move(otherwise);
  return out;
}

Filter column(std::string_view family, std::string_view qualifier) {
  Filter out;
  auto& range = *out.mutable_column_range_filter();
  range.set_family_name(std::string(family));
  range.set_start_qualifier_closed(std::string(qualifier));
  range.set_end_qualifier_closed(std::string(qualifier));
  return out;
}

Filter within(const TimeRange& range) {
  if (range.is_all()) return pass_all();
  if (range.max <= 0 || range.min >= range.max || range.min > kMaxMillis) return block_all();
  Filter out;
  auto& times = *out.mutable_timestamp_range_filter();
  times.set_start_timestamp_micros(std::max<std::int64_t>(0, range.min) * kMicrosPerMilli);
  if (range.max <= kMaxMillis) times.set_end_timestamp_micros(range.max * kMicrosPerMilli);
  return out;
}

Filter newest_of_column(int count) {
  Filter out;
  out.set_cells_per_column_limit_filter(count);
  return out;
}

Result<Comparison> comparison_of(pb::CompareType op, const pb::Comparator& comparator, std::string_view filter) {
  Comparison out;
  out.op = operator_of(op);
  out.comparator = comparator.name();
  if (out.comparator.starts_with(core::kFilterPackage)) out.comparator.erase(0, core::kFilterPackage.size());
  const std::string& serialized = comparator.serialized_comparator();
  if (out.comparator == "BinaryComparator" || out.comparator == "BinaryPrefixComparator") {
    return bytes_of(std::move(out), serialized, filter);
  }
  if (out.comparator == "NullComparator") return out;
  if (out.comparator == "RegexStringComparator") {
    pb::RegexStringComparator regex;
    if (!core::parse_message(regex, serialized)) return no_such_filter(filter, "its comparator cannot be read");
    out.pattern = pattern_of(regex);
    return out;
  }
  if (out.comparator == "SubstringComparator") {
    pb::SubstringComparator substring;
    if (!core::parse_message(substring, serialized)) return no_such_filter(filter, "its comparator cannot be read");
    out.pattern = "\\C*(?i:" + exactly(substring.substr()) + ")\\C*";
    return out;
  }
  return no_such_filter(filter, "it has a " + out.comparator);
}

Filter value_between(const std::string* low, bool low_included, const std::string* high, bool high_included) {
  Filter out;
  auto& range = *out.mutable_value_range_filter();
  if (low) low_included ? range.set_start_value_closed(*low) : range.set_start_value_open(*low);
  if (high) high_included ? range.set_end_value_closed(*high) : range.set_end_value_open(*high);
  return out;
}

Result<Filter> value_filter(const Comparison& comparison, std::string_view filter) {
  using enum CompareOperator;
  const std::string& bytes = comparison.bytes;
  if (comparison.op == no_op) return block_all();
  if (!comparison.pattern.empty()) {
    if (comparison.op != equal) return no_such_filter(filter, "values that do not match a pattern");
    Filter out;
    out.set_value_regex_filter(comparison.pattern);
    return out;
  }
  if (comparison.comparator == "NullComparator") return comparison.op == not_equal ? pass_all() : block_all();
  // What is compared with begins here, and ends before `behind` (a prefix) or with itself.
  const bool prefix = comparison.comparator == "BinaryPrefixComparator";
  const std::string behind = prefix ? core::row_behind_prefix(bytes) : bytes;
  const std::string* const end = prefix && behind.empty() ? nullptr : &behind;
  const Filter before = bytes.empty() ? block_all() : value_between(nullptr, false, &bytes, false);
  const Filter after = end == nullptr ? block_all() : value_between(end, prefix, nullptr, false);
  switch (comparison.op) {
    case less: return before;
    case less_or_equal: return end == nullptr ? pass_all() : value_between(nullptr, false, end, !prefix);
    case equal: return value_between(&bytes, true, end, !prefix);
    case not_equal: return any_of({before, after});
    case greater_or_equal: return value_between(&bytes, true, nullptr, false);
    case greater: return after;
    case no_op: break;
  }
  return block_all();
}

}  // namespace hbmux::bigtable
