#include "client/batch_operation.h"

#include "client/action_traits.h"
#include "client/region_locator.h"
#include "client/row_operations.h"
#include "client/user_callback.h"
#include "core/bytes.h"
#include "core/exception_class.h"
#include "core/log.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace hbmux::client {
namespace {

// Of one request. HBase's servers warn about requests of more than 5000 actions (hbase.rpc.rows.warning.threshold).
constexpr std::size_t kActionsMax = 5000;
constexpr std::size_t kBytesMax = 4 << 20;

// 0 is no limit.
std::chrono::milliseconds longer(std::chrono::milliseconds a, std::chrono::milliseconds b) {
  return a.count() == 0 || b.count() == 0 ? std::chrono::milliseconds(0) : std::max(a, b);
}

}  // namespace

struct BatchOperation::Locating {
  Locating(Indexes i, core::RetryState r)
      : indexes(std::move(i)), retry(std::move(r)), found(indexes.size(), core::LocationsPtr()), pending(indexes.size() + 1) {}
  const Indexes indexes;
  const core::RetryState retry;
  std::vector<Result<core::LocationsPtr>> found;
  std::atomic<std::size_t> pending;
};

BatchOperation::BatchOperation(std::shared_ptr<const TableContext> table, std::vector<Action> actions,
                               BatchCallback on_result, detail::Completion<BatchResult> done)
    : Operation(std::move(table), std::move(done.cancel)),
      actions_(std::move(actions)),
      on_result_(std::move(on_result)),
      finish_(std::move(done.finish)),
      thread_(connection().thread_token()),
      results_(actions_.size(), ActionResult()),
      has_result_(actions_.size(), false),
      missing_(actions_.size()) {}

void BatchOperation::start() {
  if (connection().settings().nonces && std::ranges::any_of(actions_, [](const Action& action) { return needs_nonce(action); })) {
    nonces_.resize(actions_.size());
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      if (needs_nonce(actions_[i])) nonces_[i] = connection().next_nonce();
    }
  }
  if (!begin()) return;
  if (auto closed = connection().closed_error()) return fail_later(std::move(*closed));
  Results refused;
  Indexes together, alone;
  together.reserve(actions_.size());
  for (std::uint32_t i = 0; i < actions_.size(); ++i) {
    const auto* get = std::get_if<Get>(&actions_[i]);
    if (auto problem = problem_of(actions_[i], connection().settings()); !problem.empty()) {
      refused.emplace_back(i, decorate(i, Error(Errc::invalid_argument, std::move(problem))));
    } else if (get != nullptr && may_read_others(*get)) {
      alone.push_back(i);
    } else {
      together.push_back(i);
    }
  }
  if (!refused.empty() || actions_.empty()) {
    connection().post([self = Self(this), refused = std::move(refused)]() mutable { self->give_all(std::move(refused)); });
  }
  start_alone(alone);
  if (together.empty()) return;
  const auto policy = retry_policy(table(), longer(table().read_timeout, table().write_timeout));
  locate(std::move(together), core::RetryState(policy, connection().now()));
}

void BatchOperation::start_alone(const Indexes& gets) {
  std::vector<std::shared_ptr<detail::CancelPoint>> cancels(gets.size());
  for (auto& cancel : cancels) cancel = std::make_shared<detail::CancelPoint>();
  {
    std::lock_guard lock(mutex_);
    alone_ = cancels;
  }
  if (is_over()) return;
  for (std::size_t i = 0; i < gets.size(); ++i) {
    detail::Completion<Result<Row>> done;
    done.cancel = std::move(cancels[i]);
    done.finish = [self = Self(this), index = gets[i]](Result<Row> row) {
      Results result;
      result.emplace_back(index, row ? Result<ActionResult>(ActionResult(std::move(*row))) : row.error());
      self->give_all(std::move(result));
    };
    start_get_of_batch(shared_table(), std::get<Get>(actions_[gets[i]]), std::move(done));
  }
}

