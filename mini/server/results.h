// Cells into answers.
#pragma once

#include "mini/server/call.h"
#include "mini/store/filter.h"

#include <hbmux/pb/Client.pb.h>

#include <cstdint>
#include <span>

namespace hbmux::mini {

void put_cell(const StoredCell& cell, bool with_tags, pb::Cell& out);

/// The cells inside the message.
inline void put_cells(std::span<const StoredCell* const> cells, bool with_tags, pb::Result& out) {
  for (const StoredCell* cell : cells) put_cell(*cell, with_tags, *out.add_cell());
}

/// The cells in the call's cell block where the client can take them there, else inside the message.
inline void put_result(std::span<const StoredCell* const> cells, Call& call, bool in_block, pb::Result& out) {
  if (!in_block) return put_cells(cells, call.with_tags(), out);
  out.set_associated_cell_count(static_cast<std::int32_t>(cells.size()));
  for (const StoredCell* cell : cells) cell->append_to(*call.reply_cells, call.with_tags());
}

/// What stands for the bytes of blocks that were read for them.
inline std::uint64_t bytes_of(std::span<const StoredCell* const> cells) {
  std::uint64_t bytes = 0;
  for (const StoredCell* cell : cells) bytes += cell->size();
  return bytes;
}

/// Class and stack trace, as they stand inside the answer to a multi.
inline void put_exception(const RemoteException& exception, pb::NameBytesPair& out) {
  out.set_name(exception.class_name);
  out.set_value(exception.stack_trace());
}

}  // namespace hbmux::mini
