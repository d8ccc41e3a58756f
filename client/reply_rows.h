// Rows out of a reply: cut from its cell block, or from its messages where no codec was agreed on.
#pragma once

#include "core/cell_block.h"
#include "core/parse_message.h"
#include "rpc/rpc_client.h"

#include <hbmux/pb/Client.pb.h>
#include <hbmux/row.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace hbmux::client {

/// What a Result message says of a row whose cells are in the cell block.
struct RowShape {
  std::uint32_t cells = 0;
  bool exists = false;
  bool partial = false;
  bool stale = false;
};
/// Reads a GetResponse that says nothing else, which nearly all do; nothing when it says more, or is malformed: protobuf then tells.
std::optional<RowShape> read_row_shape(std::string_view get_response) noexcept;

/// Reads the rows of one reply, in order. The rows share one owner of their bytes: the reply's own buffer where it may be kept, else
/// one copy of the cell block. Used within the reply's handler.
class ReplyRows {
 public:
  /// `cells`: about so many will be asked for; they then share one array.
  explicit ReplyRows(const rpc::CallReply& reply, std::size_t cells = 0);

  /// The next row as a Result message describes it. Errc::protocol_error when the cells are not there.
  Result<Row> next(const pb::Result& result);
  Result<Row> next(const RowShape& shape);
  /// The next row, of `count` cells of the cell block.
  Result<Row> next(std::uint32_t count, bool partial);
  /// What remains of the cell block is not anybody's.
  bool at_end() const noexcept { return reader_.at_end(); }

 private:
  struct Cells;
  Result<std::span<const Cell>> take(std::uint32_t count);
  static Result<Row> from_messages(const pb::Result& result, std::span<const Cell> before);

  std::shared_ptr<const void> owner_;  // of the bytes
  std::shared_ptr<Cells> cells_;       // of rows that were given, with room for more
  std::size_t expected_;
  core::CellBlockReader reader_;
  std::size_t cells_max_;  // that can be in the block, whatever a message claims
};

QueryMetrics metrics_from(const pb::QueryMetrics& message);

/// The cells of several answers about one row as one Row, in HBase's order.
Row join_rows(std::vector<Row> rows);

/// Parses a reply's message; Errc::protocol_error when it is not a `Message`.
template <class Message>
Result<void> parse_reply(const rpc::CallReply& reply, Message& message) {
  if (!core::parse_message(message, reply.message)) {
    return Error(Errc::protocol_error, "the server's answer (" + std::to_string(reply.message.size()) +
                                           " bytes) is not what this call answers with");
  }
  return {};
}

}  // namespace hbmux::client
