#include "rpc/rpc_client.h"

#include "core/log.h"
#include "rpc/connection.h"

#include <algorithm>

namespace hbmux::rpc {
namespace {

constexpr auto kSweepPeriod = std::chrono::seconds(30);

// The connection's errors that say nothing about the socket's state: an answer came, or nothing was sent.
bool leaves_an_exchange_unfinished(const Error& error) noexcept {
  switch (error.code()) {
    case Errc::timed_out:
    case Errc::cancelled:
    case Errc::connection_lost:
    case Errc::protocol_error:
    case Errc::cannot_connect:
    case Errc::cannot_resolve:
    case Errc::closed: return true;
    default: return false;
  }
}

}  // namespace

RpcClient::RpcClient(const core::ClientSettings& settings, std::vector<std::shared_ptr<Lane>> lanes, CallIdPolicy call_ids)
    : settings_(settings),
      lanes_(std::move(lanes)),
      call_ids_(call_ids),
      failed_(settings.failed_server_expiry),
      pool_({settings.pool_type, settings.pool_size, settings.borrow_waiting_max},
            [this](const ConnectionKey& key) { return open(key); },
            [](const Connection& connection) { return connection.usable(); },
            [](const std::shared_ptr<Connection>& connection) { connection->drain(); }),
      self_(std::make_shared<std::atomic<RpcClient*>>(this)) {
  if (settings.pool_type == PoolType::reusable) {
    core::log(LogLevel::info, [&] {
      return "hbase.client.ipc.pool.type is Reusable: a connection carries one call at a time, " +
             std::to_string(settings.pool_size) + " at once per server, user and service";
    });
  }
  sweep_later();
}

RpcClient::~RpcClient() {
  close(Error(Errc::closed, "the connection was closed"));
  self_->store(nullptr);
}

void RpcClient::call(const ConnectionKey& key, CallRequest&& request, ReplyHandler&& handler, CallToken* token) {
  if (failed_.any()) {
    if (auto failed = failed_.find(key.address(), lanes_.front()->now())) {
      return refuse(std::move(handler), std::move(*failed), key);
    }
  }
  if (settings_.requests_per_server_max < INT32_MAX) {
    auto place = take_place(key.address());
    if (!place) return refuse(std::move(handler), place.error(), key);
    handler = [place = std::move(*place), handler = std::move(handler)](Result<CallReply> reply) mutable {
      place.reset();
      handler(std::move(reply));
    };
  }
  if (settings_.pool_type == PoolType::reusable) {
    return call_exclusive(key, std::move(request), std::move(handler), token);
  }
  auto connection = pool_.share(key, request.thread);
  if (!connection) return refuse(std::move(handler), connection.error(), key);
  (*connection)->submit(std::move(request), std::move(handler), token);
}

/// A call that waits for a connection of its own, and then has it. Cancelled while it waits, it gives its turn to the next.
class RpcClient::ExclusiveCall : public Cancellable, public std::enable_shared_from_this<ExclusiveCall> {
 public:
  ExclusiveCall(RpcClient& client, ConnectionKey key, CallRequest&& request, ReplyHandler&& handler)
      : client_(client), key_(std::move(key)), request_(std::move(request)), handler_(std::move(handler)) {}

  bool waits() const noexcept { return waits_.load(std::memory_order_relaxed); }

  void lent(Result<Pool::Lease> lease) {
    std::unique_lock lock(mutex_);
    waits_.store(false, std::memory_order_relaxed);
    if (!handler_) return;  // cancelled: the lease ends here
    auto handler = std::move(handler_);
    handler_ = nullptr;
    if (!lease) {
      lock.unlock();
      return client_.refuse(std::move(handler), lease.error(), key_);
    }
    auto connection = lease->resource();
    request_.made = {};  // that was before it waited
    connection->submit(
        std::move(request_),
        [self = shared_from_this(), lease = std::move(*lease), handler = std::move(handler)](Result<CallReply> reply) mutable {
          if (!reply && leaves_an_exchange_unfinished(reply.error())) lease.taint();
          lease.release();  // before the handler: what it calls next may have it
          handler(std::move(reply));
        },
        &sent_);
  }

  void cancel(std::uint32_t /*id*/) override {
    std::unique_lock lock(mutex_);
    if (!handler_) {
      const CallToken sent = sent_;
      lock.unlock();
      return sent.cancel();
    }
    auto handler = std::move(handler_);
    handler_ = nullptr;
    lock.unlock();
    client_.refuse(std::move(handler), Error(Errc::cancelled, std::string(request_.method) + " was cancelled"), key_);
  }

