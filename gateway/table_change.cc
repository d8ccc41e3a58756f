#include "gateway/table_change.h"

#include "gateway/gc_rule.h"
#include "gateway/sum_cell.h"
#include "gateway/table_schema.h"
#include "gateway/value_type.h"

#include <algorithm>
#include <set>

namespace hbmux::gateway {
namespace {

using Request = bt::admin::ModifyColumnFamiliesRequest;
using Families = std::vector<ColumnFamilyDescriptor>;

constexpr const char* kDeletionProtection = "BIGTABLE_DELETION_PROTECTION";

Families::iterator find_family(TableDescriptor& table, const std::string& id) {
  return std::find_if(table.families.begin(), table.families.end(), [&](const auto& family) { return family_id_of(family.name) == id; });
}

void sort_families(TableDescriptor& table) {
  std::sort(table.families.begin(), table.families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

Status not_found(const std::string& id) { return {Code::not_found, "unknown family \"" + id + "\""}; }

/// Which fields of a family a change is about. Without a mask: its rule.
Answer<void> update_family(const Request::Modification& change, ColumnFamilyDescriptor& family) {
  bool rule = !change.has_update_mask() || change.update_mask().paths().empty();
  for (const std::string& path : change.update_mask().paths()) {
    if (path == "gc_rule" || path.starts_with("gc_rule.")) {
      rule = true;
    } else if (path == "value_type" || path.starts_with("value_type.")) {
      const auto sum = is_sum_type(change.update());
      if (!sum) return sum.error();
      if (*sum != is_sum_family(family.name)) return invalid("value_type of a family cannot be changed");
    } else {
      return invalid("update_mask: a column family has no field \"" + path + "\"");
    }
  }
  if (!rule) return {};
  return apply_gc_rule(change.update().gc_rule(), family);
}

}  // namespace

bool is_protected(const TableDescriptor& table) {
  const auto found = table.values.find(kDeletionProtection);
  return found != table.values.end() && found->second == "true";
}

Answer<ColumnFamilyDescriptor> new_family(const std::string& id, const bt::admin::ColumnFamily& asked) {
  if (id.empty() || id.size() > 64 || !std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
      })) {
    return invalid("Invalid id for a column family: \"" + id + "\"");
  }
  const auto sum = is_sum_type(asked);
  if (!sum) return Status{sum.error().code, "column family \"" + id + "\": " + sum.error().message};
  ColumnFamilyDescriptor family(*sum ? sum_family(id) : id);
  if (auto applied = apply_gc_rule(asked.gc_rule(), family); !applied) return applied.error();
  family.values[kNewVersionBehavior] = "true";
  return family;
}

Answer<std::vector<TableDescriptor>> changed_families(const TableDescriptor& table, const Request& request) {
  std::vector<TableDescriptor> steps;
  TableDescriptor next = table;
  std::set<std::string> dropped;  // since the last step
  for (const auto& change : request.modifications()) {
    const std::string& id = change.id();
    const auto found = find_family(next, id);
    switch (change.mod_case()) {
      case Request::Modification::kCreate: {
        if (found != next.families.end()) return Status{Code::already_exists, "family \"" + id + "\" already exists"};
        auto family = new_family(id, change.create());
        if (!family) return family.error();
        if (dropped.contains(id)) {
          steps.push_back(next);
          dropped.clear();
        }
        next.families.push_back(std::move(*family));
        break;
      }
      case Request::Modification::kUpdate:
        if (found == next.families.end()) return not_found(id);
        if (auto updated = update_family(change, *found); !updated) return updated.error();
        break;
      case Request::Modification::kDrop:
        if (!change.drop()) return invalid("drop must be true if set");
        if (found == next.families.end()) return not_found(id);
        if (is_protected(table)) return Status{Code::failed_precondition, "table \"" + request.name() + "\" is protected from deletion"};
        next.families.erase(found);
        dropped.insert(id);
        break;
      case Request::Modification::MOD_NOT_SET: return invalid("a modification must create, update or drop");
    }
  }
  steps.push_back(std::move(next));
  for (TableDescriptor& step : steps) {
    if (step.families.empty()) return Status{Code::failed_precondition, "HBase's tables have at least one column family"};
    sort_families(step);
  }
  if (steps.size() == 1 && steps.front() == table) steps.clear();
  return steps;
}

Answer<void> apply_table_fields(const bt::admin::Table& asked, TableDescriptor& table) {
  using Table = bt::admin::Table;
  if (asked.granularity() == Table::MICROS) return invalid("granularity: HBase keeps milliseconds");
  if (asked.has_change_stream_config()) return unimplemented("change_stream_config");
  if (asked.has_automated_backup_policy()) return unimplemented("automated_backup_policy");
  if (asked.has_row_key_schema()) return unimplemented("row_key_schema");
  if (asked.deletion_protection()) {
    table.values[kDeletionProtection] = "true";
  } else {
    table.values.erase(kDeletionProtection);
  }
  return {};
}

Answer<TableDescriptor> updated_table(const TableDescriptor& table, const bt::admin::UpdateTableRequest& request) {
  if (request.update_mask().paths().empty()) return invalid("UpdateTableRequest.update_mask is required");
  bt::admin::Table asked;
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "deletion_protection") {
      asked.set_deletion_protection(request.table().deletion_protection());
    } else if (path.starts_with("change_stream_config") || path.starts_with("automated_backup_policy") || path.starts_with("row_key_schema")) {
      return unimplemented(path);
    } else {
      return invalid("update_mask: \"" + path + "\" cannot be updated");
    }
  }
  TableDescriptor out = table;
  if (auto applied = apply_table_fields(asked, out); !applied) return applied.error();
  return out;
}

}  // namespace hbmux::gateway
