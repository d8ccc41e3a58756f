// Reading protobuf messages that a peer sent.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string_view>

namespace hbmux::core {

/// Stands in front of messages that HBase keeps in tables and znodes (ProtobufMagic.java).
inline constexpr std::string_view kProtobufMagic = "PBUF";

/// False when `bytes` are no such message, or required fields are missing. Protobuf's own Parse functions print to
/// stderr in the latter case, which is not for a library to do with what a peer sends.
inline bool parse_message(google::protobuf::MessageLite& message, std::string_view bytes) {
  return bytes.size() <= 0x7fffffff && message.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())) &&
         message.IsInitialized();
}

}  // namespace hbmux::core