void BatchOperation::resume(std::vector<Failure> failures, std::vector<std::uint64_t> nonces, core::RetryState retry) {
  if (!begin()) return;
  nonces_ = std::move(nonces);
  failed(std::move(failures), std::move(retry), false);
}

// ---------------------------------------------------------------- locating and sending

void BatchOperation::locate(Indexes indexes, core::RetryState retry) {
  if (is_over()) return;
  const auto deadline = retry.deadline();
  auto locating = std::make_shared<Locating>(std::move(indexes), std::move(retry));
  const auto& locations = table().locations;
  auto& locator = connection().locator();
  for (std::size_t i = 0; i < locating->indexes.size(); ++i) {
    const std::string& row = row_of(actions_[locating->indexes[i]]);
    core::LocationsPtr known = RegionLocator::find(*locations, row);
    if (!known) {
      known = locator.locate(locations, row, core::LocateType::current, deadline,
                             [self = Self(this), locating, i](Result<core::LocationsPtr> found) {
                               locating->found[i] = std::move(found);
                               if (locating->pending.fetch_sub(1) == 1) self->located(locating);
                             });
    }
    if (!known) continue;
    locating->found[i] = std::move(known);
    locating->pending.fetch_sub(1);
  }
  if (locating->pending.fetch_sub(1) == 1) located(locating);
}

void BatchOperation::located(const std::shared_ptr<Locating>& locating) {
  if (is_over()) return;
  std::vector<Failure> failures;
  std::map<ServerAddress, std::vector<RegionPart>> servers;
  std::unordered_map<const core::RegionLocations*, std::pair<std::vector<RegionPart>*, std::size_t>> parts;
  for (std::size_t i = 0; i < locating->indexes.size(); ++i) {
    const std::uint32_t index = locating->indexes[i];
    auto& found = locating->found[i];
    if (!found) {
      failures.push_back({index, found.error()});
      continue;
    }
    if (is_atomic(actions_[index])) {
      servers[(*found)->primary.server.address].push_back({*found, {index}, true});
      continue;
    }
    auto [at, is_new] = parts.try_emplace(found->get());
    if (is_new) {
      auto& regions = servers[(*found)->primary.server.address];
      at->second = {&regions, regions.size()};
      regions.push_back({*found, {}, false});
    }
    (*at->second.first)[at->second.second].indexes.push_back(index);
  }
  for (auto& [address, regions] : servers) send_or_hold(std::move(regions), locating->retry);
  if (!failures.empty()) failed(std::move(failures), locating->retry, false);
}

void BatchOperation::send_or_hold(std::vector<RegionPart> regions, const core::RetryState& retry) {
  std::map<std::chrono::milliseconds, std::vector<RegionPart>> by_pause;
  std::erase_if(regions, [&](RegionPart& region) {
    const auto held = connection().load_pause(region.location->primary);
    if (held.count() == 0) return false;
    by_pause[held].push_back(std::move(region));
    return true;
  });
  for (auto& [held, parts] : by_pause) {
    const auto rest = std::max(retry.deadline() - connection().now(), rpc::TimePoint::duration(0));
    pause(std::min<rpc::TimePoint::duration>(held, rest), [self = Self(this), parts = std::move(parts), retry]() mutable {
      if (self->is_over()) return;
      if (auto closed = self->connection().closed_error()) return self->fail(std::move(*closed));
      if (self->connection().now() < retry.deadline()) return self->send(std::move(parts), retry);
      Results late;
      for (const RegionPart& part : parts) {
        for (const std::uint32_t index : part.indexes) {
          late.emplace_back(index, self->decorate(index, Error(Errc::timed_out, "it was held back from a loaded region until its time was up")));
        }
      }
      self->give_all(std::move(late));
    });
  }
  if (!regions.empty()) send(std::move(regions), retry);
}

