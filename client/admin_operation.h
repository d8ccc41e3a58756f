// One operation of an Admin while it runs: its deadline, its cancellation, and the steps that operations are made of.
#pragma once

#include "client/admin_context.h"
#include "client/admin_task.h"
#include "client/meta_reader.h"
#include "core/meta_rows.h"
#include "core/parse_message.h"
#include "core/retry.h"
#include "core/unique_function.h"
#include "rpc/lane.h"

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/region_info.h>
#include <hbmux/table_name.h>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::client {

template <class T>
class AdminWait;

/// Held by the coroutine that runs it, and by what it waits for. Its steps run one after another, on the connection's
/// lanes; only cancel() comes from other threads.
class AdminOperation : public std::enable_shared_from_this<AdminOperation> {
 public:
  explicit AdminOperation(std::shared_ptr<const AdminContext> context);

  ConnectionState& connection() const noexcept { return *context_->connection; }
  const AdminContext& context() const noexcept { return *context_; }
  rpc::TimePoint now() const noexcept { return lane_->now(); }
  /// Of the whole operation, from hbase.client.operation.timeout.
  rpc::TimePoint deadline() const noexcept { return deadline_; }

  /// Runs `body(*this)` on a lane, later, and completes `done` with what it returns.
  template <class T, class Body>
  void run(Body body, detail::Completion<Result<T>> done);
  /// What the operation waits for now ends with Errc::cancelled; it begins nothing else.
  void cancel();

  // --- Steps. Each ends by deadline().

  /// Calls a method of the active master, with HBase's retries: the master is looked up again when it does not answer
  /// or says that it is not the one. `method` is a literal.
  template <class Response, class Request>
  AdminTask<Result<Response>> ask_master(std::string_view method, Request request, std::uint32_t priority = 0);
  /// Calls a method of one of a region server's services, once.
  template <class Response, class Request>
  AdminTask<Result<Response>> ask_server(ServerAddress server, rpc::Service service, std::string_view method, Request request);
  /// Notes a failed attempt, and pauses before the next one; or tells the error with which it all ends.
  AdminTask<Result<void>> before_retry(core::RetryState& retry, Error error);
  AdminTask<Result<void>> pause(std::chrono::nanoseconds duration);
  core::RetryState new_retry() const;
  /// Nothing when the table does not exist.
  AdminTask<Result<std::optional<core::TableStateCode>>> table_state(TableName table);
  /// From hbase:meta, by start key; those without a server have an empty one. Errc::table_not_found when there are
  /// none.
  AdminTask<Result<std::vector<RegionLocation>>> regions(TableName table);
  /// Some rows of hbase:meta, with retries.
  AdminTask<Result<MetaPage>> read_meta_rows(MetaQuery query);

 private:
  template <class T>
  friend class AdminWait;
  using Bytes = Result<std::string>;

  template <class T, class Body>
  static AdminRoot drive(std::shared_ptr<AdminOperation> self, Body body, detail::Completion<Result<T>> done);
  AdminTask<Bytes> call_master(std::string_view method, std::string param, std::uint32_t priority);
  AdminTask<Bytes> call(ServerAddress server, rpc::Service service, std::string_view method, std::string param,
                        std::uint32_t priority, rpc::TimePoint deadline);
  AdminTask<Result<ServerName>> find_master(rpc::TimePoint deadline);
  /// False when the operation was cancelled already.
  bool arm(rpc::Task on_cancel);
  void disarm();

  const std::shared_ptr<const AdminContext> context_;
  const std::shared_ptr<rpc::Lane> lane_;
  const core::RetryPolicy policy_;
  const rpc::TimePoint deadline_;
  std::mutex mutex_;
  bool cancelled_ = false;
  rpc::Task on_cancel_;
};

/// `co_await AdminWait<T>(operation, start)`: suspends until the function that `start` receives is called, once, from
/// any thread, or until the operation is cancelled. What comes after that is dropped.
template <class T>
class AdminWait {
 public:
  using Finish = core::UniqueFunction<void(Result<T>)>;
  using Start = core::UniqueFunction<void(Finish)>;

  AdminWait(AdminOperation& operation, Start start) : operation_(operation), start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    auto shared = shared_ = std::make_shared<Shared>();
    shared->waiting = waiting;
    // From here on another thread may run the coroutine and destroy this object.
    auto start = std::move(start_);
    const bool armed = operation_.arm([shared, connection = operation_.context_->connection] {
      connection->post([shared] { shared->finish(Error(Errc::cancelled, "the operation was cancelled")); });
    });
    if (!armed) return shared->finish(Error(Errc::cancelled, "the operation was cancelled"));
    start([shared](Result<T> result) { shared->finish(std::move(result)); });
  }
  Result<T> await_resume() {
    operation_.disarm();
    return std::move(*shared_->result);
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::optional<Result<T>> result;
    std::coroutine_handle<> waiting;

    void finish(Result<T> first) {
      {
        std::lock_guard lock(mutex);
        if (result) return;
        result.emplace(std::move(first));
      }
      waiting.resume();
    }
  };
  AdminOperation& operation_;
  Start start_;
  std::shared_ptr<Shared> shared_;
};

template <class T, class Body>
void AdminOperation::run(Body body, detail::Completion<Result<T>> done) {
  if (done.cancel) {
    // Weak: the caller's cancellation signal may live for long.
    const bool armed = done.cancel->arm([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->cancel();
    });
    if (!armed) cancel();
  }
  connection().post([self = shared_from_this(), body = std::move(body), done = std::move(done)]() mutable {
    if (auto closed = self->connection().closed_error()) return done.finish(std::move(*closed));
    drive<T>(std::move(self), std::move(body), std::move(done));
  });
}

template <class T, class Body>
AdminRoot AdminOperation::drive(std::shared_ptr<AdminOperation> self, Body body, detail::Completion<Result<T>> done) {
  auto task = body(*self);
  auto result = co_await std::move(task);
  done.finish(std::move(result));
}

template <class Response, class Request>
AdminTask<Result<Response>> AdminOperation::ask_master(std::string_view method, Request request,
                                                       std::uint32_t priority) {
  auto param = request.SerializeAsString();
  auto reply = co_await call_master(method, std::move(param), priority);
  if (!reply) co_return reply.error();
  Response response;
  if (!core::parse_message(response, *reply)) {
    co_return Error(Errc::protocol_error, std::string(method) + ": the master's answer cannot be read");
  }
  co_return std::move(response);
}

template <class Response, class Request>
AdminTask<Result<Response>> AdminOperation::ask_server(ServerAddress server, rpc::Service service, std::string_view method,
                                                       Request request) {
  auto param = request.SerializeAsString();
  auto reply = co_await call(std::move(server), service, method, std::move(param), 0,
                             new_retry().attempt_deadline(now()));
  if (!reply) co_return reply.error();
  Response response;
  if (!core::parse_message(response, *reply)) {
    co_return Error(Errc::protocol_error, std::string(method) + ": the region server's answer cannot be read");
  }
  co_return std::move(response);
}

}  // namespace hbmux::client
