// Coprocessor endpoints with protobuf messages. Needs protobuf; nothing else of hbmux's headers does.
#pragma once

#include <hbmux/coprocessor.h>
#include <hbmux/error.h>

#include <google/protobuf/message_lite.h>

#include <string>
#include <string_view>

namespace hbmux {

/// `table.coprocessor_service(row, coprocessor_call("my.Service", "Sum", request))`
inline CoprocessorCall coprocessor_call(std::string_view service, std::string_view method,
                                        const google::protobuf::MessageLite& request) {
  return {std::string(service), std::string(method), request.SerializeAsString()};
}

/// The response as a message. Errc::protocol_error when it is not one.
template <class Response>
Result<Response> coprocessor_response(const Result<std::string>& bytes) {
  if (!bytes) return bytes.error();
  Response response;
  if (!response.ParseFromString(*bytes)) {
    return Error(Errc::protocol_error, "the coprocessor's answer is not a " + response.GetTypeName());
  }
  return response;
}

}  // namespace hbmux
