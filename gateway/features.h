// What a client says that it can do.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <hbmux/bt/headers.pb.h>

#include <string>
#include <string_view>

namespace hbmux::gateway {

/// The header bigtable-features; nothing of it when it is missing or cannot be read.
bt::FeatureFlags features_of(const grpc::CallbackServerContext& context);

/// Base64 of the plain or the web's kind, with or without '=' at its end; empty when it is neither.
std::string decode_base64(std::string_view text);

}  // namespace hbmux::gateway