// Cuts what goes to a server into requests that it likes to take.
void BatchOperation::send(std::vector<RegionPart> regions, const core::RetryState& retry) {
  Request request{{}, retry};
  std::size_t actions = 0, bytes = 0;
  for (RegionPart& region : regions) {
    request.regions.push_back({region.location, {}, region.atomic});
    for (const std::uint32_t index : region.indexes) {
      const std::size_t size = size_of(actions_[index]);
      if (actions > 0 && (actions + 1 > kActionsMax || bytes + size > kBytesMax)) {
        if (request.regions.back().indexes.empty()) request.regions.pop_back();
        send(std::exchange(request, Request{{{region.location, {}, region.atomic}}, retry}));
        actions = bytes = 0;
      }
      request.regions.back().indexes.push_back(index);
      ++actions;
      bytes += size;
    }
  }
  send(std::move(request));
}

void BatchOperation::send(Request request) {
  MultiRequestBuilder builder(cell_place(connection().settings()));
  int priority = kPriorityUnset;
  for (const RegionPart& region : request.regions) {
    const std::string& name = region.location->primary.region->name();
    for (const std::uint32_t index : region.indexes) priority = std::max(priority, priority_of(actions_[index]));
    auto nonce_of = [&](std::uint32_t index) { return nonces_.empty() ? 0 : nonces_[index]; };
    if (region.atomic) {
      const std::uint32_t index = region.indexes.front();
      if (const auto* check = std::get_if<CheckAndMutate>(&actions_[index])) {
        builder.add_atomic(name, *check, nonce_of(index));
      } else {
        builder.add_atomic(name, std::get<RowMutations>(actions_[index]), nonce_of(index));
      }
      continue;
    }
    builder.begin_region(name);
    for (const std::uint32_t index : region.indexes) builder.add(index, actions_[index], nonce_of(index));
    builder.end_region();
  }
  rpc::CallRequest call;
  std::move(builder).finish(connection().nonce_group(), call);
  call.priority = priority == kPriorityUnset ? table().priority : static_cast<std::uint32_t>(priority);
  call.deadline = request.retry.attempt_deadline(connection().now());
  call.thread = thread_;
  call.scope = &table().scope;
  call.header_attributes = table().header_attributes;
  const rpc::ConnectionKey& key = table().key_of(*request.regions.front().location);
  connection().rpc().call(key, std::move(call),
                          [self = Self(this), request = std::move(request)](Result<rpc::CallReply> reply) mutable {
                            self->replied(std::move(request), std::move(reply));
                          });
}

// ---------------------------------------------------------------- answers

void BatchOperation::replied(Request request, Result<rpc::CallReply> reply) {
  if (is_over()) return;
  if (!reply) return request_failed(std::move(request), reply.error());
  read(std::move(request), *reply);
}

void BatchOperation::request_failed(Request request, const Error& error) {
  std::vector<Failure> failures;
  for (const RegionPart& region : request.regions) {
    connection().locator().on_error(*table().locations, region.location->primary, error);
    const std::string name = core::to_string_binary(region.location->primary.region->name());
    for (const std::uint32_t index : region.indexes) failures.push_back({index, Error(error).with_region(name)});
  }
  failed(std::move(failures), std::move(request.retry), false);
}

void BatchOperation::read(Request request, const rpc::CallReply& reply) {
  auto answer = read_multi_reply(reply, request.regions.size());
  if (!answer) {
    const auto& server = request.regions.front().location->primary.server;
    return request_failed(std::move(request), Error(answer.error()).with_server(server.address.to_string()));
  }
  connection().loads_told(request.regions.front().location->primary.server, answer->loads);
  Results results;
  std::vector<Failure> failures;
  for (std::size_t i = 0; i < request.regions.size(); ++i) {
    read_part(request.regions[i], std::move(answer->regions[i]), results, failures);
  }
  const bool progress = !results.empty();
  give_all(std::move(results));
  if (!failures.empty()) failed(std::move(failures), std::move(request.retry), progress);
}

