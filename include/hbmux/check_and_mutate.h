// A change of a row that is made only if the row is as expected.
#pragma once

#include <hbmux/comparator.h>
#include <hbmux/filter.h>
#include <hbmux/row.h>
#include <hbmux/row_mutations.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hbmux {

/// `CheckAndMutate("r").if_equals("f", "q", "old").then(Put("r").add("f", "q", "new"))`. The server looks and changes in one step
/// (HBase's CheckAndMutate). It has one condition and one consequence, both on the same row. A value type.
class CheckAndMutate {
 public:
  using Consequence = std::variant<Put, Delete, Append, Increment, RowMutations>;

  /// The condition, as it will be asked: by a column's value, or by a filter over the row.
  struct Condition {
    std::optional<std::string> family;
    std::string qualifier;
    CompareOperator op = CompareOperator::equal;
    std::string value;
    std::optional<Filter> filter;
    TimeRange time_range;
  };

  explicit CheckAndMutate(std::string_view row);

  const std::string& row() const noexcept { return row_; }
  const Condition& condition() const noexcept { return condition_; }
  /// Null until then() was called.
  const Consequence* consequence() const noexcept { return consequence_ ? &*consequence_ : nullptr; }
  bool repeats() const noexcept { return repeats_; }
  bool query_metrics() const noexcept { return query_metrics_; }
  /// What is wrong with it; empty when nothing is. Told when it is executed, as Errc::invalid_argument.
  std::string problem() const;

  /// The column has no value, or an empty one.
  CheckAndMutate& if_not_exists(std::string_view family, std::string_view qualifier) &;
  /// The newest value of the column is `value`. (An empty one is asked for as by if_not_exists.)
  CheckAndMutate& if_equals(std::string_view family, std::string_view qualifier, std::string_view value) &;
  /// `value op stored` holds, byte by byte. Mind the direction, which is HBase's: `less` asks whether the given value is less than the
  /// stored one. (Servers compare nothing but bytes here, whatever comparator they are sent; for others use a filter.)
  CheckAndMutate& if_matches(std::string_view family, std::string_view qualifier, CompareOperator op, std::string_view value) &;
  /// The filter lets something of the row pass.
  CheckAndMutate& if_matches(Filter filter) &;
  /// Which versions are looked at: timestamps in [min, max), in milliseconds (default: all).
  CheckAndMutate& time_range(std::int64_t min, std::int64_t max) &;
  /// What is done when the condition holds.
  CheckAndMutate& then(Consequence consequence) &;
  /// False: an attempt that may have been applied although its reply was lost is not followed by another; it is an error that says so.
  /// By default it is, as in Java: the next attempt may then find what the lost one did, and say success() == false.
  CheckAndMutate& repeat(bool yes) & { return repeats_ = yes, *this; }

  /// What looking cost the server: metrics() of the answer. Servers tell it since HBase 2.6.
  CheckAndMutate& query_metrics(bool yes) & { return query_metrics_ = yes, *this; }

  CheckAndMutate&& if_not_exists(std::string_view f, std::string_view q) && { return std::move(if_not_exists(f, q)); }
  CheckAndMutate&& if_equals(std::string_view f, std::string_view q, std::string_view v) && { return std::move(if_equals(f, q, v)); }
  CheckAndMutate&& if_matches(std::string_view f, std::string_view q, CompareOperator op, std::string_view v) && {
    return std::move(if_matches(f, q, op, v));
  }
  CheckAndMutate&& if_matches(Filter f) && { return std::move(if_matches(std::move(f))); }
  CheckAndMutate&& time_range(std::int64_t min, std::int64_t max) && { return std::move(time_range(min, max)); }
  CheckAndMutate&& then(Consequence c) && { return std::move(then(std::move(c))); }
  CheckAndMutate&& query_metrics(bool yes) && { return std::move(query_metrics(yes)); }
  CheckAndMutate&& repeat(bool yes) && { return std::move(repeat(yes)); }

 private:
  void set_problem(std::string problem);

  std::string row_;
  Condition condition_;
  std::optional<Consequence> consequence_;
  std::string problem_;
  bool repeats_ = true;
  bool query_metrics_ = false;
};

/// What one item of a batch is answered with: a Row (empty for Put and Delete), and for a CheckAndMutate whether its condition held.
class ActionResult : public Row {
 public:
  ActionResult() = default;
  ActionResult(Row row, bool success = true) : Row(std::move(row)), success_(success) {}  // NOLINT: a Row is one

  /// False when the condition of a CheckAndMutate did not hold, so that nothing was changed.
  bool success() const noexcept { return success_; }

 private:
  bool success_ = true;
};

using CheckAndMutateResult = ActionResult;

}  // namespace hbmux
