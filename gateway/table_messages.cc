#include "gateway/table_messages.h"

#include "gateway/gc_rule.h"
#include "gateway/table_schema.h"

#include <algorithm>

namespace hbmux::gateway {
namespace {

using Table = bt::admin::Table;

Answer<ColumnFamilyDescriptor> family_of(const std::string& name, const bt::admin::ColumnFamily& asked) {
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
      })) {
    return invalid("Invalid id for a column family: \"" + name + "\"");
  }
  if (asked.value_type().kind_case() == bt::admin::Type::kAggregateType) {
    return unimplemented("column family \"" + name + "\": aggregate families are not served");
  }
  if (asked.has_value_type()) return unimplemented("column family \"" + name + "\": value_type");
  ColumnFamilyDescriptor family(name);
  if (auto applied = apply_gc_rule(asked.gc_rule(), family); !applied) return applied.error();
  family.values[kNewVersionBehavior] = "true";
  return family;
}

std::optional<Status> find_unserved(const Table& table) {
  if (table.granularity() == Table::MICROS) return invalid("granularity: HBase keeps milliseconds");
  if (table.deletion_protection()) return unimplemented("deletion_protection");
  if (table.has_change_stream_config()) return unimplemented("change_stream_config");
  if (table.has_automated_backup_policy()) return unimplemented("automated_backup_policy");
  if (table.has_row_key_schema()) return unimplemented("row_key_schema");
  return std::nullopt;
}

}  // namespace

Answer<NewTable> new_table_of(const NameRules& names, const bt::admin::CreateTableRequest& request) {
  auto instance = names.instance(request.parent());
  if (!instance) return instance.error();
  auto name = names.table_in(std::move(*instance), request.table_id());
  if (!name) return name.error();
  if (auto problem = find_unserved(request.table())) return *problem;
  if (request.table().column_families().empty()) return invalid("HBase's tables have at least one column family");
  NewTable out{std::move(*name), {}, {}};
  out.descriptor.name = out.name.table;
  for (const auto& [id, asked] : request.table().column_families()) {
    auto family = family_of(id, asked);
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
    for (const ColumnFamilyDescriptor& family : descriptor.families) {
      auto& told = (*out.mutable_column_families())[family.name];
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
