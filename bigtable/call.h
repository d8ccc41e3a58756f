// One call over gRPC: a request, then messages, then the end.
#pragma once

#include "bigtable/call_status.h"
#include "core/unique_function.h"
#include "rpc/lane.h"

#include <grpcpp/support/byte_buffer.h>

#include <map>
#include <memory>
#include <string>

namespace hbmux::bigtable {

class Channel;

struct CallRequest {
  const char* path = nullptr;  ///< A literal.
  std::string body;
  std::multimap<std::string, std::string> metadata;
  rpc::TimePoint deadline = rpc::TimePoint::max();
  bool streams = false;  ///< The answer has any number of messages.
};

/// Belongs to its lane: handlers run there, and its members are called there. Handlers are let go of after the end.
class Call {
 public:
  struct Handlers {
    core::UniqueFunction<void(grpc::ByteBuffer)> message;
    core::UniqueFunction<void(CallStatus)> end;  ///< Once, at last, also when it was cancelled.
    core::UniqueFunction<void(std::string_view name, std::string_view value)> trailer;  ///< Headers and trailers, just before the end.
  };

  virtual ~Call() = default;
  /// A streaming call brings its first message by itself, and each other one when it is asked for: after each message, once.
  virtual void read_next() = 0;
  /// No messages come any more; the end comes soon.
  virtual void cancel() = 0;

  static std::shared_ptr<Call> start(const std::shared_ptr<Channel>& channel, std::shared_ptr<rpc::Lane> lane, CallRequest request,
                                     Handlers handlers);
};

}  // namespace hbmux::bigtable
