#include "gateway/table_schema.h"

namespace hbmux::gateway {

TableSchema schema_of(const TableDescriptor& table) {
  TableSchema schema;
  for (const ColumnFamilyDescriptor& family : table.families) {
    const auto found = family.values.find(kNewVersionBehavior);
    const bool orders = found != family.values.end() && (found->second == "true" || found->second == "TRUE");
    schema.families[family.name] = {orders};
  }
  return schema;
}

}  // namespace hbmux::gateway
