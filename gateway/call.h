// What calls over gRPC have in common.
#pragma once

#include "gateway/cancel_scope.h"
#include "gateway/gateway_state.h"
#include "gateway/status.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <optional>
#include <string>
#include <string_view>

namespace hbmux::gateway {

grpc::Status grpc_status(const Status& status);

/// The table of a request, in the time that the call has left.
Answer<Table> table_of(GatewayState& state, const grpc::CallbackServerContext& context, const FullTableName& name);
/// A request names a table; views are not served.
Answer<FullTableName> target_of(const GatewayState& state, const std::string& table_name, const std::string& authorized_view,
                                const std::string& materialized_view = {});
/// The same error as a status; when it tells that the table is another than what is known of it, that is forgotten.
Status status_of(GatewayState& state, const TableName& table, const Error& error);

/// A call with one answer. Made for each, finished once, then it deletes itself. At most one operation of HBase is under way for it, so that
/// its steps follow each other, on whichever thread.
template <class RequestType, class ResponseType>
class UnaryCall : public grpc::ServerUnaryReactor {
 public:
  using Request = RequestType;
  using Response = ResponseType;

  UnaryCall(GatewayState& state, grpc::CallbackServerContext* context, const Request* request, Response* response)
      : state_(state), context_(*context), request_(*request), response_(*response) {}

  void OnCancel() override { scope_.cancel(); }
  void OnDone() override { delete this; }

 protected:
  /// Begins an operation of HBase: `begin(token)`. `then` gets its result. When the client is gone, neither happens.
  template <class Begin, class Then>
  void run(Begin begin, Then then) {
    if (!scope_.begin(std::move(begin), std::move(then))) finish(Status{Code::cancelled, "cancelled"});
  }
  void finish() { Finish(grpc::Status::OK); }
  void finish(const Status& status) { Finish(grpc_status(status)); }

  GatewayState& state_;
  grpc::CallbackServerContext& context_;
  const Request& request_;
  Response& response_;

 private:
  CancelScope scope_;
};

}  // namespace hbmux::gateway