 private:
  RpcClient& client_;
  const ConnectionKey key_;
  std::atomic<bool> waits_{true};
  std::mutex mutex_;
  CallRequest request_;
  ReplyHandler handler_;  // while it waits
  CallToken sent_;
};

void RpcClient::call_exclusive(const ConnectionKey& key, CallRequest&& request, ReplyHandler&& handler, CallToken* token) {
  const TimePoint now = lanes_.front()->now();
  const TimePoint give_up = settings_.borrow_timeout.count() == 0
                                ? now
                                : std::min(request.deadline, now + settings_.borrow_timeout);
  const ThreadToken thread = request.thread;
  auto call = std::make_shared<ExclusiveCall>(*this, key, std::move(request), std::move(handler));
  if (token) *token = CallToken(call, 0);
  pool_.borrow(key, thread, now, give_up, [call](Result<Pool::Lease> lease) { call->lent(std::move(lease)); });
  if (call->waits()) watch_waiting(give_up);
}

// hbase.client.perserver.requests.threshold: a server that hangs must not take all threads of the program with it.
Result<std::shared_ptr<void>> RpcClient::take_place(const ServerAddress& address) {
  std::shared_ptr<std::atomic<int>> count;
  {
    std::lock_guard lock(places_mutex_);
    auto& entry = places_[address];
    if (!entry) entry = std::make_shared<std::atomic<int>>(0);
    count = entry;
  }
  const int before = count->fetch_add(1);
  if (before < settings_.requests_per_server_max) {
    return std::shared_ptr<void>(count.get(), [count](void*) { count->fetch_sub(1); });
  }
  count->fetch_sub(1);
  return Error(Errc::overloaded, std::to_string(before) + " calls are under way to " + address.to_string() +
                                     "; hbase.client.perserver.requests.threshold allows no more");
}

void RpcClient::refuse(ReplyHandler&& handler, Error error, const ConnectionKey& key) {
  counters_.calls_failed.fetch_add(1, std::memory_order_relaxed);
  if (error.server().empty()) error = std::move(error).with_server(key.address().to_string());
  lane().post([handler = std::move(handler), error = std::move(error)]() mutable { handler(std::move(error)); });
}

Result<std::shared_ptr<Connection>> RpcClient::open(const ConnectionKey& key) {
  auto lane = lanes_[next_lane_.fetch_add(1, std::memory_order_relaxed) % lanes_.size()];
  ConnectionOptions options;
  options.codec_class = settings_.codec_class;
  options.compressor_class = settings_.compressor_class;
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
  options.on_connect_failed = [self = self_, lane = lane.get(), address = key.address()](const Error& why) {
    if (auto* client = self->load()) client->failed_.add(address, lane->now(), why);
  };
  auto connection = std::make_shared<Connection>(std::move(lane), key, std::move(options), counters_);
  connection->start();
  return connection;
}

Lane& RpcClient::lane() noexcept {
  return *lanes_[next_lane_.load(std::memory_order_relaxed) % lanes_.size()];
}

void RpcClient::watch_waiting(TimePoint deadline) {
  {
    std::lock_guard lock(waiting_mutex_);
    if (deadline >= waiting_armed_at_) return;
    waiting_armed_at_ = deadline;
  }
  lane().call_at(deadline, [self = self_, deadline] {
    auto* client = self->load();
    if (!client || client->closed_) return;
    {
      std::lock_guard lock(client->waiting_mutex_);
      if (client->waiting_armed_at_ != deadline) return;
      client->waiting_armed_at_ = TimePoint::max();
    }
    if (auto next = client->pool_.expire(client->lanes_.front()->now())) client->watch_waiting(*next);
  });
}

void RpcClient::sweep_later() {
  lane().call_at(lanes_.front()->now() + kSweepPeriod, [self = self_] {
    auto* client = self->load();
    if (!client || client->closed_) return;
    client->pool_.sweep();
    client->sweep_later();
  });
}

void RpcClient::close(const Error& reason) {
  if (closed_.exchange(true)) return;
  for (auto& connection : pool_.clear(reason)) connection->fail(reason);
}

void RpcClient::add_statistics(ConnectionStatistics& out) const {
  for (auto& entry : pool_.statistics()) {
    PoolEntryStatistics item;
    item.address = entry.key.address().to_string();
    item.user = entry.key.user().effective;
    item.service = service_name(entry.key.service());
    item.type = to_string(pool_.options().type);
    item.size_max = pool_.options().size;
    item.in_use = entry.in_use;
    item.waiting = entry.waiting;
    item.created = entry.created;
    item.closed = entry.closed;
    for (auto& connection : entry.resources) {
      const std::size_t calls = connection->calls_in_flight();
      item.calls_in_flight += calls;
      // The pool finds out about a dead one only when it is asked for a connection; its socket is gone before that.
      if (calls != 0 || connection->usable()) ++item.open;
      if (pool_.options().type != PoolType::reusable && calls != 0) ++item.in_use;
    }
    out.calls_in_flight += item.calls_in_flight;
    out.pools.push_back(std::move(item));
  }
  const auto read = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  out.calls += read(counters_.calls);
  out.calls_failed += read(counters_.calls_failed);
  out.timed_out += read(counters_.timed_out);
  out.late_replies += read(counters_.late_replies);
  out.sockets_opened += read(counters_.sockets_opened);
  out.bytes_sent += read(counters_.bytes_sent);
  out.bytes_received += read(counters_.bytes_received);
  out.writes += read(counters_.writes);
  out.failed_servers = const_cast<core::FailedServers&>(failed_).list(lanes_.front()->now());
}

}  // namespace hbmux::rpc
