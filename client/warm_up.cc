#include "client/warm_up.h"

#include "client/region_locator.h"

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::client {
namespace {

/// Waits for all servers. Held by what is under way.
class WarmUp : public std::enable_shared_from_this<WarmUp> {
 public:
  WarmUp(std::shared_ptr<const TableContext> table, detail::Completion<Result<void>> done)
      : table_(std::move(table)), thread_(table_->connection->thread_token()), done_(std::move(done)) {}

  void start() {
    auto& connection = *table_->connection;
    if (done_.cancel && !done_.cancel->arm([self = shared_from_this()] { self->end_later(Error(Errc::cancelled, "cancelled")); })) {
      return end_later(Error(Errc::cancelled, "cancelled before it began"));
    }
    if (auto closed = connection.closed_error()) return end_later(std::move(*closed));
    deadline_ = connection.now() + table_->operation_timeout;
    connection.locator().all_regions(table_->locations, deadline_, [self = shared_from_this()](auto regions) {
      if (!regions) return self->end(regions.error());
      self->open(*regions);
    });
  }

 private:
  void open(const std::vector<RegionLocation>& regions) {
    std::set<std::string> seen;
    std::vector<ServerAddress> servers;
    for (const auto& region : regions) {
      const ServerAddress& address = region.server.address;
      if (!address.host.empty() && seen.insert(address.to_string()).second) servers.push_back(address);
    }
    missing_ = servers.size() + 1;
    for (const auto& address : servers) {
      table_->connection->rpc().warm_up(rpc::ConnectionKey(address, *table_->user, rpc::Service::client), thread_, deadline_,
                                        [self = shared_from_this()](Result<void> result) {
                                          if (!result) return self->end(result.error());
                                          self->one_less();
                                        });
    }
    one_less();
  }
  void one_less() {
    if (missing_.fetch_sub(1) == 1) end({});
  }
  void end_later(Result<void> result) {
    table_->connection->post([self = shared_from_this(), result = std::move(result)]() mutable { self->end(std::move(result)); });
  }
  void end(Result<void> result) {
    detail::UniqueFunction<void(Result<void>)> finish;
    {
      std::lock_guard lock(mutex_);
      finish = std::exchange(done_.finish, nullptr);
    }
    if (!finish) return;
    if (done_.cancel) done_.cancel->arm(nullptr);  // it held this
    if (!result) result = Error(result.error()).with_context("warming up table '" + table_->name().to_string() + "'");
    finish(std::move(result));
  }

  const std::shared_ptr<const TableContext> table_;
  const ThreadToken thread_;
  rpc::TimePoint deadline_;
  std::atomic<std::size_t> missing_{0};
  std::mutex mutex_;
  detail::Completion<Result<void>> done_;  // its handler is taken by who ends it
};

}  // namespace

void start_warm_up(std::shared_ptr<const TableContext> table, detail::Completion<Result<void>> done) {
  std::make_shared<WarmUp>(std::move(table), std::move(done))->start();
}

}  // namespace hbmux::client
