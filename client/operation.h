// One operation of a user, from its start to its end.
#pragma once

#include "client/table_context.h"
#include "core/retry.h"
#include "rpc/rpc_client.h"

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace hbmux::client {

/// Held by whatever will go on with it: the call that is under way, the pause, the lookup, the user's cancellation. It goes on in one place
/// at a time, so that its members need no lock; only cancelling comes from aside.
///
/// It completes exactly once, on a lane (or where its handler's executor says), never within the function that began it and without a lock
/// held. Whoever wants to complete it claims it first.
class Operation : public boost::intrusive_ref_counter<Operation, boost::thread_safe_counter> {
 public:
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

 protected:
  Operation(std::shared_ptr<const TableContext> table, std::shared_ptr<detail::CancelPoint> cancel)
      : table_(std::move(table)), cancel_(std::move(cancel)) {}

  ConnectionState& connection() const noexcept { return *table_->connection; }
  const TableContext& table() const noexcept { return *table_; }
  const std::shared_ptr<const TableContext>& shared_table() const noexcept { return table_; }

  /// First of all: from here on the user may cancel. False when that has happened already; it will then complete by itself.
  bool begin();
  /// True for the one who may complete it.
  bool claim();
  /// Has been completed, or will be by somebody else: nothing more is to be done.
  bool is_over() const noexcept { return claimed_.load(std::memory_order_acquire); }
  /// Ends it with an error, unless it is over. Not within the function that began it: see fail_later().
  void fail(Error error);
  void fail_later(Error error);
  /// Gives the error to the user's handler; called once.
  virtual void complete_with(Error error) = 0;

  /// RpcClient::call, such that cancelling the operation cancels the call.
  void call(const rpc::ConnectionKey& key, rpc::CallRequest&& request, rpc::ReplyHandler&& handler);
  /// Goes on after a pause.
  template <class Go>
  void pause(std::chrono::nanoseconds time, Go go) {
    connection().rpc().lane().call_at(connection().now() + time, std::move(go));
  }

 private:
  void cancelled();

  const std::shared_ptr<const TableContext> table_;
  const std::shared_ptr<detail::CancelPoint> cancel_;  // null when nobody can cancel
  std::atomic<bool> claimed_{false};
  std::mutex token_mutex_;  // the rest: what cancelling touches
  std::uint64_t calls_ = 0;
  bool cancelled_ = false;
  rpc::CallToken token_;
};

/// The retry rules of operations on this table.
core::RetryPolicy retry_policy(const TableContext& table, std::chrono::milliseconds rpc_timeout);

/// A replica of a region that cannot be asked now, or is not there at all.
Error replica_is_nowhere(int replica);
Error no_such_replica(const core::RegionLocations& region, int replica);

/// "get of row 'r' in table 't'", for messages.
std::string describe_operation(std::string_view verb, std::string_view row, const TableName& table);

}  // namespace hbmux::client