void BatchOperation::read_part(const RegionPart& part, RegionAnswer answer, Results& results, std::vector<Failure>& failures) {
  const RegionLocation& place = part.location->primary;
  auto give = [&](std::uint32_t index, Result<ActionResult> result) {
    if (result) return static_cast<void>(results.emplace_back(index, std::move(result)));
    Error error = Error(result.error())
                      .with_server(place.server.address.to_string())
                      .with_region(core::to_string_binary(place.region->name()));
    connection().locator().on_error(*table().locations, place, error);
    failures.push_back({index, std::move(error)});
  };
  if (part.atomic) return give(part.indexes.front(), read_atomic(std::move(answer)));
  std::vector<bool> answered(part.indexes.size(), false);
  for (auto& item : answer.items) {
    const auto at = std::ranges::lower_bound(part.indexes, item.index);
    if (at == part.indexes.end() || *at != item.index) continue;  // not what was asked
    const auto position = static_cast<std::size_t>(at - part.indexes.begin());
    if (answered[position]) continue;
    answered[position] = true;
    if (item.result) {
      give(item.index, ActionResult(std::move(*item.result)));
    } else {
      give(item.index, item.result.error());
    }
  }
  for (std::size_t position = 0; position < answered.size(); ++position) {
    if (answered[position]) continue;
    give(part.indexes[position],
         answer.error ? *answer.error
                      : Error(Errc::protocol_error, "the server sent neither a result nor an exception for the action"));
  }
}

// ---------------------------------------------------------------- failures

void BatchOperation::failed(std::vector<Failure> failures, core::RetryState retry, bool progress) {
  if (is_over()) return;
  if (auto closed = connection().closed_error()) return fail(std::move(*closed));
  if (progress) retry.progressed();
  Results ended;
  std::vector<Failure> at_once, later;
  core::Reaction now_reaction, later_reaction;
  for (Failure& failure : failures) {
    const core::Reaction reaction = core::react(failure.error);
    if (!reaction.retry || (reaction.may_be_applied && !may_repeat(actions_[failure.index], !nonces_.empty()))) {
      ended.emplace_back(failure.index, decorate(failure.index, std::move(failure.error).with_attempts(retry.failures() + 1)));
      continue;
    }
    auto& group = reaction.immediately ? at_once : later;
    auto& groups_reaction = reaction.immediately ? now_reaction : later_reaction;
    // The group waits as long as the one of it that has to wait longest.
    if (group.empty()) groups_reaction = reaction;
    groups_reaction.overloaded |= reaction.overloaded;
    groups_reaction.check_table_state |= reaction.check_table_state;
    groups_reaction.told_pause = std::max(groups_reaction.told_pause, reaction.told_pause);
    group.push_back(std::move(failure));
  }
  give_all(std::move(ended));
  if (!at_once.empty()) retry_some(std::move(at_once), retry, now_reaction);
  if (!later.empty()) retry_some(std::move(later), std::move(retry), later_reaction);
}

void BatchOperation::retry_some(std::vector<Failure> failures, core::RetryState retry, const core::Reaction& reaction) {
  const Error& first = failures.front().error;
  auto decision = retry.failed(first, reaction, connection().now(), connection().random());
  if (!decision.retry) {
    const bool timed_out = decision.error.code() == Errc::timed_out;
    Results ended;
    for (Failure& failure : failures) {
      Error error = timed_out ? decision.error : std::move(failure.error).with_attempts(retry.failures());
      ended.emplace_back(failure.index, decorate(failure.index, std::move(error)));
    }
    return give_all(std::move(ended));
  }
  core::log(LogLevel::debug, [&] {
    return "batch of table '" + table().name().to_string() + "': " + std::to_string(failures.size()) +
           " actions failed in attempt " + std::to_string(retry.failures()) + ": " + first.to_string();
  });
  if (decision.reaction.check_table_state && !table().name().is_system()) {
    return check_table_state(std::move(failures), std::move(retry), std::move(decision));
  }
  retry_after(std::move(failures), std::move(retry), decision);
}

