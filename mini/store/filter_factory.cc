#include "mini/store/comparator.h"
#include "mini/store/filter.h"

namespace hbmux::mini {

MadeFilter make_filter(const pb::Filter& message, int depth) {
  constexpr int kDepthMax = 100;
  if (depth > kDepthMax) return exceptions::do_not_retry("Filters are nested more than 100 deep");
  std::string_view name = message.name();
  if (!name.starts_with(kFilterPackage)) return unknown_class(name);
  name.remove_prefix(kFilterPackage.size());
  const std::string& serialized = message.serialized_filter();
  MadeFilter made = make_value_filter(name, serialized);
  if (made && *made == nullptr) made = make_row_filter(name, serialized);
  if (made && *made == nullptr) made = make_column_filter(name, serialized);
  if (made && *made == nullptr) made = make_filter_list(name, serialized, depth);
  if (made && *made == nullptr) return unknown_class(message.name());
  return made;
}

}  // namespace hbmux::mini
