// What must still hold in HBase when a conditional change is made.
#pragma once

#include "gateway/row_cell.h"

#include <hbmux/check_and_mutate.h>
#include <hbmux/row.h>

#include <optional>
#include <string_view>
#include <utility>

namespace hbmux::gateway {

/// A predicate is evaluated here, on a row that was read, and its branch is applied there. HBase checks one column in the step in which it
/// changes the row. `passed` are the cells that the predicate let through, `row` is all that was read.
///   - The predicate held: one of the cells that it let through is still there; when that is the newest of its column, still the newest.
///   - It did not hold: the column that the branch writes first is as it was: without a value, or with the same newest one.
/// Nothing when neither says anything: the branch only deletes.
class RowGuard {
 public:
  using Column = std::pair<std::string_view, std::string_view>;  ///< By its names in HBase.
  static std::optional<RowGuard> of(const Row& row, const RowCells& passed, std::optional<Column> written_column);

  /// Sets the condition.
  void apply_to(CheckAndMutate& check) const;

 private:
  RowGuard() = default;
  std::string family_;
  std::string qualifier_;
  std::optional<std::string> value_;        // nothing: there is none
  std::optional<std::int64_t> only_version_;  // milliseconds; nothing: the newest
};

}  // namespace hbmux::gateway
