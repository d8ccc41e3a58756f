// A call of a service that runs inside a region.
#include "client/coprocessor_messages.h"
#include "client/request_messages.h"
#include "client/typed_row_operation.h"

namespace hbmux::client {
namespace {

class CoprocessorOperation final : public TypedRowOperation<std::string> {
 public:
  CoprocessorOperation(TableContextPtr table, std::string row, CoprocessorCall call, detail::Completion<Result<std::string>> done)
      : TypedRowOperation(std::move(table), Kind::write, Repeat::always, std::move(done)), row_(std::move(row)), call_(std::move(call)) {}

 private:
  std::string_view verb() const noexcept override { return "coprocessor call"; }
  std::string_view row() const noexcept override { return row_; }
  std::string problem() const override { return std::string(problem_of(call_)); }
  int priority() const noexcept override { return call_.priority; }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    request.method = "ExecService";
    append_region(request.param, region_name);
    pb::CoprocessorServiceCall message;
    fill(message, call_, row_);
    append_field(request.param, pb::CoprocessorServiceRequest::kCallFieldNumber, message);
  }

  Result<std::string> read(const rpc::CallReply& reply) override {
    pb::CoprocessorServiceResponse message;
    if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
    return std::move(*message.mutable_value()->mutable_value());
  }

  const std::string row_;
  const CoprocessorCall call_;
};

}  // namespace

void start_coprocessor(TableContextPtr table, std::string row, CoprocessorCall call, detail::Completion<Result<std::string>> done) {
  start_operation<CoprocessorOperation>(std::move(table), std::move(row), std::move(call), std::move(done));
}

}  // namespace hbmux::client
