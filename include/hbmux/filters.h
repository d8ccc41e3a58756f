// HBase's own filters, under HBase's names.
#pragma once

#include <hbmux/comparator.h>
#include <hbmux/filter.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux {

// All of them only shape Filter; they may be passed by value as a Filter. What "passes" means: a cell, or a whole row, stays in the answer.

// ---------------------------------------------------------------- combining

/// Several filters: all of them must pass, or one.
class FilterList : public Filter {
 public:
  enum class Operator : std::uint8_t { must_pass_all = 1, must_pass_one = 2 };
  explicit FilterList(Operator op, std::vector<Filter> filters = {});
  explicit FilterList(std::vector<Filter> filters) : FilterList(Operator::must_pass_all, std::move(filters)) {}
};

/// Drops a row as soon as one of its cells does not pass `filter`.
class SkipFilter : public Filter {
 public:
  explicit SkipFilter(const Filter& filter);
};

/// Ends the scan (of one region) at the first row or cell that does not pass `filter`.
class WhileMatchFilter : public Filter {
 public:
  explicit WhileMatchFilter(const Filter& filter);
};

// ---------------------------------------------------------------- rows

class RowFilter : public Filter {
 public:
  RowFilter(CompareOperator op, const Comparator& comparator);
};

class PrefixFilter : public Filter {
 public:
  explicit PrefixFilter(std::string_view prefix);
};

/// The first `page_size` rows *of each region*, because regions do not know of each other. Scan::limit() counts rows of the whole scan.
class PageFilter : public Filter {
 public:
  explicit PageFilter(std::int64_t page_size);
};

/// Rows up to and including `stop_row`.
class InclusiveStopFilter : public Filter {
 public:
  explicit InclusiveStopFilter(std::string_view stop_row);
};

/// Each row with the given probability.
class RandomRowFilter : public Filter {
 public:
  explicit RandomRowFilter(float chance);
};

/// Rows by patterns of fixed and of arbitrary bytes; the server jumps from one possible row to the next.
class FuzzyRowFilter : public Filter {
 public:
  struct Pattern {
    std::string row;
    /// As long as `row`: 0 where the byte of `row` is fixed, 1 where any byte will do.
    std::string mask;
  };
  explicit FuzzyRowFilter(const std::vector<Pattern>& patterns);
};

/// Rows of several ranges; the server jumps from one to the next. The ranges are sorted, and overlapping ones joined.
class MultiRowRangeFilter : public Filter {
 public:
  struct RowRange {
    std::string start_row;  ///< Empty: from the beginning.
    bool start_row_inclusive = true;
    std::string stop_row;  ///< Empty: to the end.
    bool stop_row_inclusive = false;
  };
  explicit MultiRowRangeFilter(std::vector<RowRange> ranges);
  /// Rows that begin with one of these.
  static MultiRowRangeFilter of_prefixes(const std::vector<std::string>& prefixes);
};

// ---------------------------------------------------------------- columns

class FamilyFilter : public Filter {
 public:
  FamilyFilter(CompareOperator op, const Comparator& comparator);
};

class QualifierFilter : public Filter {
 public:
  QualifierFilter(CompareOperator op, const Comparator& comparator);
};

class ColumnPrefixFilter : public Filter {
 public:
  explicit ColumnPrefixFilter(std::string_view prefix);
};

class MultipleColumnPrefixFilter : public Filter {
 public:
  explicit MultipleColumnPrefixFilter(std::vector<std::string> prefixes);
};

/// Columns between two qualifiers; an empty one is no bound.
class ColumnRangeFilter : public Filter {
 public:
  ColumnRangeFilter(std::string_view min_column, bool min_inclusive, std::string_view max_column, bool max_inclusive);
};

/// The first `limit` columns of a row; after them a scan ends. Meant for a Get.
class ColumnCountGetFilter : public Filter {
 public:
  explicit ColumnCountGetFilter(int limit);
};

