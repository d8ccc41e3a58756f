// What a client writes: the first bytes of a connection, and requests.
#pragma once

#include <hbmux/attributes.h>
#include <hbmux/user.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hbmux::rpc::wire {

/// The preamble for a connection without authentication, and the connection header: both go out in one write.
struct ConnectionHeaderFields {
  std::string_view service;
  User user;
  std::string_view codec_class;       ///< Empty: cells travel inside messages.
  std::string_view compressor_class;  ///< Empty: cell blocks are not compressed.
  const Attributes* attributes = nullptr;  ///< What the server's interceptors and coprocessors may read; null for none.
};
std::string simple_connection_header(const ConnectionHeaderFields& fields);

/// One request: `int32 length | varint length, RequestHeader | varint length, message | cell block`. The header is written by hand, because
/// every call needs one.
struct RequestFrame {
  std::uint32_t call_id = 0;
  std::string_view method;
  std::string_view param;
  std::string_view cells;  ///< As they go on the wire (compressed).
  std::uint32_t priority = 0;
  std::uint32_t timeout_ms = 0;
  std::string_view attributes = {};  ///< encode_attributes.
};
/// Attributes of requests (HBASE-27657) as they stand in a RequestHeader. Shared, because they go with many requests.
std::shared_ptr<const std::string> encode_attributes(const Attributes& attributes);
/// Appends it; when `with_cells` is false everything but the cells themselves, which must follow.
void append_request(std::string& out, const RequestFrame& request, bool with_cells = true);
/// Bytes that append_request adds, at most.
inline std::size_t request_size(const RequestFrame& request) {
  return 64 + request.method.size() + request.param.size() + request.cells.size() + request.attributes.size();
}

}  // namespace hbmux::rpc::wire
