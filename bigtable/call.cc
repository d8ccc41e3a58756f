#include "bigtable/call.h"

#include "bigtable/channel.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <utility>

namespace hbmux::bigtable {
namespace {

CallStatus status_from(const grpc::Status& status) {
  return {static_cast<Code>(status.error_code()), status.error_message(), status.error_details()};
}

void prepare(grpc::ClientContext& context, const CallRequest& request, rpc::TimePoint now) {
  for (const auto& [name, value] : request.metadata) context.AddMetadata(name, value);
  if (request.deadline == rpc::TimePoint::max()) return;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::duration_cast<std::chrono::system_clock::duration>(request.deadline - now));
}

void tell_trailers(const grpc::ClientContext& context, Call::Handlers& handlers) {
  for (const auto* headers : {&context.GetServerInitialMetadata(), &context.GetServerTrailingMetadata()}) {
    for (const auto& [name, value] : *headers) handlers.trailer({name.data(), name.size()}, {value.data(), value.size()});
  }
}

/// Held by gRPC until its end. gRPC's threads only post to the lane.
class UnaryCall final : public Call, public grpc::ClientUnaryReactor, public std::enable_shared_from_this<UnaryCall> {
 public:
  UnaryCall(std::shared_ptr<Channel> channel, std::shared_ptr<rpc::Lane> lane, Handlers handlers)
      : channel_(std::move(channel)), lane_(std::move(lane)), handlers_(std::move(handlers)) {}

  void start(const CallRequest& request) {
    self_ = shared_from_this();
    prepare(context_, request, lane_->now());
    grpc::Slice slice(request.body);
    request_ = grpc::ByteBuffer(&slice, 1);
    channel_->stub().PrepareUnaryCall(&context_, request.path, grpc::StubOptions(), &request_, &response_, this);
    StartCall();
  }
  void read_next() override {}
  void cancel() override {
    cancelled_ = true;
    context_.TryCancel();
  }
  void OnDone(const grpc::Status& status) override {
    const auto lane = lane_;  // the task may be the last to hold this
    lane->post([self = std::move(self_), status = status_from(status)]() mutable {
      self->channel_->call_ended();
      Handlers handlers = std::move(self->handlers_);
      tell_trailers(self->context_, handlers);
      if (status.ok() && !self->cancelled_) handlers.message(std::move(self->response_));
      handlers.end(std::move(status));
    });
  }

 private:
  const std::shared_ptr<Channel> channel_;
  const std::shared_ptr<rpc::Lane> lane_;
  Handlers handlers_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_, response_;
  std::shared_ptr<UnaryCall> self_;
  bool cancelled_ = false;
};

/// While nobody wants the next message a hold keeps gRPC from ending it, so that the lane may ask for one at any time.
class StreamCall final : public Call,
                         public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(std::shared_ptr<Channel> channel, std::shared_ptr<rpc::Lane> lane, Handlers handlers)
      : channel_(std::move(channel)), lane_(std::move(lane)), handlers_(std::move(handlers)) {}

  void start(const CallRequest& request) {
    self_ = shared_from_this();
    prepare(context_, request, lane_->now());
    grpc::Slice slice(request.body);
    request_ = grpc::ByteBuffer(&slice, 1);
    channel_->stub().PrepareBidiStreamingCall(&context_, request.path, grpc::StubOptions(), this);
    AddHold();
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&incoming_);
    StartCall();
  }
  void read_next() override {
    if (std::exchange(reading_, true)) return;
    StartRead(&incoming_);
  }
  void cancel() override {
    if (std::exchange(cancelled_, true)) return;
    context_.TryCancel();
    read_next();  // which fails, and so lets it end
  }
  void OnReadDone(bool ok) override {
    if (!ok) return RemoveHold();
    const auto lane = lane_;
    lane->post([self = self_, message = std::exchange(incoming_, grpc::ByteBuffer())]() mutable {
      self->reading_ = false;
      if (self->cancelled_) return self->read_next();
      self->handlers_.message(std::move(message));
    });
  }
  void OnDone(const grpc::Status& status) override {
    const auto lane = lane_;  // the task may be the last to hold this
    lane->post([self = std::move(self_), status = status_from(status)]() mutable {
      self->channel_->call_ended();
      Handlers handlers = std::move(self->handlers_);
      tell_trailers(self->context_, handlers);
      handlers.end(std::move(status));
    });
  }

 private:
  const std::shared_ptr<Channel> channel_;
  const std::shared_ptr<rpc::Lane> lane_;
  Handlers handlers_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_, incoming_;
  std::shared_ptr<StreamCall> self_;  // gRPC's threads read it before the end, and take it then
  bool reading_ = true;               // the lane's
  bool cancelled_ = false;            // the lane's
};

template <class Kind>
std::shared_ptr<Call> start_as(const std::shared_ptr<Channel>& channel, std::shared_ptr<rpc::Lane> lane, const CallRequest& request,
                               Call::Handlers handlers) {
  channel->call_begins();
  auto call = std::make_shared<Kind>(channel, std::move(lane), std::move(handlers));
  call->start(request);
  return call;
}

}  // namespace

std::shared_ptr<Call> Call::start(const std::shared_ptr<Channel>& channel, std::shared_ptr<rpc::Lane> lane, CallRequest request,
                                  Handlers handlers) {
  if (request.streams) return start_as<StreamCall>(channel, std::move(lane), request, std::move(handlers));
  return start_as<UnaryCall>(channel, std::move(lane), request, std::move(handlers));
}

}  // namespace hbmux::bigtable
