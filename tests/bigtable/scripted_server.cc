#include "tests/bigtable/scripted_server.h"

#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>

namespace hbmux::bigtable {
namespace {

std::string text_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Dump(&slices).ok()) return out;
  for (const auto& slice : slices) out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return out;
}

}  // namespace

class ScriptedServer::Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(ScriptedServer& server, grpc::GenericCallbackServerContext& context) : server_(server), context_(context) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    Seen seen{context_.method(), text_of(request_), context_.peer(), {}, std::chrono::steady_clock::now()};
    for (const auto& [name, value] : context_.client_metadata()) {
      seen.metadata.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    }
    script_ = server_.next(std::move(seen));
    for (const auto& [name, value] : script_.trailers) context_.AddTrailingMetadata(name, value);
    go_on();
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    go_on();
  }
  void OnCancel() override {
    if (hanging_.exchange(false)) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  void go_on() {
    if (next_ < script_.messages.size()) {
      grpc::Slice slice(script_.messages[next_++]);
      message_ = grpc::ByteBuffer(&slice, 1);
      return StartWrite(&message_);
    }
    if (!script_.hangs) return Finish(script_.status);
    hanging_ = true;  // until it is cancelled, which may have happened
    if (context_.IsCancelled() && hanging_.exchange(false)) Finish(grpc::Status::CANCELLED);
  }

  ScriptedServer& server_;
  grpc::GenericCallbackServerContext& context_;
  grpc::ByteBuffer request_, message_;
  Script script_;
  std::size_t next_ = 0;
  std::atomic<bool> hanging_{false};
};

ScriptedServer::ScriptedServer(std::shared_ptr<grpc::ServerCredentials> credentials) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", credentials ? credentials : grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(this);
  builder.SetMaxReceiveMessageSize(-1);
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

ScriptedServer::~ScriptedServer() {
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  server_->Wait();
}

grpc::ServerGenericBidiReactor* ScriptedServer::CreateReactor(grpc::GenericCallbackServerContext* context) {
  return new Reactor(*this, *context);
}

void ScriptedServer::play(const std::string& path, Script script) {
  std::lock_guard lock(mutex_);
  scripts_[path].push_back(std::move(script));
}

Script ScriptedServer::next(Seen seen) {
  std::lock_guard lock(mutex_);
  auto& scripts = scripts_[seen.path];
  seen_.push_back(std::move(seen));
  if (scripts.empty()) return Script().ends(grpc::StatusCode::UNIMPLEMENTED, "no script");
  Script script = std::move(scripts.front());
  scripts.pop_front();
  return script;
}

std::vector<ScriptedServer::Seen> ScriptedServer::seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

std::size_t ScriptedServer::left() const {
  std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [path, scripts] : scripts_) count += scripts.size();
  return count;
}

}  // namespace hbmux::bigtable
