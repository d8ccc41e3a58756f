#include "gateway/table_messages.h"

#include "gateway/gc_rule.h"
#include "gateway/sum_cell.h"
#include "gateway/table_change.h"
#include "gateway/value_type.h"

#include <algorithm>

namespace hbmux::gateway {
namespace {

using Table = bt::admin::Table;

}  // namespace

Answer<NewTable> new_table_of(const NameRules& names, const bt::admin::CreateTableRequest& request) {
  auto instance = names.instance(request.parent());
  if (!instance) return instance.error();
  auto name = names.table_in(std::move(*instance), request.table_id());
  if (!name) return name.error();
  if (request.table().column_families().empty()) return invalid("HBase's tables have at least one column family");
  NewTable out{std::move(*name), {}, {}};
  out.descriptor.name = out.name.table;
  if (auto applied = apply_table_fields(request.table(), out.descriptor); !applied) return applied.error();
  for (const auto& [id, asked] : request.table().column_families()) {
    auto family = new_family(id, asked);
    if (!family) return family.error();
    out.descriptor.family(std::move(*family));
  }
  std::sort(out.descriptor.families.begin(), out.descriptor.families.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const auto& split : request.initial_splits()) {
    if (!split.key().empty()) out.split_keys.push_back(split.key());
  }
  std::sort(out.split_keys.begin(), out.split_keys.end());
  out.split_keys.erase(std::unique(out.split_keys.begin(), out.split_keys.end()), out.split_keys.end());
  return out;
}

Table table_message(const FullTableName& name, const TableDescriptor& descriptor, Table::View view) {
  Table out;
  out.set_name(name.to_string());
  if (view == Table::NAME_ONLY) return out;
  if (view == Table::SCHEMA_VIEW || view == Table::FULL || view == Table::VIEW_UNSPECIFIED) {
    out.set_granularity(Table::MILLIS);
    out.set_deletion_protection(is_protected(descriptor));
    for (const ColumnFamilyDescriptor& family : descriptor.families) {
      auto& told = (*out.mutable_column_families())[std::string(family_id_of(family.name))];
      if (is_sum_family(family.name)) *told.mutable_value_type() = sum_type();
      bt::admin::GcRule rule = gc_rule_of(family);
      if (rule.rule_case() != bt::admin::GcRule::RULE_NOT_SET) *told.mutable_gc_rule() = std::move(rule);
    }
  }
  if (view == Table::REPLICATION_VIEW || view == Table::FULL) {
    (*out.mutable_cluster_states())["hbase"].set_replication_state(Table::ClusterState::READY);
  }
  return out;
}

}  // namespace hbmux::gateway