void BatchOperation::check_table_state(std::vector<Failure> failures, core::RetryState retry,
                                       core::RetryState::Decision decision) {
  const auto deadline = retry.attempt_deadline(connection().now());
  connection().locator().table_state(
      table().locations, deadline,
      [self = Self(this), failures = std::move(failures), retry = std::move(retry),
       decision = std::move(decision)](Result<std::optional<core::TableStateCode>> state) mutable {
        if (self->is_over()) return;
        const bool disabled = state && *state == core::TableStateCode::disabled;
        decision = retry.revisit(std::move(decision), self->connection().now());
        if (!disabled && decision.retry) {
          return self->retry_after(std::move(failures), std::move(retry), decision);
        }
        Results ended;
        for (const Failure& failure : failures) {
          if (!disabled) {
            ended.emplace_back(failure.index, self->decorate(failure.index, decision.error));
            continue;
          }
          Error error(Errc::table_not_enabled, "table '" + self->table().name().to_string() + "' is disabled");
          error = std::move(error).with_server(failure.error.server()).with_region(failure.error.region());
          ended.emplace_back(failure.index,
                             self->decorate(failure.index, std::move(error).with_attempts(retry.failures())));
        }
        self->give_all(std::move(ended));
      });
}

void BatchOperation::retry_after(std::vector<Failure> failures, core::RetryState retry,
                                 const core::RetryState::Decision& decision) {
  connection().count_retry();
  Indexes indexes;
  indexes.reserve(failures.size());
  for (const Failure& failure : failures) indexes.push_back(failure.index);
  std::ranges::sort(indexes);
  if (decision.pause.count() == 0) return locate(std::move(indexes), std::move(retry));
  pause(decision.pause, [self = Self(this), indexes = std::move(indexes), retry = std::move(retry)]() mutable {
    if (auto closed = self->connection().closed_error()) return self->fail(std::move(*closed));
    self->locate(std::move(indexes), std::move(retry));
  });
}

// ---------------------------------------------------------------- results

Error BatchOperation::decorate(std::uint32_t index, Error error) const {
  return std::move(error).with_context(describe_operation(verb_of(actions_[index]), row_of(actions_[index]), table().name()));
}

void BatchOperation::give_all(Results results) {
  bool all = false;
  {
    std::lock_guard lock(mutex_);
    for (auto& [index, result] : results) {
      if (has_result_[index]) continue;
      has_result_[index] = true;
      if (on_result_) tell(index, result);
      results_[index] = std::move(result);
      --missing_;
    }
    all = missing_ == 0;
  }
  if (all && claim()) finish_(std::move(results_));
}

void BatchOperation::tell(std::size_t index, const Result<ActionResult>& result) noexcept {
  call_user("a batch's callback", [&] { on_result_(index, result); });
}

// What has a result keeps it.
void BatchOperation::complete_with(Error error) {
  BatchResult results;
  std::vector<std::shared_ptr<detail::CancelPoint>> alone;
  {
    std::lock_guard lock(mutex_);
    alone.swap(alone_);
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (has_result_[i]) continue;
      results_[i] = error;
      if (on_result_) tell(i, results_[i]);
      has_result_[i] = true;
    }
    missing_ = 0;
    results = std::move(results_);
  }
  finish_(std::move(results));
  for (const auto& cancel : alone) cancel->cancel();
}

void start_batch(std::shared_ptr<const TableContext> table, std::vector<Action> actions, BatchCallback on_result,
                 detail::Completion<BatchResult> done) {
  boost::intrusive_ptr<BatchOperation> operation(
      new BatchOperation(std::move(table), std::move(actions), std::move(on_result), std::move(done)));
  operation->start();
}

}  // namespace hbmux::client
