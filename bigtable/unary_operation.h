// A call with one answer.
#pragma once

#include "bigtable/operation.h"
#include "bigtable/parse.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hbmux::bigtable {

/// `done` runs on the operation's lane.
template <class Response>
class UnaryOperation final : public Operation {
 public:
  using Done = core::UniqueFunction<void(Result<Response>)>;

  UnaryOperation(std::shared_ptr<BigtableConnection> connection, CallPlan plan, std::string request, std::string description,
                 std::shared_ptr<detail::CancelPoint> cancel, Done done)
      : Operation(std::move(connection), std::move(plan), std::move(cancel)),
        request_(std::move(request)),
        description_(std::move(description)),
        done_(std::move(done)) {}

 private:
  std::string request() override { return request_; }
  Result<void> take(grpc::ByteBuffer message) override {
    auto response = parse<Response>(message);
    if (!response) return response.error();
    response_ = std::move(*response);
    return {};
  }
  void succeeded() override {
    if (response_) return done_(std::move(*response_));
    done_(Error(Errc::protocol_error, description_ + ": the server's answer is missing"));
  }
  void failed(Error error) override { done_(std::move(error)); }
  std::string describe() const override { return description_; }

  const std::string request_;
  const std::string description_;
  std::optional<Response> response_;
  Done done_;
};

template <class Response, class Request>
void start_unary(std::shared_ptr<BigtableConnection> connection, CallPlan plan, const Request& request, std::string description,
                 std::shared_ptr<detail::CancelPoint> cancel, typename UnaryOperation<Response>::Done done) {
  std::make_shared<UnaryOperation<Response>>(std::move(connection), std::move(plan), request.SerializeAsString(), std::move(description),
                                             std::move(cancel), std::move(done))
      ->start();
}

}  // namespace hbmux::bigtable
