#include "bigtable/mutate_rows.h"

#include "bigtable/parse.h"
#include "core/bytes.h"

#include "proto/hbmux/bt/paths.h"

#include <utility>

namespace hbmux::bigtable {

CallPlan MutateRows::plan_for(const BigtableTable& table) {
  CallPlan plan = table.plan(bt::path::kMutateRows, table.bulk_timeout());
  plan.policy.operation_timeout = table.bulk_operation_timeout();
  plan.streams = true;
  return plan;
}

MutateRows::MutateRows(TablePtr table, std::vector<Entry> entries, std::shared_ptr<detail::CancelPoint> cancel, Settled settled,
                       core::UniqueFunction<void()> done)
    : Operation(table->shared_connection(), plan_for(*table), std::move(cancel)),
      table_(std::move(table)),
      entries_(std::move(entries)),
      settled_(std::move(settled)),
      done_(std::move(done)) {
  for (std::size_t i = 0; i < entries_.size(); ++i) pending_.push_back({i, false, std::nullopt});
}

std::string MutateRows::request() {
  bt::MutateRowsRequest request;
  request.set_table_name(table_->full_name());
  request.set_app_profile_id(table_->app_profile());
  // Lent to the message, and taken back: they may be large.
  for (const Pending& pending : pending_) request.add_entries()->Swap(&entries_[pending.entry]);
  std::string bytes = request.SerializeAsString();
  for (std::size_t i = 0; i < pending_.size(); ++i) request.mutable_entries(static_cast<int>(i))->Swap(&entries_[pending_[i].entry]);
  return bytes;
}

Result<void> MutateRows::take(grpc::ByteBuffer message) {
  auto response = parse<bt::MutateRowsResponse>(message);
  if (!response) return response.error();
  for (const auto& answer : response->entries()) {
    const auto index = static_cast<std::uint64_t>(answer.index());
    if (index >= pending_.size()) {
      return Error(Errc::protocol_error, "MutateRows: an answer to entry " + std::to_string(answer.index()) + " that was not sent");
    }
    if (!pending_[index].answered) take_answer(pending_[index], answer.status());
  }
  return {};
}

void MutateRows::take_answer(Pending& pending, const bt::rpc::Status& answer) {
  pending.answered = true;
  pending.status.reset();
  if (answer.code() == 0) return settled_(pending.entry, {});
  CallStatus status{static_cast<Code>(answer.code()), answer.message(), answer.SerializeAsString()};
  const auto& settings = connection().settings();
  if (settings.retries && reaction_to(status, settings.retries_deadline).retry) {
    pending.status = std::move(status);
    return;
  }
  const std::string& row = entries_[pending.entry].row_key();
  settled_(pending.entry, error_of(status).with_attempts(calls_made()).with_context(table_->describe("change", row)));
}

std::optional<CallStatus> MutateRows::left_over() {
  std::optional<CallStatus> why;
  for (const Pending& pending : pending_) {
    if (pending.answered && !pending.status) continue;
    // The one that asks for the longest pause.
    if (!why || retry_delay_of(*why) < (pending.status ? retry_delay_of(*pending.status) : std::nullopt)) {
      why = pending.status ? *pending.status : CallStatus{Code::unavailable, "MutateRows ended without an answer to every entry", {}};
    }
  }
  return why;
}

bool MutateRows::prepare_retry() {
  std::vector<Pending> left;
  for (Pending& pending : pending_) {
    if (pending.answered && !pending.status) continue;
    pending.answered = false;
    left.push_back(std::move(pending));
  }
  pending_ = std::move(left);
  return !pending_.empty();
}

void MutateRows::succeeded() {
  settled_ = nullptr;
  done_();
}

void MutateRows::failed(Error error) {
  for (const Pending& pending : pending_) {
    if (pending.answered && !pending.status) continue;
    const bool own = pending.status && error.code() != Errc::cancelled && error.code() != Errc::closed;
    settled_(pending.entry, own ? error_of(*pending.status).with_attempts(calls_made()).with_context(
                                      table_->describe("change", entries_[pending.entry].row_key()))
                                : error);
  }
  settled_ = nullptr;
  done_();
}

std::string MutateRows::describe() const { return table_->describe("changing rows", {}); }

}  // namespace hbmux::bigtable
