#include "mini/server/endpoints.h"

#include "core/region_name.h"
#include "mini/server/aggregation.h"

namespace hbmux::mini {
namespace {

constexpr std::string_view kAggregation = "AggregateService";

RemoteException unknown(const std::string& what, const Region& region) {
  return exceptions::of("org.apache.hadoop.hbase.exceptions.UnknownProtocolException",
                        what + " in region " + core::to_string_binary(region.name()), true);
}

RemoteException exception_of(const Error& error) {
  if (error.exception_class().empty()) return exceptions::io(error.message());
  return exceptions::of(error.exception_class(), error.exception_message(), false);
}

}  // namespace

void Endpoints::serve(std::string service, EndpointHandler handler) {
  const std::unique_lock lock(mutex_);
  handlers_.insert_or_assign(std::move(service), std::move(handler));
}

EndpointHandler Endpoints::find(std::string_view service) const {
  const std::shared_lock lock(mutex_);
  const auto found = handlers_.find(service);
  return found == handlers_.end() ? EndpointHandler() : found->second;
}

Answer<EndpointReply> Endpoints::call(Region& region, const pb::CoprocessorServiceCall& call, std::int64_t now) const {
  if (const EndpointHandler handler = find(call.service_name())) {
    auto done = handler({region.table(), region.name(), region.start_key(), region.end_key(), call.row(),
                         call.service_name(), call.method_name(), call.request()});
    if (!done) return exception_of(done.error());
    return std::move(*done);
  }
  if (call.service_name() != kAggregation)
    return unknown("No registered coprocessor service found for " + call.service_name(), region);
  if (!is_aggregation(call.method_name()))
    return unknown("Unknown method " + call.method_name() + " called on service " + call.service_name(), region);
  return aggregate(region, call.method_name(), call.request(), now);
}

}  // namespace hbmux::mini
