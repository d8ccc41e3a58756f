// An operation on one row: locate, call, and again where that helps.
#pragma once

#include "client/operation.h"
#include "client/reply_rows.h"
#include "core/region_locations.h"
#include "core/retry.h"

#include <string>
#include <string_view>

namespace hbmux::client {

enum class Kind : std::uint8_t { read, write };  ///< Which of the time-outs is an attempt's.

/// Whether an attempt that failed may be followed by another.
enum class Repeat : std::uint8_t {
  always,          ///< Doing it twice is as good as once.
  unless_applied,  ///< Not when the failed one may have been applied all the same.
};

/// The loop of attempts. What is asked, and how the answer is read, is in the classes derived from it.
class RowOperation : public Operation {
 public:
  /// Once, by the user's thread.
  void start();

 protected:
  /// `replica`: of the region; 0 for the primary one.
  RowOperation(std::shared_ptr<const TableContext> table, std::shared_ptr<detail::CancelPoint> cancel,
               Kind kind, Repeat repeat, int replica = 0);

  /// "get", for messages.
  virtual std::string_view verb() const noexcept = 0;
  virtual std::string_view row() const noexcept = 0;
  /// Why it can never work; empty when nothing is wrong with it.
  virtual std::string problem() const = 0;
  /// Fills in method, param and cells; the strings are empty, but may have memory.
  virtual void encode(std::string_view region_name, rpc::CallRequest& request) = 0;
  /// As the user set it, or kPriorityUnset.
  virtual int priority() const noexcept = 0;
  /// Whom the attempt that is under way asks.
  const RegionLocation& place() const noexcept { return *location_->get(replica_); }
  /// Reads the answer and completes; an error counts as a failed attempt.
  virtual Result<void> take(const rpc::CallReply& reply) = 0;

 private:
  void attempt();
  void located(Result<core::LocationsPtr> found);
  void send(core::LocationsPtr location, rpc::TimePoint now);
  void replica_is_missing();
  void replied(Result<rpc::CallReply>&& reply);
  void attempt_failed(Error error);
  void check_table_state(core::RetryState::Decision decision, Error error);
  void retry_after(const core::RetryState::Decision& decision);
  void give_up(Error error);
  std::string describe() const;

  const Repeat repeat_;
  core::RetryState retry_;
  core::LocationsPtr location_;  // of the attempt that is under way; null while it is looked up
  const ThreadToken thread_;
  const int replica_;
  bool looked_again_ = false;  // for a replica that was not known
};

}  // namespace hbmux::client
