#include "bigtable/batch.h"

#include "bigtable/changes.h"
#include "bigtable/mutate_rows.h"
#include "bigtable/read_request.h"
#include "bigtable/read_rows.h"
#include "bigtable/row_calls.h"
#include "bigtable/rows.h"
#include "client/action_traits.h"
#include "client/user_callback.h"

#include "proto/hbmux/bt/paths.h"

#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace hbmux::bigtable {
namespace {

using Places = std::vector<std::size_t>;

/// Rows of one request, each for one or more actions.
class GetMany final : public ReadRows {
 public:
  using Settled = core::UniqueFunction<void(std::size_t place, Result<ActionResult> result)>;

  GetMany(TablePtr table, bt::ReadRowsRequest request, std::unordered_map<std::string, Places> wanted, bool existence,
          std::shared_ptr<detail::CancelPoint> cancel, Settled settled)
      : ReadRows(table, std::move(request), plan_for(*table), std::move(cancel)),
        wanted_(std::move(wanted)),
        existence_(existence),
        settled_(std::move(settled)) {}

 private:
  static CallPlan plan_for(const BigtableTable& table) {
    CallPlan plan = table.plan(bt::path::kReadRows, table.read_timeout());
    plan.streams = true;
    return plan;
  }
  Result<void> rows_came(std::vector<MergedRow> rows) override {
    for (MergedRow& merged : rows) {
      const auto found = wanted_.find(merged.key);
      if (found == wanted_.end()) return Error(Errc::protocol_error, "ReadRows: a row that was not asked for");
      const Places places = std::move(found->second);
      wanted_.erase(found);
      auto row = row_of(std::move(merged));
      for (const std::size_t place : places) {
        if (!row) {
          settled_(place, row.error());
        } else if (existence_) {
          settled_(place, ActionResult(Row(nullptr, std::vector<Cell>(), row->exists())));
        } else {
          settled_(place, ActionResult(*row));
        }
      }
    }
    return {};
  }
  void succeeded() override { end(ActionResult()); }
  void failed(Error error) override { end(std::move(error)); }
  void end(const Result<ActionResult>& result) {
    for (const auto& [row, places] : wanted_) {
      for (const std::size_t place : places) settled_(place, result);
    }
    settled_ = nullptr;
  }
  std::string describe() const override { return table()->describe("get", {}); }

  std::unordered_map<std::string, Places> wanted_;
  const bool existence_;
  Settled settled_;
};

/// Held by its parts. Results are taken in on one lane, so that the user's callback runs once at a time.
class Batch final : public std::enable_shared_from_this<Batch> {
 public:
  Batch(TablePtr table, std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done)
      : table_(std::move(table)),
        lane_(table_->connection().lane()),
        actions_(std::move(actions)),
        on_result_(std::move(on_result)),
        cancel_(std::move(done.cancel)),
        finish_(std::move(done.finish)),
        results_(actions_.size()),
        missing_(actions_.size()) {}

  void start() {
    if (cancel_ && !cancel_->arm([weak = weak_from_this()] {
          if (auto self = weak.lock()) self->cancel();
        })) {
      cancel();
    }
    table_->connection().post_to(lane_, [self = shared_from_this()] { self->begin(); });
  }

 private:
  struct Group {
    bt::ReadRowsRequest request;
    std::unordered_map<std::string, Places> wanted;
    bool existence = false;
  };

  /// On the lane, as everything below.
  void begin() {
    if (actions_.empty()) return end();
    for (std::size_t i = 0; i < actions_.size(); ++i) sort(i);
    send_changes(true);
    for (auto& [filter, group] : gets_) send_gets(std::move(group));
    gets_.clear();
    for (int i = 0; i < kSinglesAtOnce; ++i) send_single();
  }

  void sort(std::size_t place) {
    const Action& action = actions_[place];
    if (table_->problem()) return settled(place, *table_->problem());
    if (auto problem = client::problem_of(action, table_->connection().settings().client); !problem.empty()) {
      return settled(place, Error(Errc::invalid_argument, std::move(problem)));
    }
    if (const auto* get = std::get_if<Get>(&action)) return add_get(place, *get);
    bt::MutateRowsRequest::Entry entry;
    auto taken = mutations_of(action, entry);
    if (!taken) return settled(place, taken.error());
    if (!*taken) return singles_.push_back(place);
    entry.set_row_key(client::row_of(action));
    change_bytes_ += entry.ByteSizeLong();
    changes_.push_back(std::move(entry));
    change_places_.push_back(place);
    send_changes(false);
  }

  /// False when it is nothing for MutateRows.
  Result<bool> mutations_of(const Action& action, bt::MutateRowsRequest::Entry& entry) {
    const auto clock = table_->cell_clock();
    Result<void> appended;
    if (const auto* put = std::get_if<Put>(&action)) {
      appended = append(*put, clock, *entry.mutable_mutations());
    } else if (const auto* del = std::get_if<Delete>(&action)) {
      appended = append(*del, *entry.mutable_mutations());
    } else if (const auto* mutations = std::get_if<RowMutations>(&action)) {
      auto changes = changes_of(*mutations, clock);
      if (!changes) return changes.error();
      if (!changes->rules.empty()) return false;
      entry.mutable_mutations()->Swap(&changes->mutations);
    } else {
      return false;
    }
    if (!appended) return appended.error();
    return true;
  }

