// A gRPC service whose methods are named by hand.
#pragma once

#include "gateway/gateway_state.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>

namespace hbmux::gateway {

/// Generated services take their path from the protobuf package; here each method brings its own.
class Service : public grpc::Service {
 protected:
  explicit Service(GatewayState& state) : state_(state) {}

  /// `Call` is a UnaryCall with a start().
  template <class Call>
  void add_unary(const char* path) {
    using Request = typename Call::Request;
    using Response = typename Call::Response;
    const std::size_t method = state_.journal.add_method(path);
    add(path, grpc::internal::RpcMethod::NORMAL_RPC,
        new grpc::internal::CallbackUnaryHandler<Request, Response>(
            [this, method](grpc::CallbackServerContext* context, const Request* request, Response* response) -> grpc::ServerUnaryReactor* {
              auto* call = new Call(state_, method, context, request, response);
              if (call->admit(requires { Call::kHoldsRows; })) call->start();
              return call;
            }));
  }

  /// `Call` is a reactor that writes, with a start().
  template <class Call>
  void add_stream(const char* path) {
    using Request = typename Call::Request;
    using Response = typename Call::Response;
    const std::size_t method = state_.journal.add_method(path);
    add(path, grpc::internal::RpcMethod::SERVER_STREAMING,
        new grpc::internal::CallbackServerStreamingHandler<Request, Response>(
            [this, method](grpc::CallbackServerContext* context, const Request* request) -> grpc::ServerWriteReactor<Response>* {
              auto* call = new Call(state_, method, context, request);
              if (call->admit(requires { Call::kHoldsRows; })) call->start();
              return call;
            }));
  }

  /// `Reactor` reads and writes by itself.
  template <class Reactor>
  void add_dialogue(const char* path) {
    using Request = typename Reactor::Request;
    using Response = typename Reactor::Response;
    add(path, grpc::internal::RpcMethod::BIDI_STREAMING,
        new grpc::internal::CallbackBidiHandler<Request, Response>(
            [](grpc::CallbackServerContext*) -> grpc::ServerBidiReactor<Request, Response>* { return new Reactor; }));
  }

 private:
  void add(const char* path, grpc::internal::RpcMethod::RpcType type, grpc::internal::MethodHandler* handler) {
    AddMethod(new grpc::internal::RpcServiceMethod(path, type, nullptr));
    MarkMethodCallback(methods_added_++, handler);
  }

  GatewayState& state_;
  int methods_added_ = 0;
};

}  // namespace hbmux::gateway
