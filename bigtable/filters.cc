#include "bigtable/filters.h"

#include "bigtable/filter_parts.h"
#include "bigtable/regex.h"
#include "core/bytes.h"
#include "core/java_names.h"
#include "core/parse_message.h"

#include <hbmux/pb/Filter.pb.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::bigtable {
namespace {

using Cells = bt::RowFilter;

/// Filters inside others may nest so deep: the server has a bound too.
constexpr int kDepthMax = 20;

Cells regex_row(std::string pattern) {
  Cells out;
  out.set_row_key_regex_filter(std::move(pattern));
  return out;
}
Cells regex_qualifier(std::string pattern) {
  Cells out;
  out.set_column_qualifier_regex_filter(std::move(pattern));
  return out;
}
Cells first_cells(int count) {
  Cells out;
  out.set_cells_per_row_limit_filter(count);
  return out;
}

/// One filter on its way.
class Translation {
 public:
  explicit Translation(const ColumnMap& columns) : columns_(columns) {}

  /// `whole`: nothing but AND stands between it and the query, so that it may speak of rows.
  Result<FilterPlan> translate(std::string class_name, const std::string& bytes, bool whole, int depth) {
    if (class_name.starts_with(core::kFilterPackage)) class_name.erase(0, core::kFilterPackage.size());
    name_ = class_name;
    if (depth > kDepthMax) return no_such_filter(name_, "filters are nested too deep");
    if (name_ == "FilterList") return list(bytes, whole, depth);
    if (name_ == "FilterAllFilter") return cells(block_all());
    if (name_ == "PrefixFilter") return prefix(bytes, whole);
    if (name_ == "PageFilter") return page(bytes, whole);
    if (name_ == "InclusiveStopFilter") return inclusive_stop(bytes, whole);
    if (name_ == "MultiRowRangeFilter") return row_ranges(bytes, whole);
    if (name_ == "RowFilter") return rows(bytes, whole);
    if (name_ == "RandomRowFilter") return random_rows(bytes);
    if (name_ == "FuzzyRowFilter") return fuzzy_rows(bytes);
    if (name_ == "FamilyFilter") return families(bytes);
    if (name_ == "QualifierFilter") return qualifiers(bytes);
    if (name_ == "ColumnPrefixFilter") return column_prefix(bytes);
    if (name_ == "MultipleColumnPrefixFilter") return column_prefixes(bytes);
    if (name_ == "ColumnRangeFilter") return column_range(bytes);
    if (name_ == "ColumnCountGetFilter") return column_count(bytes);
    if (name_ == "ColumnPaginationFilter") return column_page(bytes);
    if (name_ == "FirstKeyOnlyFilter") return cells(first_cells(1));
    if (name_ == "KeyOnlyFilter") return key_only(bytes);
    if (name_ == "ValueFilter") return values(bytes);
    if (name_ == "ColumnValueFilter") return column_value(bytes);
    if (name_ == "SingleColumnValueFilter") return single_column_value(bytes);
    if (name_ == "TimestampsFilter") return timestamps(bytes);
    return no_such_filter(name_, "hbmux knows no filter of Bigtable for it");
  }

 private:
  static FilterPlan cells(Cells filter) { return FilterPlan{std::move(filter), std::nullopt, 0}; }
  Error unreadable() const { return Error(Errc::invalid_argument, name_ + ": its bytes cannot be read"); }
  Error within_or() const { return no_such_filter(name_, "it chooses rows, and stands within an OR"); }

  Result<FilterPlan> list(const std::string& bytes, bool whole, int depth) {
    pb::FilterList message;
    if (!core::parse_message(message, bytes)) return unreadable();
    const bool all = message.operator_() == pb::FilterList::MUST_PASS_ALL;
    FilterPlan out;
    std::vector<Cells> parts;
    for (const auto& filter : message.filters()) {
      auto part = translate(filter.name(), filter.serialized_filter(), whole && all, depth + 1);
      if (!part) return part;
      out.rows = intersect(out.rows, part->rows);
      if (part->rows_limit != 0) out.rows_limit = out.rows_limit == 0 ? part->rows_limit : std::min(out.rows_limit, part->rows_limit);
      parts.push_back(part->has_cells() ? std::move(part->cells) : pass_all());
    }
    if (parts.empty()) return out;
    out.cells = all ? chain_of(std::move(parts)) : any_of(std::move(parts));
    return out;
  }

