// A request to the Bigtable API with all its attempts.
#pragma once

#include "bigtable/call.h"
#include "bigtable/channel.h"
#include "bigtable/routing_cookies.h"
#include "core/retry.h"
#include "rpc/lane.h"

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/request_scope.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hbmux::bigtable {

class BigtableConnection;

/// How an operation's attempts are made.
struct CallPlan {
  const char* path = nullptr;  ///< A literal.
  std::string routing;         ///< The header's value.
  Service service = Service::data;
  bool streams = false;
  bool repeats = true;  ///< False: it is tried once, whatever the server says.
  /// The policy's rpc_timeout is for each message, not for the whole attempt.
  bool timeout_per_message = false;
  core::RetryPolicy policy;
  RequestScope::Ref scope;
};

/// Lives on one lane, where everything happens to it but start(), cancel() and abort(). It ends once. Held by the call, the pause or the
/// borrowing that is under way.
class Operation : public std::enable_shared_from_this<Operation> {
 public:
  virtual ~Operation();
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  /// Once, any thread. Nothing is called within.
  void start();
  /// Any thread: it ends soon, with that error.
  void abort(Error reason);

 protected:
  Operation(std::shared_ptr<BigtableConnection> connection, CallPlan plan, std::shared_ptr<detail::CancelPoint> cancel);

  /// The next attempt's request, serialized.
  virtual std::string request() = 0;
  /// A message of the answer. An error ends the attempt; the operation too.
  virtual Result<void> take(grpc::ByteBuffer message) = 0;
  /// The attempt has ended well. Nothing: there is something left to ask for, which counts as a failed attempt with that status.
  virtual std::optional<CallStatus> left_over() { return std::nullopt; }
  /// Before each attempt after the first: false when the work is done already.
  virtual bool prepare_retry() { return true; }
  /// The end.
  virtual void succeeded() = 0;
  virtual void failed(Error error) = 0;
  /// "get of row 'r' of table 't'", for messages.
  virtual std::string describe() const = 0;
  /// Streaming: asked after each message whether the next one is wanted now; who says no calls read_on() later.
  virtual bool wants_more() { return true; }

  BigtableConnection& connection() const noexcept { return *connection_; }
  const std::shared_ptr<BigtableConnection>& shared_connection() const noexcept { return connection_; }
  const std::shared_ptr<rpc::Lane>& lane() const noexcept { return lane_; }
  void read_on();
  /// Ends it from within, at once.
  void finish(std::optional<Error> error);
  bool is_over() const noexcept { return over_; }
  /// What was got until now counts: failures before it are forgotten.
  void progressed() { retry_ = core::RetryState(plan_.policy, lane_->now(), retry_.deadline()); }
  const core::RetryState& retry() const noexcept { return retry_; }
  /// A new deadline from now on, for operations that end when their consumer wants them to.
  void restart_clock() { retry_ = core::RetryState(plan_.policy, lane_->now()); }
  int calls_made() const noexcept { return calls_made_; }

 private:
  void attempt();
  void send(ChannelPool::Lease lease);
  void got(std::uint64_t attempt, grpc::ByteBuffer message);
  void ended(std::uint64_t attempt, CallStatus status);
  void attempt_failed(CallStatus status);
  void attempt_failed(Error error, core::Reaction reaction);
  void watch_idle();
  void drop_call();

  const std::shared_ptr<BigtableConnection> connection_;
  const std::shared_ptr<rpc::Lane> lane_;
  const CallPlan plan_;
  const ThreadToken thread_;
  std::shared_ptr<detail::CancelPoint> cancel_;
  core::RetryState retry_;
  RoutingCookies cookies_;
  ChannelPool::Ticket ticket_;
  ChannelPool::Lease lease_;
  std::shared_ptr<Call> call_;
  std::uint64_t attempt_ = 0;  // what comes of an earlier one is dropped
  int calls_made_ = 0;
  bool over_ = false;
  bool reading_ = false;     // the next message has been asked for
  bool idle_watched_ = false;
  rpc::TimePoint idle_since_;
};

}  // namespace hbmux::bigtable
