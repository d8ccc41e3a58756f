#include "client/row_operation.h"

#include "client/region_locator.h"
#include "client/request_messages.h"
#include "core/bytes.h"
#include "core/log.h"

#include <hbmux/attributes.h>

namespace hbmux::client {
namespace {

using Self = boost::intrusive_ptr<RowOperation>;

}  // namespace

RowOperation::RowOperation(std::shared_ptr<const TableContext> table, std::shared_ptr<detail::CancelPoint> cancel,
                           Kind kind, Repeat repeat, int replica)
    : Operation(std::move(table), std::move(cancel)),
      repeat_(repeat),
      retry_(retry_policy(this->table(), kind == Kind::read ? this->table().read_timeout : this->table().write_timeout),
             connection().now()),
      thread_(connection().thread_token()),
      replica_(replica) {}

void RowOperation::start() {
  if (!begin()) return;
  if (auto what = problem(); !what.empty()) {
    return fail_later(Error(Errc::invalid_argument, std::move(what)).with_context(describe()));
  }
  if (auto closed = connection().closed_error()) return fail_later(std::move(*closed));
  attempt();
}

void RowOperation::attempt() {
  if (is_over()) return;
  const auto& locations = table().locations;
  if (const auto& known = RegionLocator::find(*locations, row())) {
    return send(known, retry_.failures() == 0 ? retry_.started() : connection().now());
  }
  auto known = connection().locator().locate(
      locations, row(), core::LocateType::current, retry_.deadline(),
      [self = Self(this)](Result<core::LocationsPtr> found) { self->located(std::move(found)); });
  if (known) send(std::move(known), connection().now());
}

void RowOperation::located(Result<core::LocationsPtr> found) {
  if (is_over()) return;
  if (!found) return attempt_failed(found.error());
  send(std::move(*found), connection().now());
}

void RowOperation::send(core::LocationsPtr location, rpc::TimePoint now) {
  location_ = std::move(location);
  const RegionLocation* const place = location_->get(replica_);
  if (place == nullptr) return replica_is_missing();
  thread_local rpc::CallRequest request;  // for the memory of its strings, which are seldom moved from
  request.param.clear();
  request.cells.clear();
  encode(place->region->name(), request);
  const int wanted = priority();
  request.priority = wanted == kPriorityUnset ? table().priority : static_cast<std::uint32_t>(wanted);
  request.deadline = retry_.attempt_deadline(now);
  request.made = now;
  request.header_attributes = table().header_attributes;
  request.thread = thread_;
  request.scope = &table().scope;
  auto replied = [self = Self(this)](Result<rpc::CallReply>&& reply) { self->replied(std::move(reply)); };
  if (replica_ == 0) {
    call(table().key_of(*location_), std::move(request), std::move(replied));
  } else {
    call(table().key_of(*place), std::move(request), std::move(replied));
  }
  if (request.param.capacity() + request.cells.capacity() > kKeepBytes) request = rpc::CallRequest();
}

// It may be there by now, or nowhere for the moment.
void RowOperation::replica_is_missing() {
  const core::LocationsPtr used = std::exchange(location_, nullptr);
  table().locations->regions()->forget(used->primary);
  if (!std::exchange(looked_again_, true)) return attempt();
  if (used->has(replica_)) return attempt_failed(replica_is_nowhere(replica_));
  give_up(no_such_replica(*used, replica_));
}

void RowOperation::replied(Result<rpc::CallReply>&& reply) {
  if (is_over()) return;
  if (!reply) return attempt_failed(std::move(reply.error()));
  if (auto taken = take(*reply); !taken) attempt_failed(std::move(taken.error()));
}

void RowOperation::attempt_failed(Error error) {
  if (auto closed = connection().closed_error()) return fail(std::move(*closed));
  const core::LocationsPtr used = std::move(location_);
  location_ = nullptr;
  if (used) {
    const RegionLocation& place = *used->get(replica_);
    error = std::move(error).with_region(core::to_string_binary(place.region->name()));
    if (error.server().empty()) error = std::move(error).with_server(place.server.address.to_string());
    connection().locator().on_error(*table().locations, place, error);
  } else if (!error.region().empty()) {
    error = std::move(error).with_region(core::to_string_binary(error.region()));
  }
  auto decision = retry_.failed(error, connection().now(), connection().random());
  if (!decision.retry) return give_up(std::move(decision.error));
  if (repeat_ == Repeat::unless_applied && used && decision.reaction.may_be_applied) {
    return give_up(std::move(error).with_attempts(retry_.failures()).with_context("it may have been applied, and is not sent again"));
  }
  core::log(retry_.failures() > table().start_log_errors ? LogLevel::warning : LogLevel::debug, [&] {
    return describe() + ": attempt " + std::to_string(retry_.failures()) + " failed: " + error.to_string();
  });
  // hbase:meta's own troubles say nothing about the table.
  const bool about_table = used || error.exception_class().empty();
  if (decision.reaction.check_table_state && about_table && !table().name().is_system()) {
    return check_table_state(std::move(decision), std::move(error));
  }
  retry_after(decision);
}

// A disabled table answers as one whose regions move. HBase looks at the table's state only after such an answer, because that
// costs a call.
void RowOperation::check_table_state(core::RetryState::Decision decision, Error error) {
  const auto deadline = retry_.attempt_deadline(connection().now());
  connection().locator().table_state(
      table().locations, deadline,
      [self = Self(this), decision = std::move(decision),
       error = std::move(error)](Result<std::optional<core::TableStateCode>> state) mutable {
        if (self->is_over()) return;
        if (state && *state == core::TableStateCode::disabled) {
          return self->give_up(Error(Errc::table_not_enabled, "table '" + self->table().name().to_string() + "' is disabled")
                                   .with_server(error.server())
                                   .with_region(error.region())
                                   .with_attempts(self->retry_.failures()));
        }
        decision = self->retry_.revisit(std::move(decision), self->connection().now());
        if (!decision.retry) return self->give_up(std::move(decision.error));
        self->retry_after(decision);
      });
}

void RowOperation::retry_after(const core::RetryState::Decision& decision) {
  connection().count_retry();
  if (decision.pause.count() == 0) return attempt();
  pause(decision.pause, [self = Self(this)] {
    if (auto closed = self->connection().closed_error()) return self->fail(std::move(*closed));
    self->attempt();
  });
}

void RowOperation::give_up(Error error) { fail(std::move(error).with_context(describe())); }

std::string RowOperation::describe() const { return describe_operation(verb(), row(), table().name()); }

}  // namespace hbmux::client
