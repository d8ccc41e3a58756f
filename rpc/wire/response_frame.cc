#include "rpc/wire/response_frame.h"

#include "rpc/wire/delimited.h"

#include <optional>

namespace hbmux::rpc::wire {
namespace {

Error malformed(const char* what) { return Error(Errc::protocol_error, std::string("malformed response: ") + what); }

/// One field of an encoded message.
struct Field {
  std::uint32_t number = 0;
  std::uint32_t type = 0;
  std::uint64_t value = 0;   // types 0, 1 and 5 (the latter two only skipped)
  std::string_view bytes;    // type 2
};

inline bool next_field(std::string_view& rest, Field& field) {
  std::uint64_t key = 0;
  if (!read_varint(rest, key)) return false;
  field.number = static_cast<std::uint32_t>(key >> 3);
  field.type = static_cast<std::uint32_t>(key & 7);
  auto skip = [&](std::size_t size) {
    if (rest.size() < size) return false;
    rest.remove_prefix(size);
    return true;
  };
  switch (field.type) {
    case 0: return read_varint(rest, field.value);
    case 1: return skip(8);
    case 2: return read_delimited(rest, field.bytes);
    case 5: return skip(4);
    default: return false;
  }
}

}  // namespace

Result<ResponseFrame> parse_response(std::string_view frame) {
  std::string_view rest = frame, header;
  if (!read_delimited(rest, header)) return malformed("the header is cut off");
  ResponseFrame response;
  bool has_call_id = false;
  std::optional<std::uint64_t> cells_length;
  while (!header.empty()) {
    Field field;
    if (!next_field(header, field)) return malformed("the header is no ResponseHeader");
    if (field.number == 1 && field.type == 0) {
      response.call_id = static_cast<std::int32_t>(static_cast<std::uint32_t>(field.value));
      has_call_id = true;
    } else if (field.number == 2 && field.type == 2) {
      response.has_exception = true;
      response.exception = field.bytes;
    } else if (field.number == 3 && field.type == 2) {
      std::string_view meta = field.bytes;
      while (!meta.empty()) {
        Field inner;
        if (!next_field(meta, inner)) return malformed("the cell block's description");
        if (inner.number == 1 && inner.type == 0) cells_length = inner.value;
      }
    }
  }
  if (!has_call_id) return malformed("no call id");
  if (response.has_exception) return response;
  if (!read_delimited(rest, response.message) && !rest.empty()) return malformed("the message is cut off");
  if (cells_length) {
    if (*cells_length != rest.size()) return malformed("the cell block's length does not match the frame");
    response.cells = rest;
  } else if (!rest.empty()) {
    return malformed("bytes after the message");
  }
  return response;
}

}  // namespace hbmux::rpc::wire
