// Get and exists: from the primary replica, from a certain one, or from whichever answers first.
#include "client/action_traits.h"
#include "client/compound_operation.h"
#include "client/region_locator.h"
#include "client/request_messages.h"
#include "client/typed_row_operation.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>

namespace hbmux::client {
namespace {

template <class T>
class GetOperation final : public TypedRowOperation<T> {
 public:
  GetOperation(TableContextPtr table, Get get, int replica, detail::Completion<Result<T>> done)
      : TypedRowOperation<T>(std::move(table), Kind::read, Repeat::always, std::move(done), replica), get_(std::move(get)) {}

 private:
  static constexpr bool kExistenceOnly = std::is_same_v<T, bool>;

  std::string_view verb() const noexcept override { return kExistenceOnly ? "exists" : "get"; }
  std::string_view row() const noexcept override { return get_.row(); }
  std::string problem() const override { return get_.problem().empty() ? replica_problem(get_) : get_.problem(); }
  int priority() const noexcept override { return get_.options().priority; }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    request.method = "Get";
    request.param.reserve(region_name.size() + get_.row().size() + 64);
    append_region(request.param, region_name);
    append_get(request.param, get_, kExistenceOnly);
  }

  Result<T> read(const rpc::CallReply& reply) override {
    if constexpr (!kExistenceOnly) {
      if (const auto shape = read_row_shape(reply.message)) return ReplyRows(reply).next(*shape);
    }
    return with_message<pb::GetResponse>(reply, [&](const pb::GetResponse& message) -> Result<T> {
      if constexpr (kExistenceOnly) {
        return message.result().exists();
      } else {
        return ReplyRows(reply).next(message.result());
      }
    });
  }

  const Get get_;
};

/// Consistency::timeline (AsyncConnection's timelineConsistentRead): the primary replica first, and all others when it is late or has failed.
/// The first answer counts; an error is told when nobody is left who could answer, and it is the primary's.
template <class T>
class TimelineGet final : public CompoundOperation<T> {
 public:
  TimelineGet(TableContextPtr table, Get get, std::chrono::microseconds primary_timeout, detail::Completion<Result<T>> done)
      : CompoundOperation<T>(std::move(table), std::move(done)), get_(std::move(get)), primary_timeout_(primary_timeout) {}

  void start() {
    if (!this->begin()) return;
    auto& connection = this->connection();
    ask(0);
    connection.rpc().lane().call_at(connection.now() + primary_timeout_,
                                    [self = this->shared_from_this(), this] { ask_others(); });
  }

 private:
  std::string describe() const override { return {}; }  // its parts say it

  void ask(int replica) {
    detail::Completion<Result<T>> done;
    done.cancel = this->part();
    done.finish = [self = this->shared_from_this(), this, replica](Result<T> result) { answered(replica, std::move(result)); };
    start_operation<GetOperation<T>>(this->table(), get_, replica, std::move(done));
  }
  void ask_others() {
    if (this->is_over() || others_asked_.exchange(true)) return;
    if (const auto known = RegionLocator::find(*this->table()->locations, get_.row())) {
      missing_ += known->secondaries.size();
      for (const RegionLocation& secondary : known->secondaries) ask(secondary.region->replica_id());
    }
    one_less();  // which this function held
  }
  void answered(int replica, Result<T> result) {
    if (result) return this->end(std::move(result));
    {
      std::lock_guard lock(mutex_);
      if (replica == 0 || !error_) error_ = result.error();
    }
    if (replica == 0) ask_others();
    one_less();
  }
  void one_less() {
    if (missing_.fetch_sub(1) == 1) this->end(Error(*error_));  // nobody writes it any more
  }

  const Get get_;
  const std::chrono::microseconds primary_timeout_;
  std::atomic<bool> others_asked_{false};
  std::atomic<std::size_t> missing_{2};  // the primary's answer, and the decision about the others
  std::mutex mutex_;
  std::optional<Error> error_;
};

template <class T>
void start(TableContextPtr table, Get get, std::chrono::microseconds primary_timeout, detail::Completion<Result<T>> done) {
  const int replica = get.has_options() ? std::max(0, get.options().replica_id) : 0;
  if (replica == 0 && may_read_others(get)) {
    return std::make_shared<TimelineGet<T>>(std::move(table), std::move(get), primary_timeout, std::move(done))->start();
  }
  start_operation<GetOperation<T>>(std::move(table), std::move(get), replica, std::move(done));
}

}  // namespace

void start_get(TableContextPtr table, Get get, detail::Completion<Result<Row>> done) {
  const auto primary_timeout = table->connection->settings().primary_get_timeout;
  start(std::move(table), std::move(get), primary_timeout, std::move(done));
}

void start_get_of_batch(TableContextPtr table, Get get, detail::Completion<Result<Row>> done) {
  const auto primary_timeout = table->connection->settings().primary_multiget_timeout;
  start(std::move(table), std::move(get), primary_timeout, std::move(done));
}

void start_exists(TableContextPtr table, Get get, detail::Completion<Result<bool>> done) {
  const auto primary_timeout = table->connection->settings().primary_get_timeout;
  start(std::move(table), std::move(get), primary_timeout, std::move(done));
}

}  // namespace hbmux::client
