// Calls to servers: finds or opens a connection in the PoolMap, and carries one attempt.
#pragma once

#include "core/client_settings.h"
#include "core/failed_servers.h"
#include "core/unique_function.h"
#include "rpc/call_table.h"
#include "rpc/connection_key.h"
#include "rpc/lane.h"

#include <hbmux/error.h>
#include <hbmux/metrics_sink.h>
#include <hbmux/pool_map.h>
#include <hbmux/pool_statistics.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hbmux::rpc {

class Connection;
class ConnectionConnector;

/// One attempt of one call.
struct CallRequest {
  std::string_view method;        ///< "Get"; must be a literal.
  std::string param;              ///< The serialized request message.
  std::string cells;              ///< Its cells in KeyValueCodec's form, not compressed; empty for none.
  std::uint32_t priority = 0;     ///< HConstants: 0 normal, 100 admin, 200 high.
  TimePoint deadline;
  TimePoint made{};               ///< About now; saves a look at the clock. Unset: the connection looks.
  bool internal = false;          ///< Others' calls depend on it (hbase:meta, registry): the bounds of pools are not for it.
  std::shared_ptr<const std::string> header_attributes = nullptr;  ///< wire::encode_attributes; null for none.
  ThreadToken thread;             ///< The thread that began the operation (for PoolType::per_thread).
  const RequestScope::Ref* scope = nullptr;  ///< Looked at within RpcClient::call() only; null for none.
};

/// What the server answered. The views are valid while the handler runs; when `owner` is set, for as long as it is kept.
struct CallReply {
  std::string_view message;
  std::string_view cells;
  std::shared_ptr<const void> owner;
};

using ReplyHandler = core::UniqueFunction<void(Result<CallReply>)>;

/// What carries calls and can end one of them early.
class Cancellable {
 public:
  virtual ~Cancellable() = default;
  virtual void cancel(std::uint32_t id) = 0;
};

/// A call under way, for cancelling it. Empty when it ended before submit returned.
class CallToken {
 public:
  CallToken() = default;
  CallToken(std::weak_ptr<Cancellable> carrier, std::uint32_t id) : carrier_(std::move(carrier)), id_(id) {}
  /// Any thread. The handler receives Errc::cancelled, on the lane, unless the call has ended already.
  void cancel() const {
    if (auto carrier = carrier_.lock()) carrier->cancel(id_);
  }

 private:
  std::weak_ptr<Cancellable> carrier_;
  std::uint32_t id_ = 0;
};

/// Counters of a ClusterConnection; written with relaxed atomics.
struct RpcCounters {
  std::atomic<std::uint64_t> calls{0}, calls_failed{0}, timed_out{0}, late_replies{0}, sockets_opened{0}, bytes_sent{0},
      bytes_received{0}, writes{0};
};

/// All members may be called from any thread.
class RpcClient {
 public:
  /// `settings` and `lanes` outlive it. `cluster_settings` are read once.
  RpcClient(const core::ClientSettings& settings, std::vector<std::shared_ptr<Lane>> lanes,
            CallIdPolicy call_ids = CallIdPolicy::rising);
  ~RpcClient();

  /// Sends one call. `handler` runs exactly once, on a lane, never within this call: with the reply, or with an Error whose server() is set:
  /// Errc::failed_server without an attempt, cannot_resolve / cannot_connect, connection_lost, timed_out at request.deadline, overloaded,
  /// closed, or what the server's exception means (core/exception_class.h).
  void call(const ConnectionKey& key, CallRequest&& request, ReplyHandler&& handler) {
    call(key, std::move(request), std::move(handler), nullptr);
  }
  /// As above; `token` (may be null) receives what cancels it, before the handler can run.
  void call(const ConnectionKey& key, CallRequest&& request, ReplyHandler&& handler, CallToken* token);

  /// Has the pool's minimum, or one connection where that is 0, answer before `deadline`. `handler` runs once, on a lane or within this call; with the
  /// first that went wrong.
  void warm_up(const ConnectionKey& key, const ThreadToken& thread, TimePoint deadline,
               core::UniqueFunction<void(Result<void>)> handler);
  /// Takes the pools' properties from `settings`; Errc::invalid_argument when their type differs.
  Result<void> reconfigure_pools(const core::ClientSettings& settings);
  void set_metrics_sink(std::shared_ptr<MetricsSink> sink);

  /// Ends everything with `reason`; later calls fail with it too.
  void close(const Error& reason);
  /// A lane for work that belongs to no connection (timers of retries).
  Lane& lane() noexcept;
  const std::vector<std::shared_ptr<Lane>>& lanes() const noexcept { return lanes_; }
  const core::ClientSettings& settings() const noexcept { return settings_; }
  const RpcCounters& counters() const noexcept { return *counters_; }
  /// Fills the parts that this class knows.
  void add_statistics(ConnectionStatistics& statistics) const;

 private:
  using Pool = PoolMap<ConnectionKey, Connection>;
  class BorrowingCall;
  void call_borrowing(const ConnectionKey& key, CallRequest&& request, ReplyHandler&& handler, CallToken* token);
  static void ask_all(const std::vector<std::shared_ptr<Connection>>& connections, TimePoint deadline,
                      core::UniqueFunction<void(Result<void>)> handler);
  Result<std::shared_ptr<void>> take_place(const ServerAddress& address);
  void refuse(ReplyHandler&& handler, Error error, const ConnectionKey& key);

  const core::ClientSettings& settings_;
  std::vector<std::shared_ptr<Lane>> lanes_;
  const std::shared_ptr<core::FailedServers> failed_;
  const std::shared_ptr<RpcCounters> counters_ = std::make_shared<RpcCounters>();
  std::atomic<bool> closed_{false};
  std::atomic<std::chrono::milliseconds::rep> borrow_timeout_;  // in ms; may be changed while it runs, as what is the pool's own
  std::mutex places_mutex_;
  std::unordered_map<ServerAddress, std::shared_ptr<std::atomic<int>>> places_;
  const std::shared_ptr<ConnectionConnector> connector_;
  Pool pool_;
};

}  // namespace hbmux::rpc
