// A server of the Bigtable API that plays what a test has written down.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <google/protobuf/message_lite.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::bigtable {

/// How one call is answered.
struct Script {
  std::vector<std::string> messages;
  grpc::Status status;
  std::multimap<std::string, std::string> trailers;
  bool hangs = false;  ///< After the messages nothing more comes, until the client gives up.

  Script& message(const google::protobuf::MessageLite& one) & { return messages.push_back(one.SerializeAsString()), *this; }
  Script&& message(const google::protobuf::MessageLite& one) && { return std::move(message(one)); }
  Script&& ends(grpc::StatusCode code, const std::string& text = "scripted", const std::string& details = {}) && {
    status = grpc::Status(code, text, details);
    return std::move(*this);
  }
  Script&& trailer(const std::string& name, const std::string& value) && { return trailers.emplace(name, value), std::move(*this); }
  Script&& hanging() && { return hangs = true, std::move(*this); }
};

/// Calls of a method get its scripts in turn; without any they are UNIMPLEMENTED.
class ScriptedServer final : private grpc::CallbackGenericService {
 public:
  struct Seen {
    std::string path;
    std::string request;
    std::string peer;  ///< Of the socket.
    std::multimap<std::string, std::string> metadata;
    std::chrono::steady_clock::time_point at;

    std::string header(const std::string& name) const {
      const auto found = metadata.find(name);
      return found == metadata.end() ? std::string() : found->second;
    }
  };

  explicit ScriptedServer(std::shared_ptr<grpc::ServerCredentials> credentials = nullptr);  ///< Null: plaintext.
  ~ScriptedServer();

  /// "127.0.0.1:PORT"
  const std::string& address() const noexcept { return address_; }
  void play(const std::string& path, Script script);
  std::vector<Seen> seen() const;
  /// Scripts that nobody has asked for.
  std::size_t left() const;

 private:
  class Reactor;
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;
  Script next(Seen seen);

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Script>> scripts_;
  std::vector<Seen> seen_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace hbmux::bigtable