/// `limit` columns of each row, after `offset` columns or from the column `column_offset` on.
class ColumnPaginationFilter : public Filter {
 public:
  ColumnPaginationFilter(int limit, int offset);
  ColumnPaginationFilter(int limit, std::string_view column_offset);
};

/// Only the first cell of each row: cheap counting of rows.
class FirstKeyOnlyFilter : public Filter {
 public:
  FirstKeyOnlyFilter();
};

/// The cells of each row up to the first with one of these qualifiers. Deprecated in HBase.
class FirstKeyValueMatchingQualifiersFilter : public Filter {
 public:
  explicit FirstKeyValueMatchingQualifiersFilter(const std::vector<std::string>& qualifiers);
};

/// Cells without their values, or with the values' lengths (4 bytes, big-endian) in their place.
class KeyOnlyFilter : public Filter {
 public:
  explicit KeyOnlyFilter(bool length_as_value = false);
};

// ---------------------------------------------------------------- values and timestamps

/// Single cells by their values.
class ValueFilter : public Filter {
 public:
  ValueFilter(CompareOperator op, const Comparator& comparator);
};

/// Only cells of one column whose values compare so.
class ColumnValueFilter : public Filter {
 public:
  ColumnValueFilter(std::string_view family, std::string_view qualifier, CompareOperator op, const Comparator& comparator);
};

/// Whole rows by the value of one column, which must be among the columns that are read.
class SingleColumnValueFilter : public Filter {
 public:
  SingleColumnValueFilter(std::string_view family, std::string_view qualifier, CompareOperator op, const Comparator& comparator);
  SingleColumnValueFilter(std::string_view family, std::string_view qualifier, CompareOperator op, std::string_view value)
      : SingleColumnValueFilter(family, qualifier, op, BinaryComparator(value)) {}

  /// Drops rows that do not have the column; by default they pass.
  SingleColumnValueFilter& filter_if_missing(bool yes) &;
  /// False: any version may decide; by default only the newest does.
  SingleColumnValueFilter& latest_version_only(bool yes) &;
  SingleColumnValueFilter&& filter_if_missing(bool yes) && { return std::move(filter_if_missing(yes)); }
  SingleColumnValueFilter&& latest_version_only(bool yes) && { return std::move(latest_version_only(yes)); }

 protected:
  SingleColumnValueFilter(std::string_view simple_name, std::string_view family, std::string_view qualifier, CompareOperator op,
                          const Comparator& comparator);

 private:
  void set(int field, bool yes);
};

/// As SingleColumnValueFilter, and leaves that column itself out of the answer.
class SingleColumnValueExcludeFilter : public SingleColumnValueFilter {
 public:
  SingleColumnValueExcludeFilter(std::string_view family, std::string_view qualifier, CompareOperator op, const Comparator& comparator);
  SingleColumnValueExcludeFilter(std::string_view family, std::string_view qualifier, CompareOperator op, std::string_view value)
      : SingleColumnValueExcludeFilter(family, qualifier, op, BinaryComparator(value)) {}
};

/// Cells whose timestamp is also that of a cell of the given column in the same row.
class DependentColumnFilter : public Filter {
 public:
  /// `drop_dependent_column`: leave the given column itself out.
  DependentColumnFilter(std::string_view family, std::string_view qualifier, bool drop_dependent_column = false);
  /// Moreover the given column's value must compare so.
  DependentColumnFilter(std::string_view family, std::string_view qualifier, bool drop_dependent_column, CompareOperator op,
                        const Comparator& comparator);
};

/// Cells with one of these timestamps (milliseconds). `can_hint` lets the server jump to the next one; delete markers are then not seen.
class TimestampsFilter : public Filter {
 public:
  explicit TimestampsFilter(std::vector<std::int64_t> timestamps, bool can_hint = false);
};

}  // namespace hbmux
