#include "core/table_prefix.h"

namespace hbmux::core {

Result<TablePrefix> TablePrefix::parse(std::string_view text) {
  TablePrefix prefix;
  if (text.empty()) return prefix;
  if (text.find(':') != std::string_view::npos) return Error(Errc::invalid_argument, "a prefix is within the namespace, and has no ':'");
  if (std::string_view("zookeeper").starts_with(text)) {
    return Error(Errc::invalid_argument, "'" + std::string(text) + "' could make the name \"zookeeper\", which HBase refuses");
  }
  if (auto name = TableName::parse(text); !name) return name.error();
  prefix.text_ = text;
  return prefix;
}

TableName TablePrefix::apply(TableName table) const {
  if (empty() || table.is_system() || table.qualifier().empty()) return table;
  return TableName::parse(table.namespace_name() + ":" + text_ + table.qualifier()).value();
}

std::optional<TableName> TablePrefix::strip(TableName table) const {
  if (empty() || table.is_system()) return table;
  if (!table.qualifier().starts_with(text_)) return std::nullopt;
  auto rest = TableName::parse(table.namespace_name() + ":" + table.qualifier().substr(text_.size()));
  if (!rest) return std::nullopt;  // "prefix_" itself, or what would begin with a dash: nobody here could have made it
  return std::move(*rest);
}

}  // namespace hbmux::core
