// Several actors write and read rows: their own, in which every value names its row, and counters and journals that
// they share.
#include "tests/sim/row_models.h"
#include "tests/sim/workload.h"

#include <hbmux/buffered_mutator.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hbmux::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::string_view kTable = "simulated";
constexpr std::string_view kColumns[] = {"a", "b", "c"};
constexpr std::int64_t kNeverTime = 1'000'000'000;  // of what is never applied; none of the others is as late

std::string key_of(int number, const char* kind) { return std::to_string(1000 + number * 1237 % 9000) + "-" + kind; }

class Mutations {
 public:
  explicit Mutations(std::uint64_t seed) : random_(seed) {
    WorldOptions options;
    options.seed = random_.bits();
    options.plan = FaultPlan::draw(random_);
    options.region_servers = static_cast<int>(random_.between(1, 4));
    options.lanes = static_cast<int>(random_.between(1, 2));
    options.client = draw_configuration(random_);
    exact_ = !options.plan.forgets_nonces();
    limit_ = milliseconds_of(options.client, "hbase.client.operation.timeout");
    world_ = std::make_unique<SimulatedWorld>(std::move(options));
    watch_ = std::make_unique<CallWatch>(*world_);
  }

  ~Mutations() {
    watch_->stop();
    for (Actor& actor : actors_) actor.mutator.reset();
    table_.reset();
    world_.reset();
  }

  RunReport run() {
    std::vector<std::string> splits;
    for (auto left = random_.below(5); left > 0; --left) splits.push_back(std::to_string(random_.between(10, 99)));
    world_->create_table(kTable, {"f"}, splits);
    table_ = std::make_unique<Table>(world_->table(kTable));
    const int actors = static_cast<int>(random_.between(1, 10));
    for (int i = 0; i < actors; ++i) {
      actors_.push_back({i, random_.fork(), static_cast<int>(random_.between(3, 25)), {}, {}, nullptr});
      for (int k = 0; k < 4; ++k) actors_.back().own.push_back(&add(registers_, key_of(i * 4 + k, "r")));
    }
    for (int i = 0; i < 3; ++i) {
      add(counters_, key_of(100 + i, "c"));
      add(journals_, key_of(200 + i, "j"));
    }
    world_->begin_trouble();
    for (Actor& actor : actors_) go_on_later(actor);
    const bool closes_early = random_.chance(0.1);
    auto done = [this] { return actors_done_ == actors_.size(); };
    if (closes_early) {
      world_->run_for(microseconds(random_.skewed(1000, 5'000'000)));
      closed_ = true;
      world_->close_client();
      world_->run_for(milliseconds(1));
      world_->require(watch_->under_way() == 0, "calls outlive their connection");
      return report_of(*world_, *watch_);
    }
    if (!world_->run_until(done, std::chrono::hours(2))) world_->fail("the actors do not come to an end");
    world_->calm();
    world_->run_for(std::chrono::seconds(40));  // what was under way arrives or is given up
    verify();
    check_that_nothing_is_left(*world_, std::chrono::seconds(0));
    return report_of(*world_, *watch_);
  }

 private:
  struct Actor {
    int number;
    Random random;
    int left;
    std::vector<Register*> own;
    bool busy_register[4] = {};
    std::unique_ptr<BufferedMutator> mutator = nullptr;
  };

  template <class Model>
  Model& add(std::vector<std::unique_ptr<Model>>& models, std::string key) {
    models.push_back(std::make_unique<Model>(std::move(key)));
    return *models.back();
  }

  void check(const std::string& problem) {
    if (!problem.empty()) world_->fail(problem);
  }

