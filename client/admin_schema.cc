#include "client/admin_schema.h"

#include "core/bytes.h"

#include <hbmux/pb/HBase.pb.h>

#include <algorithm>

namespace hbmux::client {
namespace {

template <class Pairs>
void fill_values(Pairs& pairs, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    auto* pair = pairs.Add();
    pair->set_first(name);
    pair->set_second(value);
  }
}

template <class Pairs>
void fill_properties(Pairs& pairs, const std::map<std::string, std::string>& properties) {
  for (const auto& [name, value] : properties) {
    auto* pair = pairs.Add();
    pair->set_name(name);
    pair->set_value(value);
  }
}

bool includes(const std::map<std::string, std::string>& all, const std::map<std::string, std::string>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

Error bad_family(const std::string& name, std::string_view why) {
  return Error(Errc::invalid_argument, "column family '" + core::to_string_binary(name) + "': " + std::string(why));
}

// ColumnFamilyDescriptorBuilder#isLegalColumnFamilyName
Result<void> check_family(const std::string& name) {
  if (name.empty()) return bad_family(name, "the name is empty");
  if (name[0] == '.') return bad_family(name, "the name begins with a period");
  if (name == "recovered.edits") return bad_family(name, "HBase has another use for this name");
  const bool illegal = std::any_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == ':' || c == '\\' || c == '/';
  });
  if (illegal) return bad_family(name, "the name has a control character, a colon or a slash");
  return {};
}

}  // namespace

void fill(pb::TableName& message, const TableName& table) {
  message.set_namespace_(table.namespace_name());
  message.set_qualifier(table.qualifier());
}

Result<TableName> table_name_from(const pb::TableName& message) {
  auto name = TableName::parse(message.namespace_() + ":" + message.qualifier());
  if (!name) return Error(Errc::protocol_error, "the server named a table: " + name.error().message());
  return name;
}

void fill(pb::TableSchema& message, const TableDescriptor& table) {
  fill(*message.mutable_table_name(), table.name);
  fill_values(*message.mutable_attributes(), table.values);
  for (const auto& family : table.families) fill(*message.add_column_families(), family);
}

void fill(pb::ColumnFamilySchema& message, const ColumnFamilyDescriptor& family) {
  message.set_name(family.name);
  fill_values(*message.mutable_attributes(), family.values);
  fill_properties(*message.mutable_configuration(), family.configuration);
}

void fill(pb::NamespaceDescriptor& message, const NamespaceDescriptor& descriptor) {
  message.set_name(descriptor.name);
  fill_properties(*message.mutable_configuration(), descriptor.configuration);
}

NamespaceDescriptor namespace_descriptor_from(const pb::NamespaceDescriptor& message) {
  NamespaceDescriptor descriptor(message.name());
  for (const auto& pair : message.configuration()) descriptor.configuration[pair.name()] = pair.value();
  return descriptor;
}

Result<TableDescriptor> table_descriptor_from(const pb::TableSchema& message) {
  auto name = table_name_from(message.table_name());
  if (!name) return name.error();
  TableDescriptor table(std::move(*name));
  for (const auto& pair : message.attributes()) table.values[pair.first()] = pair.second();
  // HBase 1 kept properties of the table apart; since 2.0 they are among the attributes.
  for (const auto& pair : message.configuration()) table.values[pair.name()] = pair.value();
  for (const auto& schema : message.column_families()) {
    ColumnFamilyDescriptor family(schema.name());
    for (const auto& pair : schema.attributes()) family.values[pair.first()] = pair.second();
    for (const auto& pair : schema.configuration()) family.configuration[pair.name()] = pair.value();
    table.families.push_back(std::move(family));
  }
  return table;
}

Result<void> check(const TableDescriptor& table) {
  if (table.name.to_string().empty()) return Error(Errc::invalid_argument, "the table has no name");
  if (table.families.empty()) {
    return Error(Errc::invalid_argument, "table '" + table.name.to_string() + "' needs at least one column family");
  }
  for (auto family = table.families.begin(); family != table.families.end(); ++family) {
    if (auto legal = check_family(family->name); !legal) return legal.error();
    const bool twice =
        std::any_of(table.families.begin(), family, [&](const auto& other) { return other.name == family->name; });
    if (twice) return bad_family(family->name, "it is there twice");
  }
  return {};
}

Result<void> check(const ColumnFamilyDescriptor& family) { return check_family(family.name); }

Result<void> check_namespace(std::string_view name) {
  // A name without a colon in it, so that the table's name has one.
  const bool colon = name.find(':') != std::string_view::npos;
  if (!colon && TableName::parse(std::string(name) + ":t")) return {};
  return Error(Errc::invalid_argument,
               "\"" + core::to_string_binary(name) + "\" is no name of a namespace: it has letters, digits and '_'");
}

bool has_family(const TableDescriptor& table, const ColumnFamilyDescriptor& wanted) {
  return std::any_of(table.families.begin(), table.families.end(), [&](const auto& family) {
    return family.name == wanted.name && includes(family.values, wanted.values) && includes(family.configuration, wanted.configuration);
  });
}

Result<void> sort_split_keys(std::vector<std::string>& keys) {
  std::sort(keys.begin(), keys.end());
  if (!keys.empty() && keys.front().empty()) return Error(Errc::invalid_argument, "a split key is empty");
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) {
    return Error(Errc::invalid_argument, "split key '" + core::to_string_binary(*twice) + "' is there twice");
  }
  return {};
}

}  // namespace hbmux::client
