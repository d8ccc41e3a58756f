// What a server answers.
#pragma once

#include <hbmux/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::rpc::wire {

/// One response, as views into the frame: `varint length, ResponseHeader | varint length, message | cell block`; with an exception there is
/// only the header.
struct ResponseFrame {
  std::int32_t call_id = 0;
  bool has_exception = false;
  std::string_view exception;  ///< An encoded ExceptionResponse.
  std::string_view message;
  std::string_view cells;      ///< As they came (compressed).
};

/// Reads a frame; whatever the bytes are, Errc::protocol_error or a ResponseFrame whose views lie inside of it.
Result<ResponseFrame> parse_response(std::string_view frame);

}  // namespace hbmux::rpc::wire
