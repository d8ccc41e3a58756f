// Several operations at once: grouped by server, and again where they failed.
#pragma once

#include "client/batch_messages.h"
#include "client/operation.h"
#include "core/region_locations.h"
#include "core/retry.h"

#include <hbmux/batch.h>
#include <hbmux/detail/completion.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace hbmux::client {

/// A get that other replicas may answer goes as an operation of its own. All other actions begin together: they are located, sent in one request a
/// server (more when that would be large), and those that failed go on by themselves, after a pause, with the count of attempts that they have.
/// So there are groups, each of which goes on in one place at a time; results are guarded by the mutex. It ends when the last action has its
/// result.
///
/// Cancelling it gives what has not ended Errc::cancelled; requests that are under way may still be applied.
class BatchOperation final : public Operation {
 public:
  BatchOperation(std::shared_ptr<const TableContext> table, std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done);

  /// Once, by the user's thread.
  void start();

  struct Failure {
    std::uint32_t index;
    Error error;
  };
  /// In place of start(), on a lane: every action has been tried once already, with these outcomes, and these nonces (0: none; empty: none
  /// at all).
  void resume(std::vector<Failure> failures, std::vector<std::uint64_t> nonces, core::RetryState retry);

 private:
  using Indexes = std::vector<std::uint32_t>;
  using Self = boost::intrusive_ptr<BatchOperation>;

  /// Actions that are being located together.
  struct Locating;
  /// What goes to one region, and what to one server.
  struct RegionPart {
    core::LocationsPtr location;
    Indexes indexes;      // ascending; one when it is atomic
    bool atomic = false;  // applied, and answered, as a whole
  };
  using Results = std::vector<std::pair<std::uint32_t, Result<ActionResult>>>;
  struct Request {
    std::vector<RegionPart> regions;
    core::RetryState retry;
  };

  void start_alone(const Indexes& gets);
  void locate(Indexes indexes, core::RetryState retry);
  void located(const std::shared_ptr<Locating>& locating);
  /// At once, or where a server's load says so later.
  void send_or_hold(std::vector<RegionPart> regions, const core::RetryState& retry);
  void send(std::vector<RegionPart> regions, const core::RetryState& retry);
  void send(Request request);
  void replied(Request request, Result<rpc::CallReply> reply);
  void read(Request request, const rpc::CallReply& reply);
  void request_failed(Request request, const Error& error);
  /// Decides about actions that failed in one attempt: an error, or another attempt.
  void failed(std::vector<Failure> failures, core::RetryState retry, bool progress);
  void retry_some(std::vector<Failure> failures, core::RetryState retry, const core::Reaction& reaction);
  void check_table_state(std::vector<Failure> failures, core::RetryState retry, core::RetryState::Decision decision);
  void retry_after(std::vector<Failure> failures, core::RetryState retry, const core::RetryState::Decision& decision);

  void read_part(const RegionPart& part, RegionAnswer answer, Results& results, std::vector<Failure>& failures);
  void give_all(Results results);
  /// With the mutex held, so that the user's callback is called once for each action, and one call at a time.
  void tell(std::size_t index, const Result<ActionResult>& result) noexcept;
  void complete_with(Error error) override;
  Error decorate(std::uint32_t index, Error error) const;

  const std::vector<Action> actions_;
  std::vector<std::uint64_t> nonces_;  // of actions that need one; empty when none does
  const BatchCallback on_result_;
  detail::UniqueFunction<void(BatchResult)> finish_;
  const ThreadToken thread_;

  std::mutex mutex_;
  std::vector<std::shared_ptr<detail::CancelPoint>> alone_;  // of gets that go by themselves
  BatchResult results_;
  std::vector<bool> has_result_;
  std::size_t missing_;
};

/// `on_result` may be empty.
void start_batch(std::shared_ptr<const TableContext> table, std::vector<Action> actions, BatchCallback on_result,
                 detail::Completion<BatchResult> done);

}  // namespace hbmux::client
