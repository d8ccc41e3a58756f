#include "gateway/read_modify_write.h"

#include "gateway/timestamps.h"

#include <map>
#include <string>
#include <utility>

namespace hbmux::gateway {
namespace {

using ColumnKey = std::pair<std::string_view, std::string_view>;

}  // namespace

Answer<ReadModifyWrite> ReadModifyWrite::of(std::string_view row,
                                            const google::protobuf::RepeatedPtrField<bt::ReadModifyWriteRule>& rules,
                                            const TableSchema& schema) {
  if (row.empty()) return invalid("Row keys must be non-empty");
  if (rules.empty()) return invalid("No rules");
  if (rules.size() > 100000) return invalid("More than 100000 rules");
  std::map<ColumnKey, std::uint64_t> amounts;  // wrap as HBase's do
  std::map<ColumnKey, std::string> texts;
  for (const auto& rule : rules) {
    const auto family = schema.families.find(rule.family_name());
    if (family == schema.families.end()) return Status{Code::not_found, "unknown family \"" + rule.family_name() + "\""};
    if (family->second.is_sum) return invalid("family \"" + rule.family_name() + "\" is an aggregate: it takes add_to_cell and merge_to_cell");
    const ColumnKey column(rule.family_name(), rule.column_qualifier());
    switch (rule.rule_case()) {
      case bt::ReadModifyWriteRule::kIncrementAmount: amounts[column] += static_cast<std::uint64_t>(rule.increment_amount()); break;
      case bt::ReadModifyWriteRule::kAppendValue: texts[column] += rule.append_value(); break;
      case bt::ReadModifyWriteRule::RULE_NOT_SET: return invalid("a rule must increment or append");
    }
  }
  ReadModifyWrite out;
  for (const auto& [column, amount] : amounts) {
    if (texts.contains(column)) return unimplemented("increment_amount and append_value of one column in one request");
    if (!out.increment) out.increment.emplace(row);
    out.increment->add(column.first, column.second, static_cast<std::int64_t>(amount));
  }
  for (const auto& [column, text] : texts) {
    if (!out.append) out.append.emplace(row);
    out.append->add(column.first, column.second, text);
  }
  return out;
}

void fill_row(bt::Row& out, std::string_view row_key, const Row& row) {
  out.set_key(row_key.data(), row_key.size());
  std::map<std::string_view, std::map<std::string_view, const Cell*>> families;
  for (const Cell& cell : row.cells()) families[cell.family()].try_emplace(cell.qualifier(), &cell);
  for (const auto& [name, columns] : families) {
    auto& family = *out.add_families();
    family.set_name(name.data(), name.size());
    for (const auto& [qualifier, cell] : columns) {
      auto& column = *family.add_columns();
      column.set_qualifier(qualifier.data(), qualifier.size());
      auto& told = *column.add_cells();
      told.set_timestamp_micros(micros_of(cell->timestamp()));
      told.set_value(cell->value().data(), cell->value().size());
    }
  }
}

}  // namespace hbmux::gateway
