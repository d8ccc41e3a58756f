// What the gateway has to know of a table to write to it.
#pragma once

#include <hbmux/table_descriptor.h>

#include <map>
#include <string>

namespace hbmux::gateway {

/// The attribute by which HBase orders deletes and puts of one cell as they were written (HBASE-15968). Without it a delete marker also
/// hides what is written later at its timestamp.
inline constexpr const char* kNewVersionBehavior = "NEW_VERSION_BEHAVIOR";

struct TableSchema {
  struct Family {
    bool orders_deletes = false;  ///< By kNewVersionBehavior.
    bool is_sum = false;          ///< An aggregate family (sum_cell.h).
  };
  std::map<std::string, Family, std::less<>> families;  ///< By their names in Bigtable.
};

/// The family's name in HBase.
std::string stored_name(const std::string& family_id, const TableSchema::Family& family);

TableSchema schema_of(const TableDescriptor& table);

}  // namespace hbmux::gateway
