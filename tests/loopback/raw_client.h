// A client made of a socket: what it sees is what was sent.
#pragma once

#include "core/bytes.h"
#include "rpc/wire/delimited.h"

#include <hbmux/pb/Client.pb.h>
#include <hbmux/pb/RPC.pb.h>
#include <hbmux/server_name.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>

namespace hbmux::loopback {

class RawClient {
 public:
  explicit RawClient(const ServerAddress& address) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) error_ = errno;
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  int connect_error() const { return error_; }
  bool send(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  enum class End { none, eof, reset };
  /// What comes until the server ends the connection or says nothing for so long.
  std::string receive(std::chrono::milliseconds patience, End& end) {
    std::string bytes;
    end = End::none;
    for (;;) {
      pollfd waiting{socket_, POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return bytes;
      char buffer[65536];
      const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
      if (count <= 0) {
        end = count == 0 ? End::eof : End::reset;
        return bytes;
      }
      bytes.append(buffer, static_cast<std::size_t>(count));
      patience = std::chrono::milliseconds(300);
    }
  }

  /// Preamble and connection header of a client without codec.
  static std::string hello(std::string_view service = "ClientService") {
    pb::ConnectionHeader message;
    message.set_service_name(std::string(service));
    return std::string("HBas\0\x50", 6) + framed(message.SerializeAsString());
  }
  static std::string call(std::uint32_t id, std::string_view method, const google::protobuf::MessageLite& param) {
    pb::RequestHeader header;
    header.set_call_id(id);
    header.set_method_name(std::string(method));
    header.set_request_param(true);
    std::string body;
    rpc::wire::append_delimited(body, header);
    rpc::wire::append_delimited(body, param);
    return framed(body);
  }
  static std::string get(std::uint32_t id, std::string_view region, std::string_view row) {
    pb::GetRequest request;
    request.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
    request.mutable_region()->set_value(std::string(region));
    request.mutable_get()->set_row(std::string(row));
    return call(id, "Get", request);
  }
  /// The ids of the whole replies in `bytes`, and whether something is left over.
  static std::vector<std::uint32_t> ids_of(std::string_view bytes, bool& rest) {
    std::vector<std::uint32_t> ids;
    while (bytes.size() >= 4 && bytes.size() - 4 >= core::load_be<std::uint32_t>(bytes.data())) {
      std::string_view frame = bytes.substr(4, core::load_be<std::uint32_t>(bytes.data()));
      bytes.remove_prefix(4 + frame.size());
      std::string_view part;
      pb::ResponseHeader header;
      if (rpc::wire::read_delimited(frame, part) && header.ParseFromArray(part.data(), static_cast<int>(part.size()))) {
        ids.push_back(header.call_id());
      }
    }
    rest = !bytes.empty();
    return ids;
  }

 private:
  static std::string framed(std::string_view body) {
    std::string out;
    core::append_be(out, static_cast<std::uint32_t>(body.size()));
    return out.append(body);
  }

  int socket_ = -1;
  int error_ = 0;
};

}  // namespace hbmux::loopback
