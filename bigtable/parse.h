// Messages out of what gRPC brings. For .cc files: this is where gRPC's templates for protobuf come in.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <hbmux/error.h>

#include <string>

namespace hbmux::bigtable {

template <class Message>
Result<Message> parse(grpc::ByteBuffer& bytes) {
  Message message;
  if (const auto status = grpc::SerializationTraits<Message>::Deserialize(&bytes, &message); !status.ok()) {
    return Error(Errc::protocol_error, "the server's answer cannot be read: " + status.error_message());
  }
  return message;
}

}  // namespace hbmux::bigtable
