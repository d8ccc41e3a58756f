// Several operations at once: grouped by server, and again where they failed.
#pragma once

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

/// All actions begin together: they are located, sent in one request a server (more when that would be large), and those that failed go on by
/// themselves, after a pause, with the count of attempts that they have. So there are groups, each of which goes on in one place at a time;
/// results are guarded by the mutex. It ends when the last action has its result.
///
/// Cancelling it gives what has not ended Errc::cancelled; requests that are under way may still be applied.
class BatchOperation final : public Operation {
 public:
  BatchOperation(std::shared_ptr<const TableContext> table, std::vector<Action> actions, detail::Completion<BatchResult> done);

  /// Once, by the user's thread.
  void start();

 private:
  using Indexes = std::vector<std::uint32_t>;
  using Self = boost::intrusive_ptr<BatchOperation>;

  /// Actions that are being located together.
  struct Locating;
  /// What goes to one region, and what to one server.
  struct RegionPart {
    core::LocationsPtr location;
    Indexes indexes;  // ascending
  };
  struct Request {
    std::vector<RegionPart> regions;
    core::RetryState retry;
  };
  struct Failure {
    std::uint32_t index;
    Error error;
  };

  void locate(Indexes indexes, core::RetryState retry);
  void located(const std::shared_ptr<Locating>& locating);
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

  void give_all(std::vector<std::pair<std::uint32_t, Result<Row>>> results);
  void complete_with(Error error) override;
  Error decorate(std::uint32_t index, Error error) const;
  bool may_repeat(std::uint32_t index) const noexcept;
  std::size_t size_of(std::uint32_t index) const noexcept;

  const std::vector<Action> actions_;
  std::vector<std::uint64_t> nonces_;  // of actions that need one; empty when none does
  detail::UniqueFunction<void(BatchResult)> finish_;
  const ThreadToken thread_;

  std::mutex mutex_;
  BatchResult results_;
  std::vector<bool> has_result_;
  std::size_t missing_;
};

void start_batch(std::shared_ptr<const TableContext> table, std::vector<Action> actions, detail::Completion<BatchResult> done);

}  // namespace hbmux::client