  // ---- rows

  Result<FilterPlan> prefix(const std::string& bytes, bool whole) {
    pb::PrefixFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    FilterPlan out = cells(regex_row(beginning_with(message.prefix())));
    if (whole) out.rows = {{message.prefix(), true, core::row_behind_prefix(message.prefix()), false}};
    return out;
  }

  Result<FilterPlan> page(const std::string& bytes, bool whole) {
    pb::PageFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    if (!whole) return within_or();
    if (message.page_size() <= 0) return cells(block_all());
    FilterPlan out;
    out.rows_limit = message.page_size();
    return out;
  }

  Result<FilterPlan> inclusive_stop(const std::string& bytes, bool whole) {
    pb::InclusiveStopFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    if (!whole) return within_or();
    FilterPlan out;
    if (!message.stop_row_key().empty()) out.rows = {{"", true, message.stop_row_key(), true}};
    return out;
  }

  Result<FilterPlan> row_ranges(const std::string& bytes, bool whole) {
    pb::MultiRowRangeFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    if (!whole) return within_or();
    FilterPlan out;
    out.rows.emplace();
    for (const auto& range : message.row_range_list()) {
      out.rows->push_back({range.start_row(), range.start_row_inclusive(), range.stop_row(), range.stop_row_inclusive()});
    }
    return out;
  }

  Result<FilterPlan> rows(const std::string& bytes, bool whole) {
    pb::RowFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    auto comparison = comparison_of(message.compare_filter().compare_op(), message.compare_filter().comparator(), name_);
    if (!comparison) return comparison.error();
    if (!comparison->pattern.empty()) {
      if (comparison->op != CompareOperator::equal) return no_such_filter(name_, "rows that do not match a pattern");
      return cells(regex_row(comparison->pattern));
    }
    const std::string& key = comparison->bytes;
    const bool is_prefix = comparison->comparator == "BinaryPrefixComparator";
    if (comparison->op == CompareOperator::equal && !whole) return cells(regex_row(is_prefix ? beginning_with(key) : exactly(key)));
    if (comparison->comparator == "NullComparator") return no_such_filter(name_, "it has a NullComparator");
    if (!whole) return within_or();
    FilterPlan out;
    const std::string behind = is_prefix ? core::row_behind_prefix(key) : core::row_after(key);
    const KeyRange before{"", true, key, false}, after{behind, true, "", false};
    const bool nothing_before = key.empty(), nothing_after = behind.empty();
    out.rows.emplace();
    switch (comparison->op) {
      using enum CompareOperator;
      case less:
        if (!nothing_before) out.rows->push_back(before);
        break;
      case less_or_equal: out.rows->push_back({"", true, behind, false}); break;
      case equal: out.rows->push_back({key, true, behind, false}); break;
      case not_equal:
        if (!nothing_before) out.rows->push_back(before);
        if (!nothing_after) out.rows->push_back(after);
        break;
      case greater_or_equal: out.rows->push_back({key, true, "", false}); break;
      case greater:
        if (!nothing_after) out.rows->push_back(after);
        break;
      case no_op: break;
    }
    return out;
  }

  Result<FilterPlan> random_rows(const std::string& bytes) {
    pb::RandomRowFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    if (message.chance() <= 0) return cells(block_all());
    if (message.chance() >= 1) return cells(pass_all());
    Cells out;
    out.set_row_sample_filter(message.chance());
    return cells(std::move(out));
  }

  Result<FilterPlan> fuzzy_rows(const std::string& bytes) {
    pb::FuzzyRowFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    const bool server_form = message.is_mask_v2();  // -1 fixed, 2 any; else 0 fixed, 1 any
    std::vector<Cells> any;
    for (const auto& pair : message.fuzzy_keys_data()) {
      std::string pattern;
      for (std::size_t i = 0; i < pair.first().size() && i < pair.second().size(); ++i) {
        const char mask = pair.second()[i];
        const bool fixed = server_form ? mask == -1 : mask == 0;
        pattern += fixed ? exactly(pair.first().substr(i, 1)) : std::string("\\C");
      }
      any.push_back(regex_row(pattern + "\\C*"));
    }
    return cells(any_of(std::move(any)));
  }

