#include "mini/store/comparator.h"
#include "mini/store/filter.h"

#include "mini/store/row_map.h"

namespace hbmux::mini {

int SeekHint::compare(const StoredCell& cell) const noexcept {
  if (const int c = compare_rows(row, cell.row())) return c;
  return -PlaceOrder::compare(cell, {family, qualifier, timestamp, type});
}

int SeekHint::compare(const SeekHint& other) const noexcept {
  if (const int c = compare_rows(row, other.row)) return c;
  if (const int c = family.compare(other.family)) return c;
  if (const int c = qualifier.compare(other.qualifier)) return c;
  if (timestamp != other.timestamp) return timestamp > other.timestamp ? -1 : 1;
  return static_cast<int>(other.type) - static_cast<int>(type);
}

std::string increased_bytes(std::string bytes) {
  for (std::size_t i = bytes.size(); i-- > 0;) {
    if (static_cast<signed char>(bytes[i]) == 127) continue;
    bytes[i] = static_cast<char>(bytes[i] + 1);
    break;
  }
  return bytes;
}

MadeFilter make_filter(const pb::Filter& message, int depth) {
  constexpr int kDepthMax = 100;
  if (depth > kDepthMax) return exceptions::do_not_retry("Filters are nested more than 100 deep");
  std::string_view name = message.name();
  if (!name.starts_with(kFilterPackage)) return unknown_class(name);
  name.remove_prefix(kFilterPackage.size());
  const std::string& serialized = message.serialized_filter();
  MadeFilter made = make_value_filter(name, serialized);
  if (made && *made == nullptr) made = make_row_filter(name, serialized);
  if (made && *made == nullptr) made = make_seek_filter(name, serialized);
  if (made && *made == nullptr) made = make_column_filter(name, serialized);
  if (made && *made == nullptr) made = make_filter_list(name, serialized, depth);
  if (made && *made == nullptr) return unknown_class(message.name());
  return made;
}

}  // namespace hbmux::mini
