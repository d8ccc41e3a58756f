#include "gateway/call.h"

#include "gateway/features.h"
#include "gateway/refusal.h"

#include <algorithm>
#include <chrono>

namespace hbmux::gateway {
namespace {

/// A status travels in a header, which is bounded.
constexpr std::size_t kStatusTextMax = 2000;

}  // namespace

grpc::Status grpc_status(grpc::CallbackServerContext& context, const Status& status) {
  const auto code = static_cast<grpc::StatusCode>(status.code);
  Status told = status;
  told.message = status.message.substr(0, kStatusTextMax);
  if (told.retry_after.count() == 0) return {code, told.message};
  const auto& headers = context.client_metadata();
  const auto cookie = headers.find(kRefusalsCookie);
  const int refusals = cookie == headers.end() ? 0 : refusals_in({cookie->second.data(), cookie->second.size()});
  if (features_of(context).routing_cookie()) context.AddTrailingMetadata(kRefusalsCookie, std::to_string(refusals + 1));
  return {code, told.message, retry_details(told, refusal_pause(told.retry_after, refusals))};
}

Answer<Table> table_of(GatewayState& state, const grpc::CallbackServerContext& context, const FullTableName& name) {
  Table table = state.connection.table(name.table);
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return table;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::system_clock::now());
  if (left.count() <= 0) return Status{Code::deadline_exceeded, "the deadline had passed when the call came"};
  return table.with(TableOptions().operation_timeout(left));
}

Answer<FullTableName> target_of(const GatewayState& state, const std::string& table_name, const std::string& authorized_view,
                                const std::string& materialized_view) {
  if (!authorized_view.empty()) return unimplemented("authorized views are not served");
  if (!materialized_view.empty()) return unimplemented("materialized views are not served");
  return state.names.table(table_name);
}

Status status_of(GatewayState& state, const TableName& table, const Error& error) {
  switch (error.code()) {
    case Errc::table_not_found:
    case Errc::no_such_column_family: state.schemas.forget(table); break;
    default: break;
  }
  return status_of(error);
}

}  // namespace hbmux::gateway