  // ---- columns

  /// Those that the query names; some filters speak of columns without a family, which Bigtable's ranges need.
  Result<std::vector<std::string>> named_families() const {
    std::vector<std::string> out;
    for (const auto& [family, qualifiers] : columns_) out.push_back(family);
    if (out.empty()) return no_such_filter(name_, "unless the query names its families");
    return out;
  }

  Result<FilterPlan> families(const std::string& bytes) {
    pb::FamilyFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    auto comparison = comparison_of(message.compare_filter().compare_op(), message.compare_filter().comparator(), name_);
    if (!comparison) return comparison.error();
    if (comparison->op != CompareOperator::equal || comparison->comparator == "NullComparator") {
      return no_such_filter(name_, "families that are not equal");
    }
    Cells out;
    if (!comparison->pattern.empty()) {
      out.set_family_name_regex_filter(comparison->pattern);
    } else {
      const bool is_prefix = comparison->comparator == "BinaryPrefixComparator";
      out.set_family_name_regex_filter(is_prefix ? beginning_with(comparison->bytes) : exactly(comparison->bytes));
    }
    return cells(std::move(out));
  }

  static Cells qualifier_range(const std::string& family, const std::string* low, bool low_included, const std::string* high,
                               bool high_included) {
    Cells out;
    auto& range = *out.mutable_column_range_filter();
    range.set_family_name(family);
    if (low) low_included ? range.set_start_qualifier_closed(*low) : range.set_start_qualifier_open(*low);
    if (high) high_included ? range.set_end_qualifier_closed(*high) : range.set_end_qualifier_open(*high);
    return out;
  }

  Result<FilterPlan> qualifiers(const std::string& bytes) {
    pb::QualifierFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    auto comparison = comparison_of(message.compare_filter().compare_op(), message.compare_filter().comparator(), name_);
    if (!comparison) return comparison.error();
    using enum CompareOperator;
    if (!comparison->pattern.empty()) {
      if (comparison->op != equal) return no_such_filter(name_, "qualifiers that do not match a pattern");
      return cells(regex_qualifier(comparison->pattern));
    }
    if (comparison->comparator == "NullComparator") return no_such_filter(name_, "it has a NullComparator");
    const std::string& bound = comparison->bytes;
    const bool is_prefix = comparison->comparator == "BinaryPrefixComparator";
    if (comparison->op == equal) return cells(regex_qualifier(is_prefix ? beginning_with(bound) : exactly(bound)));
    if (is_prefix) return no_such_filter(name_, "a prefix that qualifiers do not have");
    auto names = named_families();
    if (!names) return names.error();
    std::vector<Cells> any;
    for (const std::string& family : *names) {
      if (comparison->op == less || comparison->op == not_equal) any.push_back(qualifier_range(family, nullptr, false, &bound, false));
      if (comparison->op == less_or_equal) any.push_back(qualifier_range(family, nullptr, false, &bound, true));
      if (comparison->op == greater || comparison->op == not_equal) any.push_back(qualifier_range(family, &bound, false, nullptr, false));
      if (comparison->op == greater_or_equal) any.push_back(qualifier_range(family, &bound, true, nullptr, false));
    }
    return cells(any_of(std::move(any)));
  }

  Result<FilterPlan> column_prefix(const std::string& bytes) {
    pb::ColumnPrefixFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    return cells(regex_qualifier(beginning_with(message.prefix())));
  }

  Result<FilterPlan> column_prefixes(const std::string& bytes) {
    pb::MultipleColumnPrefixFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    std::string pattern;
    for (const auto& prefix : message.sorted_prefixes()) {
      if (!pattern.empty()) pattern += '|';
      pattern += beginning_with(prefix);
    }
    return message.sorted_prefixes().empty() ? cells(block_all()) : cells(regex_qualifier("(?:" + pattern + ")"));
  }

  Result<FilterPlan> column_range(const std::string& bytes) {
    pb::ColumnRangeFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    auto names = named_families();
    if (!names) return names.error();
    std::vector<Cells> any;
    for (const std::string& family : *names) {
      any.push_back(qualifier_range(family, message.has_min_column() ? &message.min_column() : nullptr, message.min_column_inclusive(),
                                    message.has_max_column() ? &message.max_column() : nullptr, message.max_column_inclusive()));
    }
    return cells(any_of(std::move(any)));
  }

