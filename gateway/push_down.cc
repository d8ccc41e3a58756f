#include "gateway/push_down.h"

namespace hbmux::gateway {
namespace {

/// Takes or leaves columns as a whole, so that it may as well come after a limit of their versions.
bool takes_whole_columns(const bt::RowFilter& filter) {
  switch (filter.filter_case()) {
    case bt::RowFilter::FILTER_NOT_SET:
    case bt::RowFilter::kPassAllFilter:
    case bt::RowFilter::kBlockAllFilter:
    case bt::RowFilter::kRowKeyRegexFilter:
    case bt::RowFilter::kRowSampleFilter:
    case bt::RowFilter::kFamilyNameRegexFilter:
    case bt::RowFilter::kColumnQualifierRegexFilter:
    case bt::RowFilter::kColumnRangeFilter:
    case bt::RowFilter::kStripValueTransformer:
    case bt::RowFilter::kApplyLabelTransformer: return true;
    default: return false;
  }
}

}  // namespace

int versions_needed(const bt::RowFilter& filter) {
  if (filter.has_cells_per_column_limit_filter()) return filter.cells_per_column_limit_filter();
  if (!filter.has_chain()) return 0;
  for (const bt::RowFilter& part : filter.chain().filters()) {
    if (const int versions = versions_needed(part); versions != 0) return versions;
    if (!takes_whole_columns(part)) return 0;
  }
  return 0;
}

}  // namespace hbmux::gateway