  void go_on_later(Actor& actor) {
    const auto pause = actor.random.chance(0.3) ? 0 : actor.random.skewed(0, 300'000);
    world_->scheduler().after(microseconds(pause), [this, &actor] { step(actor); });
  }

  /// After an operation: at once in its handler, on the client's lane, or later from elsewhere.
  void go_on(Actor& actor) {
    if (actor.random.chance(0.5)) return step(actor);
    go_on_later(actor);
  }

  void step(Actor& actor) {
    if (closed_) return;
    if (actor.left-- == 0) return come_to_an_end(actor);
    switch (actor.random.below(12)) {
      case 0:
      case 1:
      case 2: return change(actor);
      case 3: return get(actor);
      case 4: return exists(actor);
      case 5: return increment(actor);
      case 6: return append(actor);
      case 7: return mistake(actor);
      case 8:
      case 9: return buffer(actor);
      default: return batch(actor);
    }
  }

  template <class T, class Handler>
  auto watched(const Actor& actor, std::string name, Handler handler) {
    return watch_->begin(std::to_string(actor.number) + ": " + std::move(name), limit_,
                         [this, handler = std::move(handler)](T result) mutable {
                           if (!result) note(result.error());
                           handler(std::move(result));
                         });
  }

  /// Errors that mean that the client misunderstands its server, whatever befalls it.
  void note(const Error& error) {
    const Errc code = error.code();
    if (code == Errc::protocol_error || code == Errc::invalid_argument || error.message().empty()) {
      world_->fail("unexpected: " + error.to_string());
    }
    if (world_calm_ && code != Errc::overloaded) world_->fail("failed although nothing is wrong: " + error.to_string());
  }

  // ---- Requests, and what their results mean. Each returns the function that takes the result.

  using Take = std::function<void(const Result<ActionResult>&)>;

  static Result<ActionResult> as_action(Result<void> result) { return result ? Result<ActionResult>(ActionResult()) : result.error(); }
  static Result<ActionResult> as_action(Result<Row> result) { return result ? Result<ActionResult>(ActionResult(std::move(*result))) : result.error(); }
  static Result<ActionResult> as_action(Result<ActionResult> result) { return result; }

  /// A Put or a Delete.
  std::pair<RowChange, Take> make_mutation(Actor& actor, Register& row) {
    const bool is_put = actor.random.chance(0.75);
    const std::int64_t timestamp = row.begin(is_put);
    Take take = [this, &row, timestamp](const Result<ActionResult>& result) {
      if (!result) return;
      world_->require(result->success(), "a condition that holds did not");
      row.acknowledged(timestamp);
    };
    if (is_put) {
      Put put(row.key(), timestamp);
      for (const auto column : kColumns) put.add("f", column, row.value(timestamp));
      return {std::move(put), std::move(take)};
    }
    if (actor.random.chance(0.5)) return {Delete(row.key(), timestamp), std::move(take)};
    Delete del(row.key());
    for (const auto column : kColumns) del.add_columns("f", column, timestamp);
    return {std::move(del), std::move(take)};
  }

  /// The same alone, with others of its row, or under a condition; or one whose condition does not hold.
  std::pair<Action, Take> make_change(Actor& actor, Register& row) {
    if (actor.random.chance(0.1)) {
      Put never(row.key(), kNeverTime);
      never.add("f", "a", "never");
      return {CheckAndMutate(row.key()).if_equals("f", "never", "x").then(std::move(never)), [this](const Result<ActionResult>& result) {
                if (result) world_->require(!result->success(), "a condition that does not hold did");
              }};
    }
    auto [mutation, take] = make_mutation(actor, row);
    const auto many = [&] {
      RowMutations mutations(row.key());
      if (actor.random.chance(0.5)) mutations.add(Delete(row.key()).add_columns("f", "other"));
      std::visit([&](auto& one) { mutations.add(std::move(one)); }, mutation);
      return mutations;
    };
    switch (actor.random.below(6)) {
      case 0: return {many(), std::move(take)};
      case 1: return {CheckAndMutate(row.key()).if_not_exists("f", "never").then(many()), std::move(take)};
      case 2: {
        CheckAndMutate check(row.key());
        check.if_not_exists("f", "never");
        std::visit([&](auto& one) { check.then(std::move(one)); }, mutation);
        return {std::move(check), std::move(take)};
      }
      default: return {std::visit([](auto& one) { return Action(std::move(one)); }, mutation), std::move(take)};
    }
  }

  std::pair<Action, Take> make_get(Actor& actor) {
    Get get("x");
    switch (actor.random.below(4)) {
      case 0: {
        Counter& counter = *counters_[actor.random.below(counters_.size())];
        return {Get(counter.key()), [this, &counter, floor = counter.floor()](const Result<ActionResult>& result) {
                  if (result) check(counter.check(*result, floor, exact_));
                }};
      }
      case 1: {
        Journal& journal = *journals_[actor.random.below(journals_.size())];
        return {Get(journal.key()), [this, &journal, floor = journal.floor()](const Result<ActionResult>& result) {
                  if (result) check(journal.check(*result, floor, exact_));
                }};
      }
      default: break;
    }
    Register& row = *registers_[actor.random.below(registers_.size())];
    const bool one = actor.random.chance(0.3);
    return {one ? Get(row.key()).column("f", "b") : Get(row.key()),
            [this, &row, floor = row.floor(), one](const Result<ActionResult>& result) {
              if (result) check(row.check(*result, floor, one ? 1 : std::size(kColumns)));
            }};
  }

  std::pair<Action, Take> make_increment(Actor& actor) {
    Counter& counter = *counters_[actor.random.below(counters_.size())];
    counter.begin();
    const bool answers = actor.random.chance(0.8);
    return {Increment(counter.key()).add("f", "n", 1).return_results(answers),
            [this, &counter, answers](const Result<ActionResult>& result) {
              if (!result) return;
              if (answers) return check(counter.acknowledged(*result, exact_));
              counter.acknowledged_without_value();
            }};
  }

  std::pair<Action, Take> make_append(Actor& actor) {
    Journal& journal = *journals_[actor.random.below(journals_.size())];
    const std::string token = journal.begin(actor.number);
    return {Append(journal.key()).add("f", "v", token), [this, &journal, token](const Result<ActionResult>& result) {
              if (!result) return;
              journal.acknowledged(token);
              check(journal.check(*result, {token}, exact_));
            }};
  }

  /// A row of the actor's that no mutation of its own is under way to.
  static int free_register(Actor& actor) {
    const auto first = actor.random.below(4);
    for (std::size_t i = 0; i < 4; ++i) {
      if (const auto at = (first + i) % 4; !actor.busy_register[at]) return static_cast<int>(at);
    }
    return -1;
  }

  // ---- Steps.

  void change(Actor& actor) {
    const int at = free_register(actor);
    if (at < 0) return get(actor);
    Register& row = *actor.own[static_cast<std::size_t>(at)];
    auto [action, take] = make_change(actor, row);
    actor.busy_register[at] = true;
    const auto handler = [&]<class T>(std::type_identity<T>) {
      return watched<T>(actor, "change of " + row.key(), [this, &actor, at, take = std::move(take)](T result) {
        take(as_action(std::move(result)));
        actor.busy_register[at] = false;
        go_on(actor);
      });
    };
    if (auto* put = std::get_if<Put>(&action)) {
      table_->async_put(std::move(*put), handler(std::type_identity<Result<void>>()));
    } else if (auto* del = std::get_if<Delete>(&action)) {
      table_->async_remove(std::move(*del), handler(std::type_identity<Result<void>>()));
    } else if (auto* rows = std::get_if<RowMutations>(&action)) {
      table_->async_mutate_row(std::move(*rows), handler(std::type_identity<Result<Row>>()));
    } else {
      table_->async_check_and_mutate(std::move(std::get<CheckAndMutate>(action)), handler(std::type_identity<Result<CheckAndMutateResult>>()));
    }
  }

  // ---- Buffered changes. They have no deadline of their own: what is flushed is on its way, behind others of the same region.

  milliseconds flush_limit() const { return 8 * limit_ + std::chrono::seconds(60); }

  void buffer(Actor& actor) {
    if (!actor.mutator) {
      const auto bytes = static_cast<std::size_t>(actor.random.skewed(100, 100'000));
      actor.mutator = std::make_unique<BufferedMutator>(table_->buffered_mutator(BufferedMutatorParams().write_buffer_size(bytes)));
    }
    const int at = free_register(actor);
    if (at < 0) return flush(actor);
    RowChange change{Put("x")};
    Take take;
    const bool counts = actor.random.chance(0.3);
    if (counts) {
      Counter& counter = *counters_[actor.random.below(counters_.size())];
      counter.begin();
      change = Increment(counter.key()).add("f", "n", 1).return_results(false);
      take = [&counter](const Result<ActionResult>& result) {
        if (result) counter.acknowledged_without_value();
      };
    } else {
      std::tie(change, take) = make_mutation(actor, *actor.own[static_cast<std::size_t>(at)]);
      actor.busy_register[at] = true;
    }
    auto written = [this, &actor, at, counts, take = std::move(take)](const Result<void>& result) {
      if (!result) note(result.error());
      take(as_action(result));
      if (!counts) actor.busy_register[at] = false;
    };
    auto admitted = watch_->begin(std::to_string(actor.number) + ": buffered change", flush_limit(), [this, &actor](Result<void> result) {
      if (!result) note(result.error());
      if (actor.random.chance(0.3)) return flush(actor);
      go_on(actor);
    });
    actor.mutator->async_mutate(std::move(change), std::move(written), std::move(admitted));
  }

  /// Everything that was buffered has its end when a flush has.
  auto flushed(Actor& actor, std::function<void()> then) {
    return watch_->begin(std::to_string(actor.number) + ": flush", flush_limit(), [this, &actor, then = std::move(then)](Result<void> result) {
      if (!result) note(result.error());
      world_->require(free_registers(actor) == 4, "a flush has ended, and a change that it covers has not");
      then();
    });
  }
  void flush(Actor& actor) {
    if (!actor.mutator) return go_on(actor);
    actor.mutator->async_flush(flushed(actor, [this, &actor] { go_on(actor); }));
  }
  void come_to_an_end(Actor& actor) {
    if (!actor.mutator) return static_cast<void>(++actors_done_);
    actor.mutator->async_close(flushed(actor, [this] { ++actors_done_; }));
  }
  static std::ptrdiff_t free_registers(const Actor& actor) { return std::ranges::count(actor.busy_register, false); }

  /// Of any kind; now and then it is cancelled while it is under way, and then may still be applied.
  template <class Start>
  void one_row(Actor& actor, std::string name, Take take, Start start) {
    auto handler =
        watched<Result<Row>>(actor, std::move(name), [this, &actor, take = std::move(take)](Result<Row> result) {
          take(as_action(std::move(result)));
          go_on(actor);
        });
    if (!actor.random.chance(0.1)) return start(std::move(handler));
    auto signal = std::make_shared<boost::asio::cancellation_signal>();
    auto slot = signal->slot();
    start(boost::asio::bind_cancellation_slot(
        slot, [signal, handler = std::move(handler)](Result<Row> result) mutable { handler(std::move(result)); }));
    world_->scheduler().after(microseconds(actor.random.skewed(0, 100'000)), [weak = std::weak_ptr(signal)] {
      if (auto strong = weak.lock()) strong->emit(boost::asio::cancellation_type::terminal);
    });
  }

  void get(Actor& actor) {
    auto [action, take] = make_get(actor);
    Get request = std::get<Get>(std::move(action));
    one_row(actor, "get of " + request.row(), std::move(take),
            [&](auto handler) { table_->async_get(std::move(request), std::move(handler)); });
  }

  void exists(Actor& actor) {
    Register& row = *registers_[actor.random.below(registers_.size())];
    table_->async_exists(Get(row.key()),
                         watched<Result<bool>>(actor, "exists of " + row.key(),
                                               [this, &actor, &row, floor = row.floor()](Result<bool> result) {
                                                 if (result) check(row.check_exists(*result, floor));
                                                 go_on(actor);
                                               }));
  }

  void increment(Actor& actor) {
    auto [action, take] = make_increment(actor);
    one_row(actor, "increment", std::move(take),
            [&, request = std::get<Increment>(std::move(action))](auto handler) mutable {
              table_->async_increment(std::move(request), std::move(handler));
            });
  }

  void append(Actor& actor) {
    auto [action, take] = make_append(actor);
    one_row(actor, "append", std::move(take), [&, request = std::get<Append>(std::move(action))](auto handler) mutable {
      table_->async_append(std::move(request), std::move(handler));
    });
  }

  /// What can never work fails as such, or with what kept it from being found out.
  void mistake(Actor& actor) {
    auto handler = watched<Result<void>>(actor, "mistake", [this, &actor](Result<void> result) {
      world_->require(!result, "a family that is not there was written to");
      go_on(actor);
    });
    table_->async_put(Put(key_of(static_cast<int>(actor.random.below(40)), "r")).add("g", "q", "v"),
                      std::move(handler));
  }

  void batch(Actor& actor) {
    std::vector<Action> actions;
    std::vector<Take> takes;
    std::vector<int> busy;
    for (auto left = actor.random.between(0, 12); left > 0; --left) {
      std::pair<Action, Take> made{Get("x"), {}};
      const auto kind = actor.random.below(5);
      if (const int at = kind < 2 ? free_register(actor) : -1; at >= 0) {
        actor.busy_register[at] = true;
        busy.push_back(at);
        made = make_change(actor, *actor.own[static_cast<std::size_t>(at)]);
      } else {
        made = kind == 2 ? make_increment(actor) : kind == 3 ? make_append(actor) : make_get(actor);
      }
      actions.push_back(std::move(made.first));
      takes.push_back(std::move(made.second));
    }
    auto handler = watch_->begin(std::to_string(actor.number) + ": batch of " + std::to_string(actions.size()), limit_,
                                 [this, &actor, takes = std::move(takes), busy = std::move(busy)](BatchResult results) {
                                   world_->require(results.size() == takes.size(), "a batch has lost results");
                                   for (std::size_t i = 0; i < std::min(results.size(), takes.size()); ++i) {
                                     if (!results[i]) note(results[i].error());
                                     takes[i](results[i]);
                                   }
                                   for (const int at : busy) actor.busy_register[at] = false;
                                   go_on(actor);
                                 });
    table_->async_batch(std::move(actions), std::move(handler));
  }

  // ---- The end.

  /// Nothing is wrong any more and nothing under way: every row is read, and everything works.
  void verify() {
    world_calm_ = true;
    limit_ = std::chrono::minutes(2);
    const Table table = table_->with(TableOptions().operation_timeout(limit_).rpc_timeout(std::chrono::seconds(60)));
    Actor nobody{-1, random_.fork(), 0, {}, {}, nullptr};
    auto read = [&](const std::string& key, Take take) {
      table.async_get(Get(key), watched<Result<Row>>(nobody, "last get of " + key,
                                                     [take = std::move(take)](Result<Row> result) { take(as_action(std::move(result))); }));
    };
    for (const auto& row : registers_) {
      read(row->key(), [this, &row = *row, floor = row->floor()](const Result<ActionResult>& result) {
        if (result) check(row.check(*result, floor, std::size(kColumns)));
      });
    }
    for (const auto& counter : counters_) {
      read(counter->key(), [this, &counter = *counter, floor = counter->floor()](const Result<ActionResult>& result) {
        if (result) check(counter.check(*result, floor, exact_));
      });
    }
    for (const auto& journal : journals_) {
      read(journal->key(), [this, &journal = *journal, floor = journal->floor()](const Result<ActionResult>& result) {
        if (result) check(journal.check(*result, floor, exact_));
      });
    }
    if (!world_->run_until([this] { return watch_->under_way() == 0; }, std::chrono::hours(1))) {
      world_->fail("calls do not end although nothing is wrong");
    }
  }

  Random random_;
  bool exact_ = false;
  bool closed_ = false;
  bool world_calm_ = false;
  milliseconds limit_{0};
  std::vector<std::unique_ptr<Register>> registers_;
  std::vector<std::unique_ptr<Counter>> counters_;
  std::vector<std::unique_ptr<Journal>> journals_;
  std::vector<Actor> actors_;
  std::size_t actors_done_ = 0;
  std::unique_ptr<SimulatedWorld> world_;
  std::unique_ptr<CallWatch> watch_;
  std::unique_ptr<Table> table_;
};

}  // namespace

RunReport run_mutations(std::uint64_t seed) { return Mutations(seed).run(); }

}  // namespace hbmux::sim
