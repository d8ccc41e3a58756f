// Parsing what a peer sent.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string_view>

namespace hbmux::mini {

/// As ParseFromArray, but protobuf does not write to stderr when required fields are missing: a peer decides what it
/// sends, not what we log.
inline bool parse(std::string_view bytes, google::protobuf::MessageLite& message) {
  return message.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())) && message.IsInitialized();
}

}  // namespace hbmux::mini
