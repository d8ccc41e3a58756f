#include "gateway/row_guard.h"

#include "gateway/sum_cell.h"

#include <hbmux/filters.h>

namespace hbmux::gateway {
namespace {

const Cell* newest_of(const Row& row, std::string_view family, std::string_view qualifier) {
  for (const Cell& cell : row.cells()) {
    if (cell.family() == family && cell.qualifier() == qualifier) return &cell;
  }
  return nullptr;
}

/// The stored cell that a filter let through, perhaps without its value.
const Cell* stored_cell(const Row& row, const RowCell& wanted) {
  for (const Cell& cell : row.cells()) {
    const CellPlace place = place_of(cell);
    if (place.family == wanted.family && place.qualifier == wanted.qualifier && micros_of(place.millis) == wanted.timestamp_micros) {
      return &cell;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<RowGuard> RowGuard::of(const Row& row, const RowCells& passed, std::optional<Column> written_column) {
  RowGuard guard;
  if (!passed.empty()) {
    const Cell* witness = stored_cell(row, passed.front());
    if (witness == nullptr) return std::nullopt;
    guard.family_ = witness->family();
    guard.qualifier_ = witness->qualifier();
    guard.value_ = witness->value();
    const Cell* newest = newest_of(row, witness->family(), witness->qualifier());
    if (newest->timestamp() != witness->timestamp()) guard.only_version_ = witness->timestamp();
    return guard;
  }
  if (!written_column) return std::nullopt;
  guard.family_ = written_column->first;
  guard.qualifier_ = written_column->second;
  if (const Cell* newest = newest_of(row, guard.family_, guard.qualifier_)) guard.value_ = newest->value();
  return guard;
}

void RowGuard::apply_to(CheckAndMutate& check) const {
  if (!value_) {
    check.if_not_exists(family_, qualifier_);
  } else if (!value_->empty()) {
    check.if_equals(family_, qualifier_, *value_);
  } else {
    // HBase takes the question for an empty value for one for none.
    check.if_matches(FilterList({FamilyFilter(CompareOperator::equal, BinaryComparator(family_)),
                                 QualifierFilter(CompareOperator::equal, BinaryComparator(qualifier_)),
                                 ValueFilter(CompareOperator::equal, BinaryComparator(""))}));
  }
  if (only_version_) check.time_range(*only_version_, *only_version_ + 1);
}

}  // namespace hbmux::gateway
