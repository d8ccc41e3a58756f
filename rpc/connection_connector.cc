#include "rpc/connection_connector.h"

#include "core/log.h"

#include <string>
#include <utility>

namespace hbmux::rpc {

namespace {

/// What each service answers at once, and without looking at anything. All of them take an empty message.
constexpr std::string_view sign_of_life(Service service) noexcept {
  switch (service) {
    case Service::client: return "Multi";  // a batch of nothing
    case Service::admin: return "GetServerInfo";
    case Service::master: return "IsMasterRunning";
    case Service::client_meta: return "GetClusterId";
  }
  return "";
}

}  // namespace

ConnectionConnector::ConnectionConnector(const core::ClientSettings& settings, std::vector<std::shared_ptr<Lane>> lanes,
                                         CallIdPolicy call_ids, std::shared_ptr<core::FailedServers> failed,
                                         std::shared_ptr<RpcCounters> counters)
    : settings_(settings), lanes_(std::move(lanes)), call_ids_(call_ids), failed_(std::move(failed)), counters_(std::move(counters)) {}

void ConnectionConnector::open(const ConnectionKey& key, TimePoint /*deadline*/, Opened done) {
  auto lane = lanes_[next_lane_.fetch_add(1, std::memory_order_relaxed) % lanes_.size()];
  ConnectionOptions options;
  options.codec_class = settings_.codec_class;
  options.compressor_class = settings_.compressor_class;
  options.attributes = &settings_.connection_attributes;
  options.compression = static_cast<wire::Compression>(settings_.compressor);
  options.stream = {settings_.tcp_no_delay, settings_.tcp_keep_alive};
  options.connect_timeout = settings_.connect_timeout.count() > 0 ? settings_.connect_timeout : std::chrono::hours(24);
  options.idle_close = settings_.idle_close;
  options.read_timeout = settings_.read_timeout;
  options.write_timeout = settings_.write_timeout;
  options.max_frame_bytes = settings_.frame_bytes_max;
  options.calls_max = settings_.calls_in_flight_max;
  options.bytes_max = settings_.bytes_in_flight_max;
  options.tombstones_max = settings_.tombstones_max;
  options.call_ids = call_ids_;
  options.on_connect_failed = [failed = failed_, lane = lane.get(), address = key.address()](const Error& why) {
    failed->add(address, lane->now(), why);
  };
  options.on_silent = [weak = weak_from_this(), key](TimePoint since) {
    if (auto self = weak.lock()) self->suspect(key, since);
  };
  auto connection = std::make_shared<Connection>(std::move(lane), key, std::move(options), counters_);
  {
    std::lock_guard lock(opened_mutex_);
    std::erase_if(opened_, [](const auto& opened) { return opened.expired(); });
    opened_.push_back(connection);
  }
  connection->start();
  done(std::move(connection));
}

bool ConnectionConnector::survives(const Connection&, const Error& error) const noexcept {
  switch (error.code()) {
    case Errc::timed_out:
    case Errc::cancelled:
    case Errc::connection_lost:
    case Errc::protocol_error:
    case Errc::cannot_connect:
    case Errc::cannot_resolve:
    case Errc::closed: return false;
    default: return true;
  }
}

void ConnectionConnector::invalidate(const Resource& connection, CloseReason reason) {
  if (reason == CloseReason::probe) {
    connection->fail(Error(Errc::connection_lost, "the server did not answer when it was asked for a sign of life"));
  } else if (reason != CloseReason::closed) {
    connection->drain();
  }
}

void ConnectionConnector::ask(Connection& connection, TimePoint deadline, core::UniqueFunction<void(Result<void>)> done) {
  CallRequest request;
  request.method = sign_of_life(connection.key().service());
  request.deadline = deadline;
  connection.submit(
      std::move(request),
      [done = std::move(done)](Result<CallReply> reply) mutable {
        if (reply || !reply.error().exception_class().empty()) return done({});
        done(reply.error());
      },
      nullptr);
}

void ConnectionConnector::probe(const Resource& connection, Probed done) {
  if (!connection->usable()) return done(false);
  ask(*connection, lanes_.front()->now() + settings_.pool_probe_timeout,
      [done = std::move(done)](Result<void> answer) mutable { done(static_cast<bool>(answer)); });
}

void ConnectionConnector::set_metrics_sink(std::shared_ptr<MetricsSink> sink) {
  std::lock_guard lock(sink_mutex_);
  has_sink_.store(sink != nullptr, std::memory_order_release);
  sink_.swap(sink);  // the old one goes without the lock
}

std::shared_ptr<MetricsSink> ConnectionConnector::metrics_sink() const {
  if (!has_sink_.load(std::memory_order_acquire)) return nullptr;
  std::lock_guard lock(sink_mutex_);
  return sink_;
}

template <class Tell>
void ConnectionConnector::tell_sink(const ConnectionKey& key, Tell tell) const {
  const auto sink = metrics_sink();
  if (!sink) return;
  const std::string address = key.address().to_string();
  tell(*sink, PoolName{address, key.user().effective, service_name(key.service())});
}

void ConnectionConnector::happened(const ConnectionKey& key, const PoolEvent& event) noexcept {
  tell_sink(key, [&](MetricsSink& sink, const PoolName& pool) { sink.pool_event(pool, event); });
}

std::vector<std::shared_ptr<Connection>> ConnectionConnector::opened() {
  std::vector<std::shared_ptr<Connection>> alive;
  std::lock_guard lock(opened_mutex_);
  for (const auto& weak : opened_) {
    if (auto connection = weak.lock()) alive.push_back(std::move(connection));
  }
  return alive;
}

void ConnectionConnector::suspect(const ConnectionKey& key, TimePoint silent_since) {
  for (const auto& connection : opened()) {
    if (connection->key() == key) connection->suspect(silent_since);
  }
}

void ConnectionConnector::fail_all(const Error& reason) {
  for (const auto& connection : opened()) connection->fail(reason);
}

void ConnectionConnector::leaked(const ConnectionKey& key, const PoolLeak& leak) {
  tell_sink(key, [&](MetricsSink& sink, const PoolName& pool) { sink.pool_leak(pool, leak); });
  core::log(LogLevel::warning, [&] {
    std::string text = "a connection to " + key.address().to_string() + " is held for " + std::to_string(leak.held.count()) + " ms by ";
    text += leak.scope ? "a request scope that is still open: " : "one call: ";
    return text + leak.where;
  });
}

}  // namespace hbmux::rpc
