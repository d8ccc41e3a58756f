// ReadModifyWriteRow as HBase's Increment and Append.
#pragma once

#include "gateway/status.h"
#include "gateway/table_schema.h"

#include <hbmux/append.h>
#include <hbmux/bt/data.pb.h>
#include <hbmux/increment.h>
#include <hbmux/row.h>

#include <optional>
#include <string_view>

namespace hbmux::gateway {

/// HBase does not see within one request what that request has done before, so the rules of one column are summed up: amounts are added,
/// values put behind each other.
struct ReadModifyWrite {
  std::optional<Increment> increment;
  std::optional<Append> append;

  static Answer<ReadModifyWrite> of(std::string_view row, const google::protobuf::RepeatedPtrField<bt::ReadModifyWriteRule>& rules,
                                    const TableSchema& schema);
};

/// The new cells.
void fill_row(bt::Row& out, std::string_view row_key, const Row& row);

}  // namespace hbmux::gateway
