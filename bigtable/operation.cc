#include "bigtable/operation.h"

#include "bigtable/connection.h"
#include "bigtable/headers.h"

#include <utility>

namespace hbmux::bigtable {

Operation::Operation(std::shared_ptr<BigtableConnection> connection, CallPlan plan, std::shared_ptr<detail::CancelPoint> cancel)
    : connection_(std::move(connection)),
      lane_(connection_->lane()),
      plan_(std::move(plan)),
      thread_(connection_->thread_token()),
      cancel_(std::move(cancel)),
      retry_(plan_.policy, lane_->now()) {}

Operation::~Operation() { connection_->forget(this); }

void Operation::start() {
  connection_->remember(this, weak_from_this());
  if (cancel_ && !cancel_->arm([weak = weak_from_this()] {
        if (auto self = weak.lock()) self->abort(Error(Errc::cancelled, "cancelled"));
      })) {
    return abort(Error(Errc::cancelled, "cancelled before it began"));
  }
  connection_->post_to(lane_, [self = shared_from_this()] {
    if (auto closed = self->connection_->closed_error()) return self->finish(std::move(*closed));
    self->attempt();
  });
}

void Operation::abort(Error reason) {
  connection_->post_to(lane_, [self = shared_from_this(), reason = std::move(reason)]() mutable { self->finish(std::move(reason)); });
}

void Operation::finish(std::optional<Error> error) {
  if (std::exchange(over_, true)) return;
  const auto keep = shared_from_this();
  connection_->forget(this);
  ++attempt_;
  drop_call();
  if (auto cancel = std::exchange(cancel_, nullptr)) cancel->arm(nullptr);
  if (!error) return succeeded();
  if (const auto context = describe(); !context.empty()) *error = Error(*error).with_context(context);
  failed(std::move(*error));
}

void Operation::drop_call() {
  ticket_.cancel();
  if (call_) std::exchange(call_, nullptr)->cancel();
  lease_ = ChannelPool::Lease();
}

void Operation::attempt() {
  if (over_) return;
  const auto now = lane_->now();
  if (retry_.expired(now)) return finish(retry_.timed_out());
  const std::uint64_t number = ++attempt_;
  BorrowRequest request;
  request.thread = thread_;
  request.now = now;
  request.deadline = std::min(retry_.attempt_deadline(now), now + connection_->settings().client.borrow_timeout);
  request.where = "a call of Bigtable";
  request.scope = plan_.scope;
  ticket_ = connection_->pool().borrow(connection_->key(plan_.service), request,
                                       [self = shared_from_this(), number](Result<ChannelPool::Lease> lease) {
    // Also on the thread of whoever gave it back.
    auto go_on = [self, number, lease = std::move(lease)]() mutable {
      if (self->over_ || self->attempt_ != number) return;
      if (lease) return self->send(std::move(*lease));
      self->attempt_failed(lease.error(), core::react(lease.error()));
    };
    if (self->lane_->runs_here()) return go_on();
    self->connection_->post_to(self->lane_, std::move(go_on));
  });
}

void Operation::send(ChannelPool::Lease lease) {
  const auto now = lane_->now();
  CallRequest request;
  request.path = plan_.path;
  request.body = this->request();
  request.streams = plan_.streams;
  request.deadline = plan_.timeout_per_message ? rpc::TimePoint::max() : retry_.attempt_deadline(now);
  request.metadata.emplace(kRoutingHeader, plan_.routing);
  if (plan_.service == Service::data) request.metadata.emplace(kFeaturesHeader, feature_flags());
  for (const auto& [name, value] : cookies_.all()) request.metadata.emplace(name, value);
  Call::Handlers handlers;
  const std::uint64_t number = attempt_;
  handlers.message = [self = shared_from_this(), number](grpc::ByteBuffer message) { self->got(number, std::move(message)); };
  handlers.trailer = [self = shared_from_this(), number](std::string_view name, std::string_view value) {
    if (self->attempt_ == number) self->cookies_.take(name, value);
  };
  handlers.end = [self = shared_from_this(), number](CallStatus status) {
    self->connection_->call_ended();
    self->ended(number, std::move(status));
  };
  lease_ = std::move(lease);
  ++calls_made_;
  connection_->call_begins();
  reading_ = true;
  idle_since_ = now;
  call_ = Call::start(lease_.resource(), lane_, std::move(request), std::move(handlers));
  watch_idle();
}

void Operation::got(std::uint64_t attempt, grpc::ByteBuffer message) {
  if (over_ || attempt != attempt_) return;
  idle_since_ = lane_->now();
  reading_ = false;
  if (auto taken = take(std::move(message)); !taken) return finish(taken.error());
  if (over_ || attempt != attempt_ || !plan_.streams) return;
  if (wants_more()) read_on();
}

void Operation::read_on() {
  if (over_ || !call_ || std::exchange(reading_, true)) return;
  idle_since_ = lane_->now();
  call_->read_next();
  watch_idle();
}

// The server has so long for each message that is waited for.
void Operation::watch_idle() {
  if (!plan_.timeout_per_message || plan_.policy.rpc_timeout.count() <= 0 || !reading_ || std::exchange(idle_watched_, true)) return;
  lane_->call_at(idle_since_ + plan_.policy.rpc_timeout, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self || self->over_) return;
    self->idle_watched_ = false;
    if (!self->call_ || !self->reading_) return;
    if (self->lane_->now() < self->idle_since_ + self->plan_.policy.rpc_timeout) return self->watch_idle();
    ++self->attempt_;
    self->drop_call();
    const std::string waited = std::to_string(self->plan_.policy.rpc_timeout.count());
    self->attempt_failed({Code::deadline_exceeded, "no message within " + waited + " ms", {}});
  });
}

void Operation::ended(std::uint64_t attempt, CallStatus status) {
  if (over_ || attempt != attempt_) return;
  call_ = nullptr;
  const bool ok = status.ok();
  if (!ok && lease_) lease_.failed(error_of(status));
  lease_ = ChannelPool::Lease();
  if (ok) {
    auto left = left_over();
    if (over_) return;
    if (!left) return finish(std::nullopt);
    status = std::move(*left);
  }
  attempt_failed(std::move(status));
}

void Operation::attempt_failed(CallStatus status) {
  const bool timed_out = status.code == Code::deadline_exceeded;
  if (timed_out) connection_->count_timed_out();
  attempt_failed(error_of(status), reaction_to(status, connection_->settings().retries_deadline));
}

void Operation::attempt_failed(Error error, core::Reaction reaction) {
  connection_->count_failed();
  if (!plan_.repeats || !connection_->settings().retries) reaction.retry = false;
  if (!reaction.retry) return finish(std::move(error).with_attempts(calls_made_));
  auto decision = retry_.failed(std::move(error), reaction, lane_->now(), connection_->random());
  if (!decision.retry) return finish(std::move(decision.error));
  if (!prepare_retry()) return finish(std::nullopt);
  if (over_) return;
  connection_->count_retry();
  if (decision.pause.count() <= 0) return attempt();
  lane_->call_at(lane_->now() + decision.pause, [self = shared_from_this()] { self->attempt(); });
}

}  // namespace hbmux::bigtable
