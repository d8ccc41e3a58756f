// gRPC's reflection: what this server serves.
#pragma once

#include "gateway/published_names.h"

#include <grpcpp/support/server_callback.h>

namespace hbmux::gateway {

/// One answer for each question.
class ReflectionCall final
    : public grpc::ServerBidiReactor<served::reflection::ServerReflectionRequest, served::reflection::ServerReflectionResponse> {
 public:
  using Request = served::reflection::ServerReflectionRequest;
  using Response = served::reflection::ServerReflectionResponse;

  ReflectionCall() { StartRead(&request_); }
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    response_ = reflect(request_);
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    request_.Clear();
    StartRead(&request_);
  }
  void OnDone() override { delete this; }

 private:
  Request request_;
  Response response_;
};

}  // namespace hbmux::gateway
