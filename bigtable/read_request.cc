#include "bigtable/read_request.h"

#include "bigtable/filter_parts.h"
#include "bigtable/filters.h"
#include "client/action_traits.h"

#include <algorithm>
#include <utility>

namespace hbmux::bigtable {
namespace {

KeyRange range_of(const Scan& scan) {
  if (scan.reversed()) return {scan.stop_row(), scan.include_stop_row(), scan.start_row(), scan.include_start_row()};
  return {scan.start_row(), scan.include_start_row(), scan.stop_row(), scan.include_stop_row()};
}

void set_filter(bt::ReadRowsRequest& request, bt::RowFilter filter) {
  if (filter.filter_case() == bt::RowFilter::kPassAllFilter || filter.filter_case() == bt::RowFilter::FILTER_NOT_SET) return;
  *request.mutable_filter() = std::move(filter);
}

bool is_empty(const KeyRange& range) {
  if (range.high.empty()) return false;
  return range.low > range.high || (range.low == range.high && !(range.low_included && range.high_included));
}

}  // namespace

Result<bt::ReadRowsRequest> read_request_of(const Get& get, bool existence) {
  auto plan = plan_of(get);
  if (!plan) return plan.error();
  bt::ReadRowsRequest request;
  request.mutable_rows()->add_row_keys(get.row());
  request.set_rows_limit(1);
  bt::RowFilter filter = std::move(plan->cells);
  const KeyRanges here{{{get.row(), true, get.row(), true}}};
  if (const auto rows = intersect(plan->rows, here); rows && rows->empty()) filter = block_all();
  if (existence) {
    bt::RowFilter first, bare;
    first.set_cells_per_row_limit_filter(1);
    bare.set_strip_value_transformer(true);
    filter = chain_of({std::move(filter), std::move(first), std::move(bare)});
  }
  set_filter(request, std::move(filter));
  return request;
}

Result<std::optional<bt::ReadRowsRequest>> read_request_of(const Scan& scan) {
  if (auto problem = client::scan_problem(scan); !problem.empty()) return Error(Errc::invalid_argument, std::move(problem));
  if (scan.raw()) return Error(Errc::unsupported, "a raw scan: Bigtable has no delete markers");
  if (scan.scan_metrics_by_region()) {
    return Error(Errc::unsupported, "scan_metrics_by_region: a scan of Bigtable is one call for all regions");
  }
  auto plan = plan_of(scan);
  if (!plan) return plan.error();
  const KeyRange asked = range_of(scan);
  if (is_empty(asked)) return std::optional<bt::ReadRowsRequest>();
  const auto ranges = intersect(KeyRanges{{asked}}, plan->rows);
  if (ranges->empty()) return std::optional<bt::ReadRowsRequest>();
  bt::ReadRowsRequest request;
  for (const KeyRange& range : *ranges) *request.mutable_rows()->add_row_ranges() = message_of(range);
  std::int64_t limit = scan.limit();
  if (plan->rows_limit != 0) limit = limit == 0 ? plan->rows_limit : std::min(limit, plan->rows_limit);
  request.set_rows_limit(limit);
  request.set_reversed(scan.reversed());
  set_filter(request, std::move(plan->cells));
  return std::optional(std::move(request));
}

}  // namespace hbmux::bigtable
