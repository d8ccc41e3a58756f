#include "client/operation.h"

#include "core/bytes.h"

namespace hbmux::client {

bool Operation::begin() {
  if (!cancel_) return true;
  boost::intrusive_ptr<Operation> self(this);
  if (cancel_->arm([self] { self->cancelled(); })) return true;
  fail_later(Error(Errc::cancelled, "cancelled before it began"));
  return false;
}

bool Operation::claim() {
  if (claimed_.exchange(true, std::memory_order_acq_rel)) return false;
  if (cancel_) cancel_->arm(nullptr);  // it held this operation
  return true;
}

void Operation::fail(Error error) {
  if (claim()) complete_with(std::move(error));
}

void Operation::fail_later(Error error) {
  connection().post([self = boost::intrusive_ptr<Operation>(this), error = std::move(error)]() mutable {
    self->fail(std::move(error));
  });
}

void Operation::call(const rpc::ConnectionKey& key, rpc::CallRequest&& request, rpc::ReplyHandler&& handler) {
  if (!cancel_) return connection().rpc().call(key, std::move(request), std::move(handler));
  std::uint64_t number = 0;
  {
    std::lock_guard lock(token_mutex_);
    number = ++calls_;
  }
  rpc::CallToken token;
  connection().rpc().call(key, std::move(request), std::move(handler), &token);
  // The reply may have come meanwhile, and the next call been made.
  std::unique_lock lock(token_mutex_);
  if (number != calls_) return;
  token_ = token;
  if (!cancelled_) return;
  lock.unlock();
  token.cancel();
}

void Operation::cancelled() {
  rpc::CallToken token;
  {
    std::lock_guard lock(token_mutex_);
    cancelled_ = true;
    token = token_;
  }
  token.cancel();
  fail_later(Error(Errc::cancelled, "cancelled"));
}

Error replica_is_nowhere(int replica) {
  return Error(Errc::not_serving_region, "replica " + std::to_string(replica) + " of the region is on no server now");
}

Error no_such_replica(const core::RegionLocations& region, int replica) {
  return Error(Errc::invalid_argument, "the region has no replica " + std::to_string(replica) + ", but " +
                                           std::to_string(region.secondaries.size() + 1) + " in all")
      .with_region(core::to_string_binary(region.primary.region->name()));
}

std::string describe_operation(std::string_view verb, std::string_view row, const TableName& table) {
  return std::string(verb) + " of row '" + core::to_string_binary(row.substr(0, 100)) + "' in table '" + table.to_string() + "'";
}

core::RetryPolicy retry_policy(const TableContext& table, std::chrono::milliseconds rpc_timeout) {
  return {table.pause, table.pause_overloaded, table.retries, table.operation_timeout, rpc_timeout};
}

}  // namespace hbmux::client
