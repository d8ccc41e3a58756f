// How often, when, and for how long an operation is tried: HBase's rules, on a clock that the caller holds.
#pragma once

#include <hbmux/error.h>

#include "core/exception_class.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace hbmux::core {

/// The properties of one kind of operation. A value; the defaults are HBase's.
struct RetryPolicy {
  std::chrono::milliseconds pause{100};                  ///< hbase.client.pause
  std::chrono::milliseconds pause_overloaded{100};       ///< hbase.client.pause.server.overloaded (unset: as pause)
  int retries = 15;                                      ///< hbase.client.retries.number: attempts after the first one
  std::chrono::milliseconds operation_timeout{1200000};  ///< hbase.client.operation.timeout; 0: no limit
  std::chrono::milliseconds rpc_timeout{60000};          ///< hbase.rpc.timeout, of one attempt; 0: no limit

  int attempts_max() const noexcept;
};

/// `pause` times HBase's backoff table (1, 2, 3, 5, 10, 20, 40, 100, 100, 100, 100, 200, 200, 200 ...) for the pause
/// after attempt `attempt` (from 1), and up to 1 % more, by `random` in [0, 1).
std::chrono::nanoseconds backoff(std::chrono::nanoseconds pause, int attempt, double random) noexcept;

/// One operation from its first attempt to its end. Told about failures, it answers what is next. Owned by the
/// operation, used by one thread at a time.
class RetryState {
 public:
  using Clock = std::chrono::steady_clock;  // its types only: nothing here reads it

  struct Decision {
    bool retry = false;
    std::chrono::nanoseconds pause{0};  ///< Before the next attempt, when `retry`.
    Reaction reaction;                  ///< What else the failure asks for, also when the operation ends.
    Error error;                        ///< What the operation ends with, when not `retry`.
  };

  /// The deadline is fixed here, for all attempts.
  RetryState(const RetryPolicy& policy, Clock::time_point now);
  /// With a deadline that the caller has already: the earlier one of it and the policy's counts.
  RetryState(const RetryPolicy& policy, Clock::time_point now, Clock::time_point deadline);

  Clock::time_point started() const noexcept { return start_; }
  /// time_point::max() when there is none.
  Clock::time_point deadline() const noexcept { return deadline_; }
  /// When the next attempt's call has to end: the earlier of the policy's rpc time-out and the deadline.
  Clock::time_point attempt_deadline(Clock::time_point now) const noexcept;
  bool expired(Clock::time_point now) const noexcept { return now >= deadline_; }
  /// Attempts that failed so far.
  int failures() const noexcept { return failures_; }

  /// An attempt ended with `error`. Retries only what react() calls transient; a caller whose operation must not be
  /// repeated looks at reaction.may_be_applied itself. `random` is in [0, 1).
  Decision failed(Error error, Clock::time_point now, double random);
  /// The same with a reaction that the caller has changed: a scan goes on with a new scanner after errors that forbid a retry.
  Decision failed(Error error, Reaction reaction, Clock::time_point now, double random);

  /// A decision to retry that waited for something else, as it stands now: there may be no time left for it.
  Decision revisit(Decision decision, Clock::time_point now) const;

  /// A part of the operation succeeded (some rows of a batch): failures that ask for an immediate retry do not add up
  /// over it.
  void progressed() noexcept { immediate_ = 0; }

  /// The error for an operation whose deadline has passed, be it between attempts or before the first.
  Error timed_out() const;

 private:
  bool has_time_for(std::chrono::nanoseconds pause, Clock::time_point now) const noexcept;
  Decision give_up(Error error, const Reaction& reaction) const;
  void remember(const Error& error);

  RetryPolicy policy_;
  Clock::time_point start_;
  Clock::time_point deadline_;
  int failures_ = 0;
  int counted_ = 0;    // failures that count against the policy's attempts
  int immediate_ = 0;  // immediate retries without progress
  Error last_;
  std::string story_;  // of the last failure that was not merely a time-out
};

}  // namespace hbmux::core
