// The server's end of a connection in memory: reads what a client wrote, and writes answers.
#pragma once

#include "core/bytes.h"
#include "rpc/wire/delimited.h"

#include <hbmux/pb/RPC.pb.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::test {

struct ServerRequest {
  std::uint32_t id = 0;
  std::string method;
  std::string param;
};

/// Throws when the bytes are not what a client should write.
class ServerSide {
 public:
  pb::ConnectionHeader hello;

  /// Takes the whole requests out of `bytes`.
  std::vector<ServerRequest> read(std::string& bytes) {
    std::string_view rest = bytes;
    if (!has_hello_) {
      if (rest.size() < 10 || rest.substr(0, 6) != std::string_view("HBas\0\x50", 6))
        throw std::runtime_error("no preamble");
      const auto size = core::load_be<std::uint32_t>(rest.data() + 6);
      if (!hello.ParseFromArray(rest.data() + 10, static_cast<int>(size)))
        throw std::runtime_error("no connection header");
      rest.remove_prefix(10 + size);
      has_hello_ = true;
    }
    std::vector<ServerRequest> requests;
    while (rest.size() >= 4 && rest.size() - 4 >= core::load_be<std::uint32_t>(rest.data())) {
      std::string_view frame = rest.substr(4, core::load_be<std::uint32_t>(rest.data()));
      rest.remove_prefix(4 + frame.size());
      std::string_view header_bytes, param;
      pb::RequestHeader header;
      if (!rpc::wire::read_delimited(frame, header_bytes) ||
          !header.ParseFromArray(header_bytes.data(), static_cast<int>(header_bytes.size())) ||
          !rpc::wire::read_delimited(frame, param)) {
        throw std::runtime_error("no request");
      }
      requests.push_back({header.call_id(), header.method_name(), std::string(param)});
    }
    bytes = std::string(rest);
    return requests;
  }

  static std::string answer(std::uint32_t id, const google::protobuf::MessageLite& message) {
    pb::ResponseHeader header;
    header.set_call_id(id);
    std::string body;
    rpc::wire::append_delimited(body, header);
    rpc::wire::append_delimited(body, message);
    return framed(body);
  }

 private:
  static std::string framed(const std::string& body) {
    std::string out;
    core::append_be(out, static_cast<std::uint32_t>(body.size()));
    return out + body;
  }

  bool has_hello_ = false;
};

}  // namespace hbmux::test
