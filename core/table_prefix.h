// hbmux.table.prefix: several programs' tables side by side in one cluster, each under the names that its program knows.
#pragma once

#include <hbmux/error.h>
#include <hbmux/table_name.h>

#include <optional>
#include <string>
#include <string_view>

namespace hbmux::core {

/// In front of the qualifier of users' tables, in whichever namespace; never of HBase's own. A value; the empty one changes nothing.
class TablePrefix {
 public:
  TablePrefix() = default;
  /// What a table's name may begin with, and nothing that could make "zookeeper" of it, which HBase refuses.
  static Result<TablePrefix> parse(std::string_view text);

  bool empty() const noexcept { return text_.empty(); }
  /// The name in the cluster of what the program calls `table`.
  TableName apply(TableName table) const;
  /// The reverse; nothing when the table is not one of those.
  std::optional<TableName> strip(TableName table) const;

 private:
  std::string text_;
};

}  // namespace hbmux::core