  Result<FilterPlan> column_count(const std::string& bytes) {
    pb::ColumnCountGetFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    if (message.limit() <= 0) return cells(block_all());
    return cells(chain_of({newest_of_column(1), first_cells(message.limit())}));
  }

  Result<FilterPlan> column_page(const std::string& bytes) {
    pb::ColumnPaginationFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    if (message.has_column_offset()) return no_such_filter(name_, "with a column to begin at");
    if (message.limit() <= 0) return cells(block_all());
    Cells offset;
    if (message.offset() > 0) offset.set_cells_per_row_offset_filter(message.offset());
    return cells(chain_of({newest_of_column(1), std::move(offset), first_cells(message.limit())}));
  }

  Result<FilterPlan> key_only(const std::string& bytes) {
    pb::KeyOnlyFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    if (message.len_as_val()) return no_such_filter(name_, "lengths in the place of values");
    Cells out;
    out.set_strip_value_transformer(true);
    return cells(std::move(out));
  }

  // ---- values and times

  Result<FilterPlan> values(const std::string& bytes) {
    pb::ValueFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    auto comparison = comparison_of(message.compare_filter().compare_op(), message.compare_filter().comparator(), name_);
    if (!comparison) return comparison.error();
    auto out = value_filter(*comparison, name_);
    if (!out) return out.error();
    return cells(std::move(*out));
  }

  Result<FilterPlan> column_value(const std::string& bytes) {
    pb::ColumnValueFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    auto comparison = comparison_of(message.compare_op(), message.comparator(), name_);
    if (!comparison) return comparison.error();
    auto value = value_filter(*comparison, name_);
    if (!value) return value.error();
    return cells(chain_of({column(message.family(), message.qualifier()), std::move(*value)}));
  }

  Result<FilterPlan> single_column_value(const std::string& bytes) {
    pb::SingleColumnValueFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    auto comparison = comparison_of(message.compare_op(), message.comparator(), name_);
    if (!comparison) return comparison.error();
    auto value = value_filter(*comparison, name_);
    if (!value) return value.error();
    const Cells of_column = column(message.column_family(), message.column_qualifier());
    std::vector<Cells> looks{of_column};
    if (!message.has_latest_version_only() || message.latest_version_only()) looks.push_back(newest_of_column(1));
    looks.push_back(std::move(*value));
    Cells found = if_found(chain_of(std::move(looks)), pass_all(), block_all());
    if (message.filter_if_missing()) return cells(std::move(found));
    return cells(if_found(of_column, std::move(found), pass_all()));
  }

  Result<FilterPlan> timestamps(const std::string& bytes) {
    pb::TimestampsFilter message;
    if (!core::parse_message(message, bytes)) return unreadable();
    std::vector<Cells> any;
    for (const std::int64_t time : message.timestamps()) {
      if (time >= 0 && time < std::numeric_limits<std::int64_t>::max()) any.push_back(within({time, time + 1}));
    }
    return cells(any_of(std::move(any)));
  }

