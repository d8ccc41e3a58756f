#include "bigtable/row_calls.h"

#include "bigtable/changes.h"
#include "bigtable/filters.h"
#include "bigtable/read_request.h"
#include "bigtable/read_rows.h"
#include "bigtable/rows.h"
#include "bigtable/unary_operation.h"
#include "client/action_traits.h"

#include "proto/hbmux/bt/paths.h"

#include <type_traits>
#include <utility>

namespace hbmux::bigtable {
namespace {

namespace path = bt::path;

/// The answer of a get is a row that has something, or that does not.
template <class T>
class GetRow final : public ReadRows {
 public:
  GetRow(TablePtr table, bt::ReadRowsRequest request, std::string row, detail::Completion<Result<T>> done)
      : ReadRows(table, std::move(request), plan_for(*table), std::move(done.cancel)),
        row_(std::move(row)),
        finish_(std::move(done.finish)) {}

 private:
  static CallPlan plan_for(const BigtableTable& table) {
    CallPlan plan = table.plan(path::kReadRows, table.read_timeout());
    plan.streams = true;
    return plan;
  }
  Result<void> rows_came(std::vector<MergedRow> rows) override {
    auto row = row_of(std::move(rows.front()));
    if (!row) return row.error();
    found_ = std::move(*row);
    return {};
  }
  void succeeded() override {
    if constexpr (std::is_same_v<T, bool>) {
      finish_(found_.exists());
    } else {
      finish_(std::move(found_));
    }
  }
  void failed(Error error) override { finish_(std::move(error)); }
  std::string describe() const override { return table()->describe(std::is_same_v<T, bool> ? "exists" : "get", row_); }

