// A cell on its way from HBase to a client of the Bigtable API.
#pragma once

#include <hbmux/row.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::gateway {

/// Views; their bytes live as long as the Row they come from, and labels as long as the filter that put them on.
struct RowCell {
  std::string_view family;
  std::string_view qualifier;
  std::int64_t timestamp_micros = 0;
  std::string_view value;
  std::string_view label;  ///< Empty: none.
};

/// In the order of Bigtable's rows, which is HBase's: family, qualifier, newest first.
using RowCells = std::vector<RowCell>;

RowCells cells_of(const Row& row);

}  // namespace hbmux::gateway
