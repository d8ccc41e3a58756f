// What a table is made of.
#pragma once

#include <hbmux/table_name.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hbmux {

/// A column family with its attributes under HBase's names (VERSIONS, TTL, COMPRESSION, BLOOMFILTER, ...); what is not set has the
/// server's default.
struct ColumnFamilyDescriptor {
  std::string name;
  std::map<std::string, std::string> values;        ///< Attributes: "VERSIONS" -> "3".
  std::map<std::string, std::string> configuration;  ///< Properties that hold for this family only.

  explicit ColumnFamilyDescriptor(std::string family = {}) : name(std::move(family)) {}
  ColumnFamilyDescriptor& max_versions(int count) & { return values["VERSIONS"] = std::to_string(count), *this; }
  ColumnFamilyDescriptor& min_versions(int count) & { return values["MIN_VERSIONS"] = std::to_string(count), *this; }
  /// Seconds after which cells are gone.
  ColumnFamilyDescriptor& time_to_live(std::int64_t seconds) & { return values["TTL"] = std::to_string(seconds), *this; }
  ColumnFamilyDescriptor&& max_versions(int count) && { return std::move(max_versions(count)); }
  ColumnFamilyDescriptor&& min_versions(int count) && { return std::move(min_versions(count)); }
  ColumnFamilyDescriptor&& time_to_live(std::int64_t seconds) && { return std::move(time_to_live(seconds)); }
  bool operator==(const ColumnFamilyDescriptor&) const = default;
};

/// A table's name, families and attributes.
struct TableDescriptor {
  TableName name;
  std::vector<ColumnFamilyDescriptor> families;
  std::map<std::string, std::string> values;

  TableDescriptor() = default;
  explicit TableDescriptor(TableName table) : name(std::move(table)) {}
  TableDescriptor& family(ColumnFamilyDescriptor descriptor) & { return families.push_back(std::move(descriptor)), *this; }
  TableDescriptor& family(std::string family_name) & { return family(ColumnFamilyDescriptor(std::move(family_name))); }
  TableDescriptor&& family(ColumnFamilyDescriptor descriptor) && { return std::move(family(std::move(descriptor))); }
  TableDescriptor&& family(std::string family_name) && { return std::move(family(std::move(family_name))); }
  bool operator==(const TableDescriptor&) const = default;
};

}  // namespace hbmux