  const std::string row_;
  Row found_;
  core::UniqueFunction<void(Result<T>)> finish_;
};

template <class T>
void start_reading(TablePtr table, Get get, bool existence, detail::Completion<Result<T>> done) {
  if (table->problem()) return end_soon(table->connection(), std::move(done), *table->problem());
  auto request = read_request_of(get, existence || get.checks_existence_only());
  if (!request) return end_soon(table->connection(), std::move(done), request.error());
  std::make_shared<GetRow<T>>(std::move(table), std::move(*request), get.row(), std::move(done))->start();
}

template <class Request>
Request request_for(const BigtableTable& table, const std::string& row) {
  Request request;
  request.set_table_name(table.full_name());
  request.set_app_profile_id(table.app_profile());
  request.set_row_key(row);
  return request;
}

/// What is wrong with a change, of the table or of the change itself.
template <class Change>
std::optional<Error> problem_with(const BigtableTable& table, const Change& change) {
  if (table.problem()) return table.problem();
  if (auto problem = client::problem_of(change, table.connection().settings().client); !problem.empty()) {
    return Error(Errc::invalid_argument, std::move(problem));
  }
  return std::nullopt;
}

void send_mutations(const TablePtr& table, const char* verb, const std::string& row, MutationList mutations,
                    std::shared_ptr<detail::CancelPoint> cancel, core::UniqueFunction<void(Result<void>)> done) {
  auto request = request_for<bt::MutateRowRequest>(*table, row);
  request.mutable_mutations()->Swap(&mutations);
  start_unary<bt::MutateRowResponse>(table->shared_connection(), table->plan(path::kMutateRow, table->write_timeout()), request,
                                     table->describe(verb, row), std::move(cancel),
                                     [done = std::move(done)](Result<bt::MutateRowResponse> answer) mutable {
                                       done(answer ? Result<void>() : answer.error());
                                     });
}

/// Never repeated: nobody knows whether one that failed was applied.
void send_rules(const TablePtr& table, const char* verb, const std::string& row, RuleList rules, bool wants_row,
                std::shared_ptr<detail::CancelPoint> cancel, core::UniqueFunction<void(Result<Row>)> done) {
  auto request = request_for<bt::ReadModifyWriteRowRequest>(*table, row);
  request.mutable_rules()->Swap(&rules);
  CallPlan plan = table->plan(path::kReadModifyWriteRow, table->write_timeout());
  plan.repeats = false;
  start_unary<bt::ReadModifyWriteRowResponse>(
      table->shared_connection(), std::move(plan), request, table->describe(verb, row), std::move(cancel),
      [done = std::move(done), wants_row](Result<bt::ReadModifyWriteRowResponse> answer) mutable {
        if (!answer) return done(answer.error());
        done(wants_row ? row_of(merged_from(std::move(*answer->mutable_row()))) : Result<Row>(Row()));
      });
}

template <class Change>
void start_mutation(const TablePtr& table, const char* verb, const Change& change, detail::Completion<Result<void>> done) {
  if (auto problem = problem_with(*table, RowChange(change))) return end_soon(table->connection(), std::move(done), std::move(*problem));
  MutationList mutations;
  Result<void> appended;
  if constexpr (std::is_same_v<Change, Put>) {
    appended = append(change, table->cell_clock(), mutations);
  } else {
    appended = append(change, mutations);
  }
  if (!appended) return end_soon(table->connection(), std::move(done), appended.error());
  send_mutations(table, verb, change.row(), std::move(mutations), std::move(done.cancel), std::move(done.finish));
}

template <class Change>
void start_rules(const TablePtr& table, const char* verb, const Change& change, detail::Completion<Result<Row>> done) {
  if (auto problem = problem_with(*table, RowChange(change))) return end_soon(table->connection(), std::move(done), std::move(*problem));
  RuleList rules;
  if (auto appended = append(change, rules); !appended) return end_soon(table->connection(), std::move(done), appended.error());
  send_rules(table, verb, change.row(), std::move(rules), change.returns_results(), std::move(done.cancel), std::move(done.finish));
}

/// Those of a conditional change, which cannot count or append.
Result<MutationList> consequence_of(const CheckAndMutate& check, CellClock now) {
  RowMutations changes(check.row());
  std::visit(
      [&](const auto& consequence) {
        if constexpr (std::is_same_v<std::decay_t<decltype(consequence)>, RowMutations>) {
          changes = consequence;
        } else {
          changes.add(consequence);
        }
      },
      *check.consequence());
  auto out = changes_of(changes, now);
  if (!out) return out.error();
  if (!out->rules.empty()) {
    return Error(Errc::unsupported, "an Append or Increment under a condition: Bigtable has nothing of the kind");
  }
  return std::move(out->mutations);
}

}  // namespace

void start_get(TablePtr table, Get get, detail::Completion<Result<Row>> done) {
  if (!get.checks_existence_only()) return start_reading<Row>(std::move(table), std::move(get), false, std::move(done));
  // Only Row::exists() counts, and no cells are wanted.
  detail::Completion<Result<bool>> answered;
  answered.cancel = std::move(done.cancel);
  answered.finish = [finish = std::move(done.finish)](Result<bool> exists) mutable {
    finish(exists ? Result<Row>(Row(nullptr, std::vector<Cell>(), *exists)) : exists.error());
  };
  start_reading<bool>(std::move(table), std::move(get), true, std::move(answered));
}

void start_exists(TablePtr table, Get get, detail::Completion<Result<bool>> done) {
  start_reading<bool>(std::move(table), std::move(get), true, std::move(done));
}

void start_put(TablePtr table, Put put, detail::Completion<Result<void>> done) { start_mutation(table, "put", put, std::move(done)); }
void start_delete(TablePtr table, Delete del, detail::Completion<Result<void>> done) {
  start_mutation(table, "delete", del, std::move(done));
}
void start_append(TablePtr table, Append append, detail::Completion<Result<Row>> done) {
  start_rules(table, "append", append, std::move(done));
}
void start_increment(TablePtr table, Increment increment, detail::Completion<Result<Row>> done) {
  start_rules(table, "increment", increment, std::move(done));
}

void start_mutate_row(TablePtr table, RowMutations mutations, detail::Completion<Result<Row>> done) {
  if (auto problem = problem_with(*table, mutations)) return end_soon(table->connection(), std::move(done), std::move(*problem));
  auto changes = changes_of(mutations, table->cell_clock());
  if (!changes) return end_soon(table->connection(), std::move(done), changes.error());
  if (!changes->rules.empty()) {
    return send_rules(table, "mutate_row", mutations.row(), std::move(changes->rules), true, std::move(done.cancel),
                      std::move(done.finish));
  }
  send_mutations(table, "mutate_row", mutations.row(), std::move(changes->mutations), std::move(done.cancel),
                 [finish = std::move(done.finish)](Result<void> answer) mutable {
                   finish(answer ? Result<Row>(Row()) : answer.error());
                 });
}

void start_check_and_mutate(TablePtr table, CheckAndMutate check, detail::Completion<Result<CheckAndMutateResult>> done) {
  if (auto problem = problem_with(*table, check)) return end_soon(table->connection(), std::move(done), std::move(*problem));
  auto predicate = predicate_of(check.condition());
  if (!predicate) return end_soon(table->connection(), std::move(done), predicate.error());
  auto mutations = consequence_of(check, table->cell_clock());
  if (!mutations) return end_soon(table->connection(), std::move(done), mutations.error());
  auto request = request_for<bt::CheckAndMutateRowRequest>(*table, check.row());
  *request.mutable_predicate_filter() = std::move(predicate->filter);
  (predicate->wanted ? request.mutable_true_mutations() : request.mutable_false_mutations())->Swap(&*mutations);
  CallPlan plan = table->plan(path::kCheckAndMutateRow, table->write_timeout());
  plan.repeats = false;
  start_unary<bt::CheckAndMutateRowResponse>(
      table->shared_connection(), std::move(plan), request, table->describe("check_and_mutate", check.row()), std::move(done.cancel),
      [finish = std::move(done.finish), wanted = predicate->wanted](Result<bt::CheckAndMutateRowResponse> answer) mutable {
        if (!answer) return finish(answer.error());
        finish(CheckAndMutateResult(Row(), answer->predicate_matched() == wanted));
      });
}

}  // namespace hbmux::bigtable
