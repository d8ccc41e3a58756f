#include "rpc/rpc_client.h"

#include "core/log.h"
#include "rpc/connection.h"
#include "rpc/connection_connector.h"
#include "rpc/lane_runtime.h"

#include <algorithm>

namespace hbmux::rpc {
namespace {

PoolOptions pool_options(const core::ClientSettings& settings) {
  PoolOptions options;
  options.type = settings.pool_type;
  options.size = settings.pool_size;
  options.waiting_max = settings.borrow_waiting_max;
  options.choice = settings.pool_choice;
  options.size_min = settings.pool_size_min;
  options.total_max = settings.pool_total_max;
  options.lifetime_max = settings.pool_lifetime_max;
  options.reaper_period = settings.pool_reaper_period;
  options.leak_after = settings.pool_leak_time;
  options.probe_period = settings.pool_probe_period;
  return options;
}

}  // namespace

RpcClient::RpcClient(const core::ClientSettings& settings, std::vector<std::shared_ptr<Lane>> lanes, CallIdPolicy call_ids)
    : settings_(settings),
      lanes_(std::move(lanes)),
      failed_(std::make_shared<core::FailedServers>(settings.failed_server_expiry)),
      borrow_timeout_(settings.borrow_timeout.count()),
      connector_(std::make_shared<ConnectionConnector>(settings, lanes_, call_ids, failed_, counters_)),
      pool_(pool_options(settings), connector_, std::make_shared<LaneRuntime>(lanes_.front())) {
  if (settings.pool_type == PoolType::reusable) {
    core::log(LogLevel::info, [&] {
      return "hbase.client.ipc.pool.type is Reusable: a connection carries one call at a time, " +
             std::to_string(settings.pool_size) + " at once per server, user and service";
    });
  }
}

RpcClient::~RpcClient() { close(Error(Errc::closed, "the connection was closed")); }

void RpcClient::call(const ConnectionKey& key, CallRequest&& request, ReplyHandler&& handler, CallToken* token) {
  if (failed_->any()) {
    if (auto failed = failed_->find(key.address(), lanes_.front()->now())) {
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
    return call_borrowing(key, std::move(request), std::move(handler), token);
  }
  if (const auto* connection = pool_.at_hand(key, request.thread)) {
    return (*connection)->submit(std::move(request), std::move(handler), token);
  }
  auto connection = pool_.share(key, request.thread);
  if (!connection) return refuse(std::move(handler), connection.error(), key);
  if (!*connection) return call_borrowing(key, std::move(request), std::move(handler), token);  // no more may be open now
  (*connection)->submit(std::move(request), std::move(handler), token);
}

/// A call that waits for a connection, and then has it (Reusable: for itself). Cancelled while it waits, it gives its turn to the next.
class RpcClient::BorrowingCall : public Cancellable, public std::enable_shared_from_this<BorrowingCall> {
 public:
  BorrowingCall(RpcClient& client, ConnectionKey key, CallRequest&& request, ReplyHandler&& handler)
      : client_(client), key_(std::move(key)), request_(std::move(request)), handler_(std::move(handler)) {}

  void lent(Result<Pool::Lease> lease) {
    std::unique_lock lock(mutex_);
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
          if (!reply) lease.failed(reply.error());
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
  std::mutex mutex_;
  CallRequest request_;
  ReplyHandler handler_;  // while it waits
  CallToken sent_;
};

void RpcClient::call_borrowing(const ConnectionKey& key, CallRequest&& request, ReplyHandler&& handler, CallToken* token) {
  const TimePoint now = lanes_.front()->now();
  const std::chrono::milliseconds patience(borrow_timeout_.load(std::memory_order_relaxed));
  const TimePoint give_up = patience.count() == 0 ? now : std::min(request.deadline, now + patience);
  BorrowRequest borrowing;
  borrowing.thread = request.thread;
  borrowing.now = now;
  borrowing.deadline = give_up;
  borrowing.internal = request.internal;
  borrowing.where = request.method;
  if (request.scope && !request.internal) borrowing.scope = *request.scope;
  request.scope = nullptr;
  auto call = std::make_shared<BorrowingCall>(*this, key, std::move(request), std::move(handler));
  if (token) *token = CallToken(call, 0);
  pool_.borrow(key, borrowing,
               [call](Result<Pool::Lease> lease) { call->lent(std::move(lease)); });
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
  counters_->calls_failed.fetch_add(1, std::memory_order_relaxed);
  if (error.server().empty()) error = std::move(error).with_server(key.address().to_string());
  lane().post([handler = std::move(handler), error = std::move(error)]() mutable { handler(std::move(error)); });
}

namespace {

/// Answers of all connections that are to be warm.
struct Warming {
  std::atomic<std::size_t> missing{0};
  std::atomic<bool> told{false};
  core::UniqueFunction<void(Result<void>)> handler;

  void answered(Result<void> result) {
    const bool last = missing.fetch_sub(1) == 1;
    if ((last || !result) && !told.exchange(true)) handler(std::move(result));
  }
};

}  // namespace

void RpcClient::warm_up(const ConnectionKey& key, const ThreadToken& thread, TimePoint deadline,
                        core::UniqueFunction<void(Result<void>)> handler) {
  pool_.warm_up(key, [this, key, thread, deadline, handler = std::move(handler)](Result<void> opened) mutable {
    if (!opened) return handler(std::move(opened));
    auto connections = pool_.resources(key);
    if (!connections.empty()) return ask_all(connections, deadline, std::move(handler));
    BorrowRequest request;
    request.thread = thread;
    request.deadline = deadline;
    pool_.borrow(key, request, [deadline, handler = std::move(handler)](Result<Pool::Lease> lease) mutable {
      if (!lease) return handler(lease.error());
      const auto connection = lease->resource();
      ask_all({connection}, deadline, [lease = std::move(*lease), handler = std::move(handler)](Result<void> answer) mutable {
        if (!answer) lease.failed(answer.error());
        lease.release();
        handler(std::move(answer));
      });
    });
  });
}

void RpcClient::ask_all(const std::vector<std::shared_ptr<Connection>>& connections, TimePoint deadline,
                        core::UniqueFunction<void(Result<void>)> handler) {
  auto warming = std::make_shared<Warming>();
  warming->missing = connections.size();
  warming->handler = std::move(handler);
  for (const auto& connection : connections) {
    ConnectionConnector::ask(*connection, deadline, [warming, connection](Result<void> answer) { warming->answered(std::move(answer)); });
  }
}

Result<void> RpcClient::reconfigure_pools(const core::ClientSettings& settings) {
  if (auto set = pool_.set_options(pool_options(settings)); !set) return set;
  borrow_timeout_.store(settings.borrow_timeout.count(), std::memory_order_relaxed);
  return {};
}

void RpcClient::set_metrics_sink(std::shared_ptr<MetricsSink> sink) { connector_->set_metrics_sink(std::move(sink)); }

Lane& RpcClient::lane() noexcept { return connector_->lane(); }

void RpcClient::close(const Error& reason) {
  if (closed_.exchange(true)) return;
  for (auto& connection : pool_.close(reason)) connection->fail(reason);
  connector_->fail_all(reason);
}

void RpcClient::add_statistics(ConnectionStatistics& out) const {
  const PoolOptions options = pool_.options();
  const PoolType type = options.type;
  for (auto& entry : pool_.statistics()) {
    PoolEntryStatistics item;
    item.address = entry.key.address().to_string();
    item.user = entry.key.user().effective;
    item.service = service_name(entry.key.service());
    item.type = to_string(type);
    item.size_max = options.size;
    item.in_use = type == PoolType::reusable ? entry.counts.in_use : 0;
    item.waiting = entry.counts.waiting;
    item.created = entry.counts.created;
    item.closed = entry.counts.closed();
    for (auto& connection : entry.resources) {
      const std::size_t calls = connection->calls_in_flight();
      item.calls_in_flight += calls;
      // The pool finds out about a dead one only when it is asked for a connection; its socket is gone before that.
      if (calls != 0 || connection->usable()) ++item.open;
      if (type != PoolType::reusable && calls != 0) ++item.in_use;
    }
    item.idle = item.open - std::min(item.open, item.in_use);
    item.closed_by = entry.counts.closed_by;
    item.borrowed = type == PoolType::reusable ? entry.counts.borrowed : 0;
    item.given_up = entry.counts.given_up;
    item.waits = entry.counts.waits;
    out.calls_in_flight += item.calls_in_flight;
    out.pools.push_back(std::move(item));
  }
  const auto read = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  out.calls += read(counters_->calls);
  out.calls_failed += read(counters_->calls_failed);
  out.timed_out += read(counters_->timed_out);
  out.late_replies += read(counters_->late_replies);
  out.sockets_opened += read(counters_->sockets_opened);
  out.bytes_sent += read(counters_->bytes_sent);
  out.bytes_received += read(counters_->bytes_received);
  out.writes += read(counters_->writes);
  out.failed_servers = failed_->list(lanes_.front()->now());
}

}  // namespace hbmux::rpc
