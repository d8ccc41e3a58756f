// Several actors write and read rows: their own, in which every value names its row, and counters and journals that
// they share.
#include "tests/sim/row_models.h"
#include "tests/sim/workload.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::string_view kTable = "simulated";
constexpr std::string_view kColumns[] = {"a", "b", "c"};

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
      actors_.push_back({i, random_.fork(), static_cast<int>(random_.between(3, 25)), {}});
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
    if (actor.left-- == 0) {
      ++actors_done_;
      return;
    }
    switch (actor.random.below(8)) {
      case 0:
      case 1: return put_or_delete(actor);
      case 2: return get(actor);
      case 3: return exists(actor);
      case 4: return increment(actor);
      case 5: return append(actor);
      case 6: return mistake(actor);
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

  using TakeRow = std::function<void(const Result<Row>&)>;

  std::pair<Action, TakeRow> make_mutation(Actor& actor, Register& row) {
    const bool is_put = actor.random.chance(0.75);
    const std::int64_t timestamp = row.begin(is_put);
    TakeRow take = [&row, timestamp](const Result<Row>& result) {
      if (result) row.acknowledged(timestamp);
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

  std::pair<Action, TakeRow> make_get(Actor& actor) {
    Get get("x");
    switch (actor.random.below(4)) {
      case 0: {
        Counter& counter = *counters_[actor.random.below(counters_.size())];
        return {Get(counter.key()), [this, &counter, floor = counter.floor()](const Result<Row>& result) {
                  if (result) check(counter.check(*result, floor, exact_));
                }};
      }
      case 1: {
        Journal& journal = *journals_[actor.random.below(journals_.size())];
        return {Get(journal.key()), [this, &journal, floor = journal.floor()](const Result<Row>& result) {
                  if (result) check(journal.check(*result, floor, exact_));
                }};
      }
      default: break;
    }
    Register& row = *registers_[actor.random.below(registers_.size())];
    const bool one = actor.random.chance(0.3);
    return {one ? Get(row.key()).column("f", "b") : Get(row.key()),
            [this, &row, floor = row.floor(), one](const Result<Row>& result) {
              if (result) check(row.check(*result, floor, one ? 1 : std::size(kColumns)));
            }};
  }

  std::pair<Action, TakeRow> make_increment(Actor& actor) {
    Counter& counter = *counters_[actor.random.below(counters_.size())];
    counter.begin();
    const bool answers = actor.random.chance(0.8);
    return {Increment(counter.key()).add("f", "n", 1).return_results(answers),
            [this, &counter, answers](const Result<Row>& result) {
              if (!result) return;
              if (answers) return check(counter.acknowledged(*result, exact_));
              counter.acknowledged_without_value();
            }};
  }

  std::pair<Action, TakeRow> make_append(Actor& actor) {
    Journal& journal = *journals_[actor.random.below(journals_.size())];
    const std::string token = journal.begin(actor.number);
    return {Append(journal.key()).add("f", "v", token), [this, &journal, token](const Result<Row>& result) {
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

  void put_or_delete(Actor& actor) {
    const int at = free_register(actor);
    if (at < 0) return get(actor);
    Register& row = *actor.own[static_cast<std::size_t>(at)];
    auto [action, take] = make_mutation(actor, row);
    actor.busy_register[at] = true;
    auto handler = watched<Result<void>>(actor, "mutation of " + row.key(),
                                         [this, &actor, at, take = std::move(take)](Result<void> result) {
                                           take(result ? Result<Row>(Row()) : Result<Row>(result.error()));
                                           actor.busy_register[at] = false;
                                           go_on(actor);
                                         });
    if (auto* put = std::get_if<Put>(&action)) {
      table_->async_put(std::move(*put), std::move(handler));
    } else {
      table_->async_remove(std::move(std::get<Delete>(action)), std::move(handler));
    }
  }

  /// Of any kind; now and then it is cancelled while it is under way, and then may still be applied.
  template <class Start>
  void one_row(Actor& actor, std::string name, TakeRow take, Start start) {
    auto handler =
        watched<Result<Row>>(actor, std::move(name), [this, &actor, take = std::move(take)](Result<Row> result) {
          take(result);
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
    std::vector<TakeRow> takes;
    std::vector<int> busy;
    for (auto left = actor.random.between(0, 12); left > 0; --left) {
      std::pair<Action, TakeRow> made{Get("x"), {}};
      const auto kind = actor.random.below(5);
      if (const int at = kind < 2 ? free_register(actor) : -1; at >= 0) {
        actor.busy_register[at] = true;
        busy.push_back(at);
        made = make_mutation(actor, *actor.own[static_cast<std::size_t>(at)]);
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
    Actor nobody{-1, random_.fork(), 0, {}, {}};
    auto read = [&](const std::string& key, TakeRow take) {
      table.async_get(Get(key), watched<Result<Row>>(nobody, "last get of " + key,
                                                     [take = std::move(take)](Result<Row> result) { take(result); }));
    };
    for (const auto& row : registers_) {
      read(row->key(), [this, &row = *row, floor = row->floor()](const Result<Row>& result) {
        if (result) check(row.check(*result, floor, std::size(kColumns)));
      });
    }
    for (const auto& counter : counters_) {
      read(counter->key(), [this, &counter = *counter, floor = counter->floor()](const Result<Row>& result) {
        if (result) check(counter.check(*result, floor, exact_));
      });
    }
    for (const auto& journal : journals_) {
      read(journal->key(), [this, &journal = *journal, floor = journal->floor()](const Result<Row>& result) {
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
