// Services inside the master and the region servers.
#include "client/admin_actions.h"
#include "client/coprocessor_messages.h"

namespace hbmux::client {
namespace {

pb::CoprocessorServiceRequest request_of(const CoprocessorCall& call) {
  pb::CoprocessorServiceRequest request;
  request.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
  request.mutable_region()->set_value("");
  fill(*request.mutable_call(), call, "");
  return request;
}

}  // namespace

AdminTask<Result<std::string>> master_coprocessor(AdminOperation& operation, CoprocessorCall call) {
  if (const auto problem = problem_of(call); !problem.empty()) co_return Error(Errc::invalid_argument, std::string(problem));
  const std::uint32_t priority = call.priority < 0 ? 0 : static_cast<std::uint32_t>(call.priority);
  auto reply = co_await operation.ask_master<pb::CoprocessorServiceResponse>("ExecMasterService", request_of(call), priority);
  if (!reply) co_return Error(reply.error()).with_context("calling " + call.method + " of " + call.service + " at the master");
  co_return std::move(*reply->mutable_value()->mutable_value());
}

AdminTask<Result<std::string>> server_coprocessor(AdminOperation& operation, ServerName server, CoprocessorCall call) {
  if (const auto problem = problem_of(call); !problem.empty()) co_return Error(Errc::invalid_argument, std::string(problem));
  auto reply = co_await operation.ask_server<pb::CoprocessorServiceResponse>(server.address, rpc::Service::client,
                                                                             "ExecRegionServerService", request_of(call));
  if (!reply) co_return Error(reply.error()).with_context("calling " + call.method + " of " + call.service + " at " + server.to_string());
  co_return std::move(*reply->mutable_value()->mutable_value());
}

}  // namespace hbmux::client
