#include "rpc/endpoint_inquirer.h"

#include "core/log.h"
#include "rpc/random.h"

#include <algorithm>

namespace hbmux::rpc {
namespace {

/// The server may be gone, so that the list is perhaps not the newest.
bool is_connection_error(const Error& error) {
  switch (error.code()) {
    case Errc::cannot_resolve:
    case Errc::cannot_connect:
    case Errc::failed_server:
    case Errc::connection_lost:
    case Errc::timed_out: return true;
    default: return false;
  }
}

}  // namespace

EndpointInquirer::EndpointInquirer(RpcClient& client, User user, const core::RegistrySettings& settings,
                                   RefreshCall refresh)
    : client_(client),
      lane_(client.lanes().front()),
      user_(std::move(user)),
      configured_(core::without_doubles(settings.endpoints)),
      fan_out_(static_cast<std::size_t>(std::max(settings.hedged_fan_out, 1))),
      rpc_timeout_(client.settings().rpc_timeout),
      refresh_(refresh),
      endpoints_(configured_),
      schedule_(settings.initial_refresh_delay, settings.refresh_interval, settings.min_between_refreshes,
                lane_->now()),
      random_(random_bits()) {}

void EndpointInquirer::start() {
  std::lock_guard lock(mutex_);
  watch_refresh();
}

void EndpointInquirer::close(const Error& reason) {
  std::lock_guard lock(mutex_);
  if (!closed_) closed_ = reason;
  // Calls under way end with the RpcClient, which is closed as well.
}

std::vector<ServerAddress> EndpointInquirer::order_of_asking() {
  const auto random = [this](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  };
  auto order = endpoints_, reserve = configured_;
  core::shuffle(order, random);
  core::shuffle(reserve, random);
  order.insert(order.end(), reserve.begin(), reserve.end());
  return core::without_doubles(std::move(order));
}

TimePoint EndpointInquirer::call_deadline(TimePoint deadline) const {
  return rpc_timeout_.count() == 0 ? deadline : std::min(deadline, now() + rpc_timeout_);
}

void EndpointInquirer::begin(InquiryPtr inquiry) {
  std::lock_guard lock(mutex_);
  inquiry->call = core::HedgedCall(order_of_asking(), fan_out_);
  ask_next_group(inquiry);
}

/// With the mutex, so that after close() nobody is inside the RpcClient. Its handlers never run within call().
void EndpointInquirer::ask_next_group(const InquiryPtr& inquiry) {
  if (closed_) return finish_later(inquiry, *closed_);
  std::vector<ServerAddress> group;
  if (now() < inquiry->deadline) group = inquiry->call.next_group();
  if (group.empty()) return finish_later(inquiry, inquiry->call.exhausted(inquiry->what));
  for (const auto& endpoint : group) {
    CallRequest request;
    request.internal = true;
    request.method = inquiry->method;
    request.deadline = call_deadline(inquiry->deadline);
    client_.call(ConnectionKey(endpoint, user_, Service::client_meta), std::move(request),
                 [self = shared_from_this(), inquiry, endpoint](Result<CallReply> reply) {
                   self->replied(inquiry, endpoint, std::move(reply));
                 });
  }
}

void EndpointInquirer::finish_later(const InquiryPtr& inquiry, Error error) {
  inquiry->call.succeeded();  // whatever comes now is too late
  lane_->post([inquiry, error = std::move(error)]() mutable { inquiry->finish(std::move(error)); });
}

void EndpointInquirer::replied(const InquiryPtr& inquiry, const ServerAddress& endpoint, Result<CallReply> reply) {
  {
    std::lock_guard lock(mutex_);
    if (!reply && is_connection_error(reply.error())) {
      schedule_.hurry();
      watch_refresh();
    }
    if (inquiry->call.done()) return;
    std::optional<Error> error;
    if (reply) {
      error = inquiry->take(reply->message);
    } else {
      error = std::move(reply).error();
    }
    if (error) {
      if (inquiry->call.failed(endpoint, *error)) ask_next_group(inquiry);
      return;
    }
    inquiry->call.succeeded();
  }
  inquiry->finish(std::nullopt);
}

// --- Refreshing.

void EndpointInquirer::watch_refresh() {
  const TimePoint due = schedule_.due();
  if (closed_ || due >= armed_at_) return;
  armed_at_ = due;
  lane_->call_at(due, [weak = weak_from_this(), due] {
    if (auto self = weak.lock()) self->refresh_due(due);
  });
}

void EndpointInquirer::refresh_due(TimePoint at) {
  {
    std::lock_guard lock(mutex_);
    // A timer that comes early means that the lane is stopping; one that another has overtaken has nothing to do.
    if (closed_ || at != armed_at_ || now() < at) return;
    armed_at_ = TimePoint::max();
    if (!schedule_.begin(now())) return watch_refresh();
  }
  ask<std::vector<ServerAddress>>(refresh_.method, "which servers to ask", call_deadline(TimePoint::max()),
                                  refresh_.read,
                                  [weak = weak_from_this()](Result<std::vector<ServerAddress>> endpoints) {
                                    if (auto self = weak.lock()) self->refreshed(std::move(endpoints));
                                  });
}

void EndpointInquirer::refreshed(Result<std::vector<ServerAddress>> endpoints) {
  std::lock_guard lock(mutex_);
  schedule_.ended(now());
  if (endpoints) {
    endpoints_ = core::without_doubles(std::move(*endpoints));
    core::log(LogLevel::debug, [&] {
      std::string names;
      for (const auto& endpoint : endpoints_) names += " " + endpoint.to_string();
      return "registry: the servers to ask are now" + names;
    });
  } else if (!closed_) {
    core::log(LogLevel::warning,
              [&] { return "registry: cannot refresh the list of servers: " + endpoints.error().message(); });
  }
  watch_refresh();
}

}  // namespace hbmux::rpc
