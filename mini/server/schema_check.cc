#include "mini/server/schema_check.h"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace hbmux::mini {
namespace {

RemoteException insane(std::string text) {
  return exceptions::do_not_retry(std::move(text) +
                                  " Set hbase.table.sanity.checks to false at conf or table descriptor if you want to "
                                  "bypass sanity checks");
}

/// HBase's replica numbers have 16 bits. A client cannot be let fill the memory with so many.
constexpr std::int64_t kReplicationMax = 100;

/// Of a table or a family.
template <class Schema>
std::optional<std::int64_t> number(const Schema& schema, std::string_view name) {
  for (const auto& attribute : schema.attributes()) {
    if (attribute.first() != name) continue;
    const std::string& text = attribute.second();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
  }
  return std::nullopt;
}

}  // namespace

std::int64_t region_replication_of(const pb::TableSchema& schema) {
  return number(schema, "REGION_REPLICATION").value_or(1);
}

bool is_read_only(const pb::TableSchema& schema) {
  return std::any_of(schema.attributes().begin(), schema.attributes().end(), [](const auto& attribute) {
    return attribute.first() == "READONLY" && boost::algorithm::iequals(attribute.second(), "true");
  });
}

Answer<void> check_schema(const pb::TableSchema& schema) {
  if (schema.column_families().empty()) return insane("Table should have at least one column family.");
  const std::int64_t replication = region_replication_of(schema);
  if (replication < 1) return insane("Table region replication should be at least one.");
  if (replication > kReplicationMax) {
    return exceptions::do_not_retry("The embedded cluster keeps at most " + std::to_string(kReplicationMax) +
                                    " copies of a region");
  }
  for (const auto& family : schema.column_families()) {
    const std::string& name = family.name();
    if (number(family, "TTL").value_or(1) <= 0) return insane("TTL for column family " + name + " must be positive.");
    const auto block = number(family, "BLOCKSIZE").value_or(65536);
    if (block < 1024 || block > 16 * 1024 * 1024) {
      return insane("Block size for column family " + name + "  must be between 1K and 16MB.");
    }
    const auto least = number(family, "MIN_VERSIONS").value_or(0);
    if (least < 0) return insane("Min versions for column family " + name + "  must be positive.");
    // A number of versions below 1 is not refused: HBase reads it as it stands, and compares only this.
    if (least > 0 && least > number(family, "VERSIONS").value_or(1)) {
      return insane("Min versions for column family " + name + " must be less than the Max versions.");
    }
  }
  return {};
}

Answer<void> check_namespace_name(std::string_view name) {
  auto refused = [](std::string text) {
    // The server wraps what is no IOException.
    return exceptions::io("java.lang.IllegalArgumentException: " + std::move(text));
  };
  if (name.empty()) return refused("Namespace name must not be empty");
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool legal =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
    if (legal) continue;
    return refused(
        "Illegal character <" + std::to_string(c) + "> at " + std::to_string(i) +
        ". Namespaces may only contain 'alphanumeric characters' from any language and digits: " + std::string(name));
  }
  return {};
}

}  // namespace hbmux::mini
