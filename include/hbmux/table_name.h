// HBase's TableName: a namespace and a qualifier.
#pragma once

#include <hbmux/error.h>

#include <functional>
#include <string>
#include <string_view>

namespace hbmux {

/// "ns:table", or "table" for the namespace "default". A value; always legal once made by parse().
class TableName {
 public:
  TableName() = default;
  /// Rules as in HBase's TableName.java: letters and digits of any script, '_', '-', '.', and not '-' or '.' first.
  static Result<TableName> parse(std::string_view text);
  static const TableName& meta();  ///< hbase:meta

  const std::string& namespace_name() const noexcept { return namespace_; }
  const std::string& qualifier() const noexcept { return qualifier_; }
  /// "table" in the default namespace, else "ns:table": the form used in region names and in hbase:meta.
  const std::string& to_string() const noexcept { return name_; }
  bool is_system() const noexcept { return namespace_ == "hbase"; }
  bool operator==(const TableName& other) const noexcept { return name_ == other.name_; }
  auto operator<=>(const TableName& other) const noexcept { return name_ <=> other.name_; }

 private:
  std::string namespace_;
  std::string qualifier_;
  std::string name_;
};

}  // namespace hbmux

template <>
struct std::hash<hbmux::TableName> {
  std::size_t operator()(const hbmux::TableName& t) const noexcept { return std::hash<std::string>()(t.to_string()); }
};