  const ColumnMap& columns_;
  std::string name_;  // of the filter that is being translated
};

/// A family of a query with what it says about it.
Cells family_branch(const std::string& family, const std::set<std::string>& qualifiers, const Query& query) {
  std::vector<Cells> columns;
  for (const std::string& qualifier : qualifiers) columns.push_back(column(family, qualifier));
  Cells which;
  if (columns.empty()) {
    which.set_family_name_regex_filter(exactly(family));
  } else {
    which = any_of(std::move(columns));
  }
  const auto& times = query.options().family_time_ranges;
  const auto own = times.find(family);
  Cells limit, offset;
  const int skipped = query.options().row_offset_per_column_family;
  if (skipped > 0) offset.set_cells_per_row_offset_filter(skipped);
  const int most = query.options().max_results_per_column_family;
  if (most >= 0) limit = most == 0 ? block_all() : first_cells(most);
  return chain_of({std::move(which), within(own == times.end() ? query.time_range() : own->second),
                   newest_of_column(static_cast<int>(std::min<std::uint32_t>(query.max_versions(), INT32_MAX))),
                   std::move(offset), std::move(limit)});
}

Result<void> check(const Query& query) {
  if (!query.problem().empty()) return Error(Errc::invalid_argument, query.problem());
  const QueryOptions& options = query.options();
  for (const auto& [name, value] : options.attributes) {
    // for logs; and nothing that is not committed can be read
    if (name == "_operation.attributes.id" || name == "_isolationlevel_") continue;
    std::string what = "the attribute '" + name + "'";
    if (name == "VISIBILITY") what = "visibility labels";
    if (name == "acl") what = "rights on cells";
    return Error(Errc::unsupported, what + ": Bigtable has nothing of the kind");
  }
  if (options.replica_id > 0) return Error(Errc::unsupported, "replica_id: Bigtable has no region replicas");
  if (!query.columns().empty()) return {};
  if (!options.family_time_ranges.empty()) {
    return Error(Errc::unsupported, "family_time_range: on Bigtable the query has to name all families that it reads");
  }
  if (options.max_results_per_column_family >= 0 || options.row_offset_per_column_family > 0) {
    return Error(Errc::unsupported, "max_results_per_column_family and row_offset_per_column_family: on Bigtable the query has to "
                                    "name its families");
  }
  return {};
}

}  // namespace

Result<FilterPlan> plan_of(const hbmux::Filter& filter, const ColumnMap& columns) {
  if (!filter.problem().empty()) return Error(Errc::invalid_argument, filter.problem());
  return Translation(columns).translate(filter.class_name(), filter.serialized(), true, 0);
}

Result<FilterPlan> plan_of(const Query& query) {
  if (auto checked = check(query); !checked) return checked.error();
  std::vector<Cells> families;
  for (const auto& [family, qualifiers] : query.columns()) families.push_back(family_branch(family, qualifiers, query));
  std::vector<Cells> parts;
  if (families.empty()) {
    parts.push_back(within(query.time_range()));
    if (query.max_versions() < INT32_MAX) parts.push_back(newest_of_column(static_cast<int>(query.max_versions())));
  } else {
    parts.push_back(any_of(std::move(families)));
  }
  FilterPlan out;
  if (query.options().filter) {
    auto user = plan_of(*query.options().filter, query.columns());
    if (!user) return user;
    out = std::move(*user);
    if (out.has_cells()) parts.push_back(std::move(out.cells));
  }
  out.cells = chain_of(std::move(parts));
  return out;
}

Result<Predicate> predicate_of(const CheckAndMutate::Condition& condition) {
  std::vector<Cells> parts{within(condition.time_range)};
  Predicate out;
  if (condition.filter) {
    auto plan = plan_of(*condition.filter, {});
    if (!plan) return plan.error();
    if (plan->rows || plan->rows_limit != 0) {
      return Error(Errc::unsupported, std::string(condition.filter->simple_name()) +
                                          ": a condition of Bigtable is about cells, not about rows");
    }
    parts.push_back(newest_of_column(1));
    parts.push_back(std::move(plan->cells));
    out.filter = chain_of(std::move(parts));
    return out;
  }
  parts.push_back(column(condition.family.value_or(""), condition.qualifier));
  parts.push_back(newest_of_column(1));
  using enum CompareOperator;
  Comparison comparison{equal, "BinaryComparator", condition.value, {}};
  if (condition.value.empty()) {
    // Nothing stored and an empty value are the same: all operators but one ask for that (HRegion.java).
    const std::string nothing;
    parts.push_back(value_between(&nothing, false, nullptr, false));
    out.wanted = condition.op == not_equal;
  } else {
    // Mind the direction: it is the given value that comes first.
    switch (condition.op) {
      case less: comparison.op = greater; break;
      case less_or_equal: comparison.op = greater_or_equal; break;
      case greater: comparison.op = less; break;
      case greater_or_equal: comparison.op = less_or_equal; break;
      default: comparison.op = condition.op;
    }
    auto value = value_filter(comparison, "a condition");
    if (!value) return value.error();
    parts.push_back(std::move(*value));
  }
  out.filter = chain_of(std::move(parts));
  return out;
}

}  // namespace hbmux::bigtable
