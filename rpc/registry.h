// Where a cluster begins: who is master, and where hbase:meta is.
#pragma once

#include "core/region_locations.h"
#include "core/unique_function.h"
#include "rpc/lane.h"

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <string>

namespace hbmux::rpc {

/// Answers by asking ZooKeeper or servers. Owned by a ConnectionState; all members may be called from any thread.
///
/// A handler runs exactly once, on a lane, never within the call that gave it, and not later than shortly after
/// `deadline`. Errors: Errc::unavailable when nobody gave an answer (it names who was asked, and why each did not
/// help), timed_out at the deadline when nobody failed before, closed.
class Registry {
 public:
  template <class T>
  using Handler = core::UniqueFunction<void(Result<T>)>;

  virtual ~Registry() = default;

  /// The primary and the replicas that are known. The primary has a server.
  virtual void async_meta_locations(TimePoint deadline, Handler<core::LocationsPtr> handler) = 0;
  virtual void async_active_master(TimePoint deadline, Handler<ServerName> handler) = 0;
  virtual void async_cluster_id(TimePoint deadline, Handler<std::string> handler) = 0;

  /// Ends what is pending with `reason`, and all later calls. Idempotent; does not wait for anything.
  virtual void close(const Error& reason) = 0;
};

}  // namespace hbmux::rpc
