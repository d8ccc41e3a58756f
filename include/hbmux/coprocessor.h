// Calls of services that run inside the servers.
#pragma once

#include <hbmux/error.h>
#include <hbmux/region_info.h>

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

}  // namespace hbmux