  void send_changes(bool all) {
    const Settings& settings = table_->connection().settings();
    if (changes_.empty() || (!all && changes_.size() < settings.bulk_rows_max && change_bytes_ < settings.bulk_bytes_max)) return;
    change_bytes_ = 0;
    auto places = std::exchange(change_places_, {});
    auto operation = std::make_shared<MutateRows>(
        table_, std::exchange(changes_, {}), part(),
        [self = shared_from_this(), places = std::move(places)](std::size_t entry, Result<void> result) {
          self->settled(places[entry], result ? Result<ActionResult>(ActionResult()) : result.error());
        },
        [] {});
    operation->start();
  }

  void add_get(std::size_t place, const Get& get) {
    const bool existence = get.checks_existence_only();
    auto request = read_request_of(get, existence);
    if (!request) return settled(place, request.error());
    Group& group = gets_[request->filter().SerializeAsString() + (existence ? "e" : "v")];
    group.existence = existence;
    if (group.wanted.empty()) *group.request.mutable_filter() = std::move(*request->mutable_filter());
    auto& places = group.wanted[get.row()];
    if (places.empty()) group.request.mutable_rows()->add_row_keys(get.row());
    places.push_back(place);
    if (group.wanted.size() >= table_->connection().settings().bulk_rows_max) send_gets(std::exchange(group, Group()));
  }

  void send_gets(Group group) {
    if (group.wanted.empty()) return;
    if (group.request.filter().filter_case() == bt::RowFilter::FILTER_NOT_SET) group.request.clear_filter();
    std::make_shared<GetMany>(table_, std::move(group.request), std::move(group.wanted), group.existence, part(),
                              [self = shared_from_this()](std::size_t place, Result<ActionResult> result) {
                                self->settled(place, std::move(result));
                              })
        ->start();
  }

  void send_single() {
    if (singles_.empty()) return;
    const std::size_t place = singles_.front();
    singles_.pop_front();
    auto told = [self = shared_from_this(), place](auto result) {
      self->table_->connection().post_to(self->lane_, [self, place, result = std::move(result)]() mutable {
        self->settled(place, result ? Result<ActionResult>(ActionResult(std::move(*result))) : result.error());
        self->send_single();
      });
    };
    Action& action = actions_[place];
    detail::Completion<Result<Row>> done;
    done.cancel = part();
    if (auto* check = std::get_if<CheckAndMutate>(&action)) {
      detail::Completion<Result<CheckAndMutateResult>> checked;
      checked.cancel = std::move(done.cancel);
      checked.finish = std::move(told);
      return start_check_and_mutate(table_, std::move(*check), std::move(checked));
    }
    done.finish = std::move(told);
    if (auto* one = std::get_if<Append>(&action)) return start_append(table_, std::move(*one), std::move(done));
    if (auto* one = std::get_if<Increment>(&action)) return start_increment(table_, std::move(*one), std::move(done));
    if (auto* one = std::get_if<RowMutations>(&action)) return start_mutate_row(table_, std::move(*one), std::move(done));
  }

  void settled(std::size_t place, Result<ActionResult> result) {
    if (!lane_->runs_here()) {
      table_->connection().post_to(lane_, [self = shared_from_this(), place, result = std::move(result)]() mutable {
        self->settled(place, std::move(result));
      });
      return;
    }
    if (results_[place]) return;
    results_[place].emplace(std::move(result));
    if (on_result_) {
      client::call_user("the callback of a batch", [&] { on_result_(place, *results_[place]); });
    }
    if (--missing_ == 0) end();
  }

  void end() {
    if (!finish_) return;
    if (cancel_) cancel_->arm(nullptr);
    BatchResult out;
    out.reserve(results_.size());
    for (auto& result : results_) out.push_back(std::move(*result));
    std::exchange(finish_, nullptr)(std::move(out));
  }

  std::shared_ptr<detail::CancelPoint> part() {
    auto point = std::make_shared<detail::CancelPoint>();
    std::lock_guard lock(mutex_);
    parts_.push_back(point);
    if (cancelled_) point->cancel();
    return point;
  }
  void cancel() {
    std::vector<std::shared_ptr<detail::CancelPoint>> parts;
    {
      std::lock_guard lock(mutex_);
      cancelled_ = true;
      parts.swap(parts_);
    }
    for (const auto& part : parts) part->cancel();
  }

  static constexpr int kSinglesAtOnce = 64;

  const TablePtr table_;
  const std::shared_ptr<rpc::Lane> lane_;
  std::vector<Action> actions_;
  const BatchCallback on_result_;
  const std::shared_ptr<detail::CancelPoint> cancel_;
  core::UniqueFunction<void(BatchResult)> finish_;
  std::vector<std::optional<Result<ActionResult>>> results_;
  std::size_t missing_;
  std::vector<bt::MutateRowsRequest::Entry> changes_;
  Places change_places_;
  std::size_t change_bytes_ = 0;
  std::map<std::string, Group> gets_;  // by what they ask for
  std::deque<std::size_t> singles_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<detail::CancelPoint>> parts_;
  bool cancelled_ = false;
};

}  // namespace

void start_batch(TablePtr table, std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done) {
  std::make_shared<Batch>(std::move(table), std::move(actions), std::move(on_result), std::move(done))->start();
}

}  // namespace hbmux::bigtable
