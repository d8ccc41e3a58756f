#include "client/admin_operation.h"

#include "client/region_locator.h"
#include "rpc/connection_key.h"
#include "rpc/rpc_client.h"

#include <algorithm>
#include <utility>

namespace hbmux::client {
namespace {

core::RetryPolicy policy_of(const core::ClientSettings& settings) {
  return {settings.pause, settings.pause_overloaded, settings.retries, settings.operation_timeout,
          settings.rpc_timeout};
}

}  // namespace

AdminOperation::AdminOperation(std::shared_ptr<const AdminContext> context)
    : context_(std::move(context)),
      lane_(connection().rpc().lanes().front()),
      policy_(policy_of(connection().settings())),
      deadline_(core::RetryState(policy_, lane_->now()).deadline()) {}

core::RetryState AdminOperation::new_retry() const { return core::RetryState(policy_, now(), deadline_); }

void AdminOperation::cancel() {
  rpc::Task run;
  {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    run = std::move(on_cancel_);
    on_cancel_ = nullptr;
  }
  if (run) run();
}

bool AdminOperation::arm(rpc::Task on_cancel) {
  std::lock_guard lock(mutex_);
  if (cancelled_) return false;
  on_cancel_ = std::move(on_cancel);
  return true;
}

void AdminOperation::disarm() {
  std::lock_guard lock(mutex_);
  on_cancel_ = nullptr;
}

AdminTask<Result<void>> AdminOperation::pause(std::chrono::nanoseconds duration) {
  AdminWait<void>::Start start = [this, duration](AdminWait<void>::Finish finish) {
    const auto until = std::min(deadline_, now() + std::chrono::duration_cast<rpc::Clock::duration>(duration));
    lane_->call_at(until, [finish = std::move(finish)]() mutable { finish({}); });
  };
  auto waited = co_await AdminWait<void>(*this, std::move(start));
  if (!waited) co_return waited.error();
  if (auto closed = connection().closed_error()) co_return std::move(*closed);
  co_return Result<void>();
}

AdminTask<Result<void>> AdminOperation::before_retry(core::RetryState& retry, Error error) {
  auto decision = retry.failed(std::move(error), now(), connection().random());
  if (!decision.retry) co_return std::move(decision.error);
  connection().count_retry();
  co_return co_await pause(decision.pause);
}

AdminTask<AdminOperation::Bytes> AdminOperation::call(ServerAddress server, rpc::Service service,
                                                      std::string_view method, std::string param,
                                                      std::uint32_t priority, rpc::TimePoint deadline) {
  AdminWait<std::string>::Start start = [&](AdminWait<std::string>::Finish finish) {
    rpc::CallRequest request;
    request.method = method;
    request.param = std::move(param);
    request.priority = priority;
    request.deadline = deadline;
    request.thread = connection().thread_token();
    connection().rpc().call(rpc::ConnectionKey(std::move(server), *context_->user, service), std::move(request),
                            [finish = std::move(finish)](Result<rpc::CallReply> reply) mutable {
                              if (reply) {
                                finish(std::string(reply->message));
                              } else {
                                finish(reply.error());
                              }
                            });
  };
  auto reply = co_await AdminWait<std::string>(*this, std::move(start));
  co_return std::move(reply);
}

AdminTask<Result<ServerName>> AdminOperation::find_master(rpc::TimePoint deadline) {
  if (auto known = context_->master.get()) co_return std::move(*known);
  AdminWait<ServerName>::Start start = [this, deadline](AdminWait<ServerName>::Finish finish) {
    connection().registry().async_active_master(deadline, std::move(finish));
  };
  auto found = co_await AdminWait<ServerName>(*this, std::move(start));
  if (found) context_->master.set(*found);
  co_return std::move(found);
}

AdminTask<AdminOperation::Bytes> AdminOperation::call_master(std::string_view method, std::string param,
                                                             std::uint32_t priority) {
  auto retry = new_retry();
  for (;;) {
    if (auto closed = connection().closed_error()) co_return std::move(*closed);
    if (retry.expired(now())) co_return retry.timed_out().with_context(method);
    const auto until = retry.attempt_deadline(now());
    auto master = co_await find_master(until);
    Bytes reply = master ? Bytes(std::string()) : Bytes(master.error());
    if (master) {
      reply = co_await call(master->address, rpc::Service::master, method, param, priority, until);
      if (reply) co_return std::move(reply);
      // What drops a region's location is what makes a server doubtful, and a master is one.
      const auto reaction = core::react(reply.error());
      if (reaction.ask_for_master || reaction.drop_location) context_->master.forget(*master);
    }
    auto go_on = co_await before_retry(retry, reply.error());
    if (!go_on) co_return Error(go_on.error()).with_context(method);
  }
}

AdminTask<Result<MetaPage>> AdminOperation::read_meta_rows(MetaQuery query) {
  auto retry = new_retry();
  for (;;) {
    if (auto closed = connection().closed_error()) co_return std::move(*closed);
    if (retry.expired(now())) co_return retry.timed_out();
    AdminWait<MetaPage>::Start start = [this, &query,
                                        until = retry.attempt_deadline(now())](AdminWait<MetaPage>::Finish finish) {
      read_meta(context_->connection, query, until, std::move(finish));
    };
    auto page = co_await AdminWait<MetaPage>(*this, std::move(start));
    if (page) co_return std::move(page);
    auto go_on = co_await before_retry(retry, page.error());
    if (!go_on) co_return go_on.error();
  }
}

AdminTask<Result<std::optional<core::TableStateCode>>> AdminOperation::table_state(TableName table) {
  using State = std::optional<core::TableStateCode>;
  if (table == TableName::meta()) co_return State(core::TableStateCode::enabled);
  MetaQuery query;
  query.start_row = query.stop_row = table.to_string();
  query.include_stop_row = true;
  query.family = core::kMetaTableFamily;
  auto page = co_await read_meta_rows(std::move(query));
  if (!page) co_return page.error();
  if (page->rows.empty()) co_return State();
  co_return core::parse_table_state(page->rows.front());
}

AdminTask<Result<std::vector<RegionLocation>>> AdminOperation::regions(TableName table) {
  using Regions = std::vector<RegionLocation>;
  if (auto closed = connection().closed_error()) co_return std::move(*closed);
  AdminWait<Regions>::Start start = [this, &table](AdminWait<Regions>::Finish finish) {
    auto& locator = connection().locator();
    locator.all_regions(locator.table(table), WhichReplicas::primary, deadline_, std::move(finish));
  };
  auto found = co_await AdminWait<Regions>(*this, std::move(start));
  co_return std::move(found);
}

}  // namespace hbmux::client
