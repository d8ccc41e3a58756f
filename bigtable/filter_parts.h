// The pieces that translated filters are made of.
#pragma once

#include <hbmux/bt/data.pb.h>
#include <hbmux/comparator.h>
#include <hbmux/error.h>
#include <hbmux/pb/Filter.pb.h>
#include <hbmux/query.h>

#include <string>
#include <string_view>
#include <vector>

namespace hbmux::bigtable {

bt::RowFilter pass_all();
bt::RowFilter block_all();
/// One after the other; those that let everything pass are left out.
bt::RowFilter chain_of(std::vector<bt::RowFilter> filters);
/// Beside each other.
bt::RowFilter any_of(std::vector<bt::RowFilter> filters);
/// Rows for which `predicate` finds something go on to `then`, others to `otherwise`.
bt::RowFilter if_found(bt::RowFilter predicate, bt::RowFilter then, bt::RowFilter otherwise);
bt::RowFilter column(std::string_view family, std::string_view qualifier);
bt::RowFilter within(const TimeRange& range);
bt::RowFilter newest_of_column(int count);

/// A comparator with its operator, taken apart.
struct Comparison {
  CompareOperator op = CompareOperator::no_op;
  std::string comparator;  ///< Its simple name.
  std::string bytes;       ///< What is compared with.
  std::string pattern;     ///< Of those that look for a pattern, for RE2.
};
Result<Comparison> comparison_of(pb::CompareType op, const pb::Comparator& comparator, std::string_view filter);

/// Cells whose value compares so: `stored op bytes`. Errc::unsupported names `filter`.
Result<bt::RowFilter> value_filter(const Comparison& comparison, std::string_view filter);
bt::RowFilter value_between(const std::string* low, bool low_included, const std::string* high, bool high_included);

Error no_such_filter(std::string_view filter, std::string_view why);

}  // namespace hbmux::bigtable
