// Rows without a server.
#pragma once

#include "core/cell_block.h"

#include <hbmux/put.h>
#include <hbmux/row.h>

#include <memory>
#include <string>
#include <vector>

namespace hbmux::cli {

/// What `put` holds, as a server would answer it; its cells must have been added in HBase's order.
inline Row row_of(const Put& put) {
  auto bytes = std::make_shared<std::string>(put.cell_block());
  std::vector<Cell> cells;
  for (core::CellBlockReader reader(*bytes); !reader.at_end();) cells.push_back(reader.next().value());
  return Row(bytes, std::move(cells), true);
}

}  // namespace hbmux::cli
