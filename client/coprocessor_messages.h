// Calls of services inside servers, as they travel.
#pragma once

#include <hbmux/coprocessor.h>
#include <hbmux/pb/Client.pb.h>

#include <string_view>

namespace hbmux::client {

/// What is wrong with it; empty when nothing is.
inline std::string_view problem_of(const CoprocessorCall& call) noexcept {
  return call.service.empty() || call.method.empty() ? "a coprocessor call needs a service and a method" : "";
}

/// `row`: empty where a service is not a region's.
inline void fill(pb::CoprocessorServiceCall& message, const CoprocessorCall& call, std::string_view row) {
  // HBase's own services are registered without their package, others with it (CoprocessorRpcUtils.getServiceName).
  constexpr std::string_view kOwn = "hbase.pb.";
  message.set_row(row.data(), row.size());
  message.set_service_name(call.service.starts_with(kOwn) ? call.service.substr(kOwn.size()) : call.service);
  message.set_method_name(call.method);
  message.set_request(call.request);
}

}  // namespace hbmux::client
