#include "gateway/table_schema.h"

#include "gateway/sum_cell.h"

namespace hbmux::gateway {

TableSchema schema_of(const TableDescriptor& table) {
  TableSchema schema;
  for (const ColumnFamilyDescriptor& family : table.families) {
    const auto found = family.values.find(kNewVersionBehavior);
    const bool orders = found != family.values.end() && (found->second == "true" || found->second == "TRUE");
    schema.families[std::string(family_id_of(family.name))] = {orders, is_sum_family(family.name)};
  }
  return schema;
}

std::string stored_name(const std::string& family_id, const TableSchema::Family& family) {
  return family.is_sum ? sum_family(family_id) : family_id;
}

}  // namespace hbmux::gateway
