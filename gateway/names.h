// Where the tables of Bigtable's instances are in HBase.
#pragma once

#include "gateway/status.h"

#include <hbmux/table_name.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hbmux::gateway {

/// "projects/P/instances/I", taken apart.
struct InstanceName {
  std::string project;
  std::string instance;
  std::string namespace_name;  ///< HBase's, by the rules.

  std::string to_string() const { return "projects/" + project + "/instances/" + instance; }
};

/// "projects/P/instances/I/tables/T", and HBase's name for it.
struct FullTableName {
  InstanceName instance;
  std::string table_id;
  TableName table;

  std::string to_string() const { return instance.to_string() + "/tables/" + table_id; }
};

/// Which namespace an instance is; projects say nothing. A value.
class NameRules {
 public:
  /// Every instance is the namespace of its name, with '_' for '-', which namespaces cannot have.
  NameRules() = default;
  /// "INSTANCE=NAMESPACE, ...". The instance `*` is every other one, the namespace `*` that of the instance's own name.
  static Result<NameRules> parse(std::string_view text);

  Answer<InstanceName> instance(std::string_view name) const;
  Answer<FullTableName> table(std::string_view name) const;
  /// A table of an instance by its id.
  Answer<FullTableName> table_in(InstanceName instance, std::string_view table_id) const;

 private:
  std::map<std::string, std::string, std::less<>> namespaces_;  // "*": of its own name
  std::optional<std::string> others_ = "*";                      // nothing: they do not exist
};

}  // namespace hbmux::gateway
