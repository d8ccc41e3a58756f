// What calls over gRPC have in common.
#pragma once

#include "gateway/cancel_scope.h"
#include "gateway/gateway_state.h"
#include "gateway/status.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hbmux::gateway {

/// What a call ends with. Where the client should wait before it tries again, this tells it, in the context's trailer.
grpc::Status grpc_status(grpc::CallbackServerContext& context, const Status& status);

/// The table of a request, in the time that the call has left.
Answer<Table> table_of(GatewayState& state, const grpc::CallbackServerContext& context, const FullTableName& name);
/// A request names a table; views are not served.
Answer<FullTableName> target_of(const GatewayState& state, const std::string& table_name, const std::string& authorized_view,
                                const std::string& materialized_view = {});
/// The same error as a status; when it tells that the table is another than what is known of it, that is forgotten.
Status status_of(GatewayState& state, const TableName& table, const Error& error);

/// The table that a request is about, as its client named it; a part of it when it is very long.
template <class Request>
std::string table_text(const Request& request) {
  const auto cut = [](const std::string& name) { return name.substr(0, 300); };
  if constexpr (requires { request.table_name(); }) {
    return cut(request.table_name());
  } else if constexpr (requires { request.table().name(); request.update_mask(); }) {
    return cut(request.table().name());
  } else if constexpr (requires { request.table_id(); }) {
    return cut(request.parent() + "/tables/" + request.table_id());
  } else if constexpr (requires { request.parent(); }) {
    return cut(request.parent());
  } else {
    return cut(request.name());
  }
}

/// The frame of a call: made for each, finished once, then it tells the journal and deletes itself. At most one operation of HBase is under way
/// for it, so that its steps follow each other, on whichever thread.
template <class Reactor, class RequestType, class ResponseType>
class Call : public Reactor {
 public:
  using Request = RequestType;
  using Response = ResponseType;

  Call(GatewayState& state, std::size_t method, grpc::CallbackServerContext* context, const Request* request)
      : state_(state), context_(*context), request_(*request), method_(method), request_bytes_(request->ByteSizeLong()) {
    state_.journal.begin(method);
  }
  /// False when the gateway has enough to do: the call is then finished. Before anything else; `is_read` as Admission has it.
  bool admit(bool is_read) {
    is_read_ = is_read;
    if (const auto refused = state_.admission.enter(is_read, request_bytes_)) return finish(*refused), false;
    admitted_ = true;
    return true;
  }

  void OnCancel() override { scope_.cancel(); }
  void OnDone() override {
    report_.duration = std::chrono::steady_clock::now() - began_;
    report_.began = std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::system_clock::duration>(report_.duration);
    report_.bytes_in = static_cast<std::int64_t>(request_bytes_);
    if (admitted_) state_.admission.leave(is_read_, request_bytes_);
    if (state_.journal.wants_names(report_.duration)) {
      report_.peer = context_.peer();
      report_.table = table_text(request_);
    }
    state_.journal.end(method_, std::move(report_));
    delete this;
  }

 protected:
  /// Begins an operation of HBase: `begin(token)`. `then` gets its result. When the client is gone, neither happens.
  template <class Begin, class Then>
  void run(Begin begin, Then then) {
    if (!scope_.begin(std::move(begin), std::move(then))) finish(Status{Code::cancelled, "cancelled"});
  }
  /// `use` gets the schema of a table, or `fail` the error.
  template <class Use, class Fail>
  void find_schema(const TableName& table, Use use, Fail fail) {
    if (const auto known = state_.schemas.find(table)) return use(*known);
    run([this, &table](auto token) { state_.schemas.async_get(table, std::move(token)); },
        [use = std::move(use), fail = std::move(fail)](const Result<SchemaCache::Schema>& schema) {
          if (!schema) return fail(schema.error());
          use(**schema);
        });
  }
  void finish() {
    tell_response();
    this->Finish(grpc::Status::OK);
  }
  void finish(const Status& status) {
    report_.code = status.code;
    this->Finish(grpc_status(context_, status));
  }
  void count_rows(std::int64_t rows) { report_.rows += rows; }
  void count_bytes(std::int64_t bytes) { report_.bytes_out += bytes; }
  virtual void tell_response() {}

  GatewayState& state_;
  grpc::CallbackServerContext& context_;
  const Request& request_;
  CancelScope scope_;

 private:
  const std::size_t method_;
  const std::size_t request_bytes_;
  bool is_read_ = false;
  bool admitted_ = false;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  CallReport report_;
};

/// A call with one answer.
template <class RequestType, class ResponseType>
class UnaryCall : public Call<grpc::ServerUnaryReactor, RequestType, ResponseType> {
 public:
  UnaryCall(GatewayState& state, std::size_t method, grpc::CallbackServerContext* context, const RequestType* request, ResponseType* response)
      : Call<grpc::ServerUnaryReactor, RequestType, ResponseType>(state, method, context, request), response_(*response) {}

 protected:
  void tell_response() override { this->count_bytes(static_cast<std::int64_t>(response_.ByteSizeLong())); }

  ResponseType& response_;
};

/// A call whose answer is a stream.
template <class RequestType, class ResponseType>
class StreamCall : public Call<grpc::ServerWriteReactor<ResponseType>, RequestType, ResponseType> {
 public:
  using Call<grpc::ServerWriteReactor<ResponseType>, RequestType, ResponseType>::Call;

 protected:
  /// The message stays until OnWriteDone().
  void write(const ResponseType& message) { this->StartWrite(&message); }
  /// The message stays until the end.
  void write_and_finish(const ResponseType& message) { this->StartWriteAndFinish(&message, grpc::WriteOptions(), grpc::Status::OK); }
};

}  // namespace hbmux::gateway
