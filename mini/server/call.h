// One call that reached a server, and what it is answered with.
#pragma once

#include "core/cell_block.h"
#include "mini/parse.h"
#include "mini/remote_exception.h"

#include <google/protobuf/message_lite.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hbmux::pb {
class RegionLoadStats;
}

namespace hbmux::mini {

class Region;

/// What one region's part of a call for many is answered with.
struct RegionFault {
  RemoteException exception;
  bool applied = false;  ///< It is done all the same.
};

/// Views are into the connection's buffer and end with the call.
struct Call {
  std::string_view method;
  std::string_view param;                         ///< The request message.
  core::CellBlockReader cells;                    ///< The request's cell block, decompressed.
  core::CellCodec codec = core::CellCodec::none;  ///< What the connection announced.
  std::int64_t now = 0;                           ///< Milliseconds since 1970.
  std::int64_t timeout = 0;                       ///< Milliseconds the client waits; 0 when it did not say.
  bool retries_immediately =
      false;  ///< The client knows MultiActionResultTooLarge and cell blocks in answers to gets (1.3 and later).

  /// Where the answer's cells go, when there is a codec.
  std::string* reply_cells = nullptr;

  // What goes wrong on request; null when nothing does.
  const std::function<std::optional<RegionFault>(const Region&)>* region_faults = nullptr;
  const pb::RegionLoadStats* load = nullptr;  ///< What is said to be each region's.

  bool has_codec() const noexcept { return codec != core::CellCodec::none; }
  bool with_tags() const noexcept { return codec == core::CellCodec::key_value_with_tags; }

  /// Reads the request; a message that cannot be parsed is answered as HBase does.
  template <class Message>
  bool parse(Message& message) const {
    return mini::parse(param, message);
  }
};

/// The response message. It stays valid until the next call on the same thread: services keep one of each kind per
/// thread.
using Reply = Answer<const google::protobuf::MessageLite*>;

inline RemoteException malformed_request() {
  return exceptions::do_not_retry("Unable to read call parameter from client; the message is malformed");
}

/// Parses, runs `work(request, response)` and hands the response out.
template <class Request, class Response, class Work>
Reply serve(Call& call, Work&& work) {
  static thread_local Request request;
  static thread_local Response response;
  if (!call.parse(request)) return malformed_request();
  response.Clear();
  if (Answer<void> done = work(request, response); !done) return done.error();
  return &response;
}

}  // namespace hbmux::mini
