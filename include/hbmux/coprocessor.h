// Calls of services that run inside the servers.
#pragma once

#include <hbmux/error.h>
#include <hbmux/region_info.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace hbmux {

/// One call of a coprocessor endpoint: the service's full name ("hbase.pb.AggregateService"), the method's, and the serialized request
/// message. `<hbmux/coprocessor_protobuf.h>` takes and gives protobuf messages. A value type.
struct CoprocessorCall {
  std::string service;
  std::string method;
  std::string request;
  /// HConstants: 0 normal, 100 admin, 200 high; kPriorityUnset: the table decides.
  int priority = -1;
};

/// What one region answered: its serialized response message.
struct CoprocessorAnswer {
  std::shared_ptr<const RegionInfo> region;
  Result<std::string> response;
};

/// Told each region's answer as it comes (Java: Batch.Callback). Called one at a time, on a lane, before the whole is complete; what it throws is
/// logged.
using CoprocessorCallback = std::function<void(const CoprocessorAnswer&)>;

}  // namespace hbmux
