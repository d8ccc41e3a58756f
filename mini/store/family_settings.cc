#include "mini/store/family_settings.h"

#include <charconv>

namespace hbmux::mini {
namespace {

template <class Number>
void take_number(std::string_view text, Number& out) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) out = value;
}

}  // namespace

Families families_of(const pb::TableSchema& schema) {
  Families families;
  for (const auto& column_family : schema.column_families()) {
    FamilySettings settings;
    settings.name = column_family.name();
    for (const auto& attribute : column_family.attributes()) {
      const std::string& value = attribute.second();
      if (attribute.first() == "VERSIONS") take_number(value, settings.max_versions);
      if (attribute.first() == "MIN_VERSIONS") take_number(value, settings.min_versions);
      if (attribute.first() == "TTL") {
        std::int64_t seconds = std::numeric_limits<std::int32_t>::max();
        take_number(value, seconds);
        if (seconds > 0 && seconds < std::numeric_limits<std::int32_t>::max()) settings.ttl = seconds * 1000;
      }
      if (attribute.first() == "NEW_VERSION_BEHAVIOR") settings.orders_deletes = value == "TRUE" || value == "true";
      if (attribute.first() == "KEEP_DELETED_CELLS") {
        using KeepDeleted = FamilySettings::KeepDeleted;
        settings.keep_deleted = value == "TRUE" || value == "true" ? KeepDeleted::yes
                                : value == "TTL"                   ? KeepDeleted::ttl
                                                                   : KeepDeleted::no;
      }
    }
    families.emplace(settings.name, settings);
  }
  return families;
}

}  // namespace hbmux::mini
