// Several changes of one row, done together or not at all.
#pragma once

#include <hbmux/append.h>
#include <hbmux/delete.h>
#include <hbmux/increment.h>
#include <hbmux/put.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hbmux {

/// `RowMutations("r").add(Put("r")...).add(Delete("r")...)`: applied in this order and atomically. All must be of the same row. Increments and
/// Appends carry a nonce as they do alone; servers take them here since HBase 2.4 (HBASE-25242). A value type.
class RowMutations {
 public:
  using Change = std::variant<Put, Delete, Append, Increment>;

  explicit RowMutations(std::string_view row);

  const std::string& row() const noexcept { return row_; }
  const std::vector<Change>& changes() const noexcept { return changes_; }
  /// What is wrong with it; empty when nothing is. Told when it is executed, as Errc::invalid_argument.
  const std::string& problem() const noexcept { return problem_; }

  RowMutations& add(Change change) &;
  RowMutations&& add(Change change) && { return std::move(add(std::move(change))); }

 private:
  std::string row_;
  std::vector<Change> changes_;
  std::string problem_;
};

}  // namespace hbmux
