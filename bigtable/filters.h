// HBase's filters as Bigtable's.
#pragma once

#include "bigtable/key_range.h"

#include <hbmux/bt/data.pb.h>
#include <hbmux/check_and_mutate.h>
#include <hbmux/error.h>
#include <hbmux/filter.h>
#include <hbmux/query.h>

#include <cstdint>
#include <optional>

namespace hbmux::bigtable {

/// What a filter says: about cells, about rows, and about how many rows.
struct FilterPlan {
  bt::RowFilter cells;         ///< Without a kind: all pass.
  KeyRanges rows;
  std::int64_t rows_limit = 0;  ///< 0: none.

  bool has_cells() const noexcept { return cells.filter_case() != bt::RowFilter::FILTER_NOT_SET; }
};

/// `columns`: those of the query; some filters need its families. Errc::unsupported for a filter that Bigtable cannot express, and names
/// it.
Result<FilterPlan> plan_of(const Filter& filter, const ColumnMap& columns);

/// What a query says about cells: columns, times, versions, and its filter, in that order, as Google's adapter for HBase has them.
Result<FilterPlan> plan_of(const Query& query);

/// A condition: whether the predicate finds something in the row, and whether that is what the condition wants.
struct Predicate {
  bt::RowFilter filter;
  bool wanted = true;
};
Result<Predicate> predicate_of(const CheckAndMutate::Condition& condition);


}  // namespace hbmux::bigtable
