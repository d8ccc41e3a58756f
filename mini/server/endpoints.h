// The coprocessor endpoints of a cluster: HBase's aggregation, and what the program brought along.
#pragma once

#include "mini/remote_exception.h"
#include "mini/server/region.h"

#include <hbmux/mini/endpoint.h>
#include <hbmux/pb/Client.pb.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace hbmux::mini {

/// Thread-safe.
class Endpoints {
 public:
  /// In place of what had that name before.
  void serve(std::string service, EndpointHandler handler);
  /// Calls an endpoint on a region that is open.
  Answer<EndpointReply> call(Region& region, const pb::CoprocessorServiceCall& call, std::int64_t now) const;

 private:
  EndpointHandler find(std::string_view service) const;

  mutable std::shared_mutex mutex_;
  std::map<std::string, EndpointHandler, std::less<>> handlers_;
};

}  // namespace hbmux::mini
