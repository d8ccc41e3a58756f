#include "gateway/mutate_row.h"

#include "gateway/read_modify_write.h"
#include "gateway/row_guard.h"
#include "gateway/row_writer.h"

#include <type_traits>
#include <utility>

namespace hbmux::gateway {
namespace {

/// Of a conditional change, when somebody else changes the row again and again.
constexpr int kAttemptsMax = 100;

}  // namespace

// ---------------------------------------------------------------- MutateRow

MutateRowCall::~MutateRowCall() {
  if (!token_.empty()) state_.tokens.end(token_, false, sent_);  // cancelled
}

void MutateRowCall::start() {
  auto name = target_of(state_, request_.table_name(), request_.authorized_view_name());
  if (!name) return finish(name.error());
  if (request_.mutations().empty()) return finish(invalid("No mutations provided"));
  if (!open(std::move(*name))) return;
  with_schema([this](const TableSchema& schema) { plan(schema); });
}

void MutateRowCall::plan(const TableSchema& schema) {
  auto change = RowChange::of(request_.row_key(), request_.mutations(), schema);
  if (!change) return finish(change.error());
  change_ = std::move(*change);
  if (change_->adds()) token_ = AppliedTokens::key_of(request_.table_name(), request_.row_key(), request_.idempotency());
  if (!token_.empty()) {
    if (const auto known = state_.tokens.begin(token_, std::chrono::steady_clock::now())) {
      token_.clear();
      return end(*known);
    }
  }
  if (!change_->needs_row()) return send(nullptr);
  read_for(*change_, [this](const Result<Row>& existing) {
    if (!existing) return end(status(existing.error()));
    send(&*existing);
  });
}

void MutateRowCall::send(const Row* existing) {
  auto request = change_->build(existing, now_millis());
  if (!request) return end(Status());
  run(
      [this, request = std::move(*request)](auto token) mutable {
        sent_ = true;
        async_send(*table_, std::move(request), std::move(token));
      },
      [this](const auto& result) {
        const auto error = error_of(result);
        end(error ? status(*error) : Status());
      });
}

void MutateRowCall::end(const Status& status) {
  if (!token_.empty()) state_.tokens.end(std::exchange(token_, {}), status.ok(), sent_ && may_be_applied(status.code));
  if (!status.ok()) return finish(status);
  count_rows(1);
  finish();
}

// ---------------------------------------------------------------- CheckAndMutateRow

void CheckAndMutateRowCall::start() {
  auto name = target_of(state_, request_.table_name(), request_.authorized_view_name());
  if (!name) return finish(name.error());
  if (request_.row_key().empty()) return finish(invalid("Row keys must be non-empty"));
  if (request_.true_mutations().empty() && request_.false_mutations().empty()) {
    return finish(invalid("Neither true_mutations nor false_mutations"));
  }
  if (!open(std::move(*name))) return;
  const std::uint64_t seed = std::hash<std::string_view>()(request_.row_key()) ^ static_cast<std::uint64_t>(now_millis());
  auto predicate = RowFilter::compile(request_.predicate_filter(), seed);
  if (!predicate) return finish(predicate.error());
  predicate_ = std::move(*predicate);
  with_schema([this](const TableSchema& schema) { plan(schema); });
}

void CheckAndMutateRowCall::plan(const TableSchema& schema) {
  auto if_true = RowChange::of(request_.row_key(), request_.true_mutations(), schema);
  if (!if_true) return finish(if_true.error());
  auto if_false = RowChange::of(request_.row_key(), request_.false_mutations(), schema);
  if (!if_false) return finish(if_false.error());
  if_true_ = std::move(*if_true);
  if_false_ = std::move(*if_false);
  const std::size_t stripe = RowLocks::stripe_of(name_->table.to_string(), request_.row_key());
  state_.locks.acquire(stripe, [this, stripe] {
    lock_ = RowLocks::Lock(&state_.locks, stripe);
    attempt();
  });
}

void CheckAndMutateRowCall::attempt() {
  Get get(request_.row_key());
  get.all_versions();
  run([this, get = std::move(get)](auto token) mutable { table_->async_get(std::move(get), std::move(token)); },
      [this](Result<Row> row) {
        if (!row) return end(status(row.error()));
        decide(*row);
      });
}

void CheckAndMutateRowCall::decide(const Row& row) {
  row_ = row;
  auto passed = predicate_->apply(request_.row_key(), cells_of(row_));
  if (!passed) return end(passed.error());
  passed_ = std::move(*passed);
  const RowChange& change = passed_.empty() ? *if_false_ : *if_true_;
  if (!change.needs_row()) return apply(nullptr);
  read_for(change, [this](const Result<Row>& existing) {
    if (!existing) return end(status(existing.error()));
    apply(&*existing);
  });
}

void CheckAndMutateRowCall::apply(const Row* existing) {
  const bool matched = !passed_.empty();
  response_.set_predicate_matched(matched);
  const RowChange& change = matched ? *if_true_ : *if_false_;
  auto request = change.build(existing, now_millis());
  if (!request) return end(Status());
  const auto guard = RowGuard::of(row_, passed_, change.a_written_column());
  if (!guard) {
    return run([this, request = std::move(*request)](auto token) mutable { async_send(*table_, std::move(request), std::move(token)); },
               [this](const auto& result) {
                 const auto error = error_of(result);
                 end(error ? status(*error) : Status());
               });
  }
  CheckAndMutate check(request_.row_key());
  guard->apply_to(check);
  check.repeat(false);  // a client does not repeat it either: it may have been applied
  std::visit([&check](auto& consequence) { check.then(std::move(consequence)); }, *request);
  run([this, check = std::move(check)](auto token) mutable { table_->async_check_and_mutate(std::move(check), std::move(token)); },
      [this](Result<CheckAndMutateResult> result) {
        if (!result) return end(status(result.error()));
        if (result->success()) return end(Status());
        if (++attempts_ == kAttemptsMax) return end({Code::aborted, "the row changed each time between reading and writing it"});
        attempt();
      });
}

void CheckAndMutateRowCall::end(const Status& status) {
  // The next one that waits may run in here, and finishing may delete this: so the lock comes along.
  const RowLocks::Lock lock = std::move(lock_);
  if (!status.ok()) return finish(status);
  count_rows(1);
  finish();
}

// ---------------------------------------------------------------- ReadModifyWriteRow

void ReadModifyWriteRowCall::start() {
  auto name = target_of(state_, request_.table_name(), request_.authorized_view_name());
  if (!name) return finish(name.error());
  if (!open(std::move(*name))) return;
  with_schema([this](const TableSchema& schema) { plan(schema); });
}

void ReadModifyWriteRowCall::plan(const TableSchema& schema) {
  auto change = ReadModifyWrite::of(request_.row_key(), request_.rules(), schema);
  if (!change) return finish(change.error());
  const auto then = [this](const Result<Row>& row) { answer(row); };
  if (change->increment && change->append) {
    RowMutations both(request_.row_key());
    both.add(std::move(*change->increment)).add(std::move(*change->append));
    run([this, both = std::move(both)](auto token) mutable { table_->async_mutate_row(std::move(both), std::move(token)); }, then);
  } else if (change->increment) {
    run([this, increment = std::move(*change->increment)](
            auto token) mutable { table_->async_increment(std::move(increment), std::move(token)); },
        then);
  } else {
    run([this, append = std::move(*change->append)](auto token) mutable { table_->async_append(std::move(append), std::move(token)); },
        then);
  }
}

void ReadModifyWriteRowCall::answer(const Result<Row>& row) {
  if (!row) return finish(status(row.error()));
  count_rows(1);
  fill_row(*response_.mutable_row(), request_.row_key(), *row);
  finish();
}

}  // namespace hbmux::gateway
