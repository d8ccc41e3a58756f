#include "mini/server/results.h"

namespace hbmux::mini {

void put_cell(const StoredCell& cell, bool with_tags, pb::Cell& out) {
  auto bytes = [](std::string_view view) { return std::string(view); };
  out.set_row(bytes(cell.row()));
  out.set_family(bytes(cell.family()));
  out.set_qualifier(bytes(cell.qualifier()));
  out.set_timestamp(static_cast<std::uint64_t>(cell.timestamp()));
  out.set_cell_type(static_cast<pb::CellType>(cell.type()));
  out.set_value(bytes(cell.value()));
  if (with_tags && !cell.tags().empty()) out.set_tags(bytes(cell.tags()));
}

}  // namespace hbmux::mini
