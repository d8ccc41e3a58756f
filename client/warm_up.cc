#include "client/warm_up.h"

#include "client/compound_operation.h"
#include "client/region_locator.h"

#include <atomic>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::client {
namespace {

/// Waits for all servers.
class WarmUp final : public CompoundOperation<void> {
 public:
  WarmUp(std::shared_ptr<const TableContext> table, detail::Completion<Result<void>> done)
      : CompoundOperation(std::move(table), std::move(done)), thread_(connection().thread_token()) {}

  void start() {
    if (!begin()) return;
    deadline_ = connection().now() + table()->operation_timeout;
    connection().locator().all_regions(table()->locations, WhichReplicas::primary, deadline_, [self = shared_from_this(), this](auto regions) {
      if (!regions) return end(regions.error());
      open(*regions);
    });
  }

 private:
  std::string describe() const override { return "warming up table '" + table()->name().to_string() + "'"; }

  void open(const std::vector<RegionLocation>& regions) {
    std::set<std::string> seen;
    std::vector<ServerAddress> servers;
    for (const auto& region : regions) {
      const ServerAddress& address = region.server.address;
      if (!address.host.empty() && seen.insert(address.to_string()).second) servers.push_back(address);
    }
    missing_ = servers.size() + 1;
    for (const auto& address : servers) {
      connection().rpc().warm_up(rpc::ConnectionKey(address, *table()->user, rpc::Service::client), thread_, deadline_,
                                 [self = shared_from_this(), this](Result<void> result) {
                                   if (!result) return end(result.error());
                                   one_less();
                                 });
    }
    one_less();
  }
  void one_less() {
    if (missing_.fetch_sub(1) == 1) end({});
  }

  const ThreadToken thread_;
  rpc::TimePoint deadline_;
  std::atomic<std::size_t> missing_{0};
};

}  // namespace

void start_warm_up(std::shared_ptr<const TableContext> table, detail::Completion<Result<void>> done) {
  std::make_shared<WarmUp>(std::move(table), std::move(done))->start();
}

}  // namespace hbmux::client
