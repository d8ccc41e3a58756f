// Answers to gets and mutations: the short way of reading a GetResponse agrees with protobuf's, and rows are cut out of cell blocks
// or refused.
#include "client/reply_rows.h"
#include "core/parse_message.h"
#include "tests/fuzz/fuzz_input.h"

#include <hbmux/pb/Client.pb.h>

using namespace hbmux;

namespace {

void look_at(const Result<Row>& row) {
  if (!row) return fuzz::require(row.error().code() == Errc::protocol_error);
  std::size_t bytes = 0;
  for (const Cell& cell : *row) {
    bytes += cell.row().size() + cell.family().size() + cell.qualifier().size() + cell.value().size() + cell.tags().size();
    fuzz::require(bytes <= std::size_t{1} << 30);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view message = input.part();
  const rpc::CallReply reply{message, input.rest(), nullptr};
  pb::GetResponse response;
  const bool parsed = core::parse_message(response, message);
  if (const auto shape = client::read_row_shape(message)) {
    fuzz::require(parsed);
    fuzz::require(response.result().cell_size() == 0);
    fuzz::require(static_cast<std::uint32_t>(response.result().associated_cell_count()) == shape->cells);
    fuzz::require(response.result().partial() == shape->partial);
    const auto short_way = client::ReplyRows(reply).next(*shape);
    const auto long_way = client::ReplyRows(reply).next(response.result());
    fuzz::require(short_way.has_value() == long_way.has_value());
    if (short_way) fuzz::require(short_way->size() == long_way->size() && short_way->exists() == long_way->exists());
    look_at(short_way);
  }
  if (!parsed) return 0;
  client::ReplyRows rows(reply);
  look_at(rows.next(response.result()));
  look_at(rows.next(response.result()));
  return 0;
}
