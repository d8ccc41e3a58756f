// A change of one row, as a client sends it.
#pragma once

#include "core/cell_block.h"
#include "mini/remote_exception.h"
#include "mini/store/read_spec.h"

#include <hbmux/pb/Client.pb.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// hbase.server.keyvalue.maxsize: larger cells are not taken.
inline constexpr std::size_t kMaxCellSize = 10485760;

struct Mutation {
  pb::MutationProto::MutationType type = pb::MutationProto::PUT;
  std::string row;
  std::vector<CellRef> cells;  ///< Not yet shared: timestamps and sequences are set when they are applied.
  std::int64_t timestamp = kLatestTimestamp;  ///< Of a delete without cells.
  TimeRange range;                            ///< What an increment or append reads.
  bool return_results = true;
  std::uint64_t nonce = 0;

  bool is_put_or_delete() const noexcept { return type == pb::MutationProto::PUT || type == pb::MutationProto::DELETE; }
};

/// Reads the change and its cells: out of the message, or as many as it says from the request's cell block.
Answer<void> read_mutation(const pb::MutationProto& message, core::CellBlockReader& block, Mutation& out);
/// Passes the cells of a change that will not be made.
Answer<void> skip_mutation(const pb::MutationProto& message, core::CellBlockReader& block);

}  // namespace hbmux::mini
