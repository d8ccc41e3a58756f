// Asks a list of servers, some at once, and keeps the list fresh.
#pragma once

#include "core/registry_endpoints.h"
#include "rpc/registry.h"
#include "rpc/rpc_client.h"

#include <hbmux/user.h>

#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux::rpc {

/// The call whose answer is the new list of servers.
struct RefreshCall {
  std::string_view method;  ///< A literal.
  Result<std::vector<ServerAddress>> (*read)(std::string_view message);
};

/// The engine of an EndpointRegistry, which owns it; calls under way and its timer hold it too, so that it may end
/// after the registry. Any thread; the RpcClient is not touched once close() has returned.
class EndpointInquirer : public std::enable_shared_from_this<EndpointInquirer> {
 public:
  template <class T>
  using Read = Result<T> (*)(std::string_view message);

  EndpointInquirer(RpcClient& client, User user, const core::RegistrySettings& settings, RefreshCall refresh);
  /// Begins to refresh the list now and then.
  void start();
  void close(const Error& reason);

  /// Asks `method` (a literal), which takes no parameters, until `read` has made something of an answer. `what` says
  /// for the error what was to be found out.
  template <class T>
  void ask(std::string_view method, std::string_view what, TimePoint deadline, Read<T> read,
           Registry::Handler<T> handler) {
    begin(std::make_shared<TypedInquiry<T>>(method, what, deadline, read, std::move(handler)));
  }

 private:
  /// One question. Guarded by the inquirer's mutex until it is done.
  struct Inquiry {
    Inquiry(std::string_view m, std::string_view w, TimePoint d) : method(m), what(w), deadline(d) {}
    virtual ~Inquiry() = default;
    /// Takes an answer in, or says why it does not help.
    virtual std::optional<Error> take(std::string_view message) = 0;
    /// Runs the handler with what was taken in, or with `error`. Without the mutex.
    virtual void finish(std::optional<Error> error) = 0;

    const std::string_view method, what;
    const TimePoint deadline;
    core::HedgedCall call{{}, 1};
  };
  using InquiryPtr = std::shared_ptr<Inquiry>;

  template <class T>
  struct TypedInquiry final : Inquiry {
    TypedInquiry(std::string_view m, std::string_view w, TimePoint d, Read<T> r, Registry::Handler<T> h)
        : Inquiry(m, w, d), read(r), handler(std::move(h)) {}
    std::optional<Error> take(std::string_view message) override {
      auto result = read(message);
      if (!result) return result.error();
      answer.emplace(std::move(*result));
      return std::nullopt;
    }
    void finish(std::optional<Error> error) override {
      if (error) {
        handler(std::move(*error));
      } else {
        handler(std::move(*answer));
      }
    }
    const Read<T> read;
    Registry::Handler<T> handler;
    std::optional<T> answer;
  };

  void begin(InquiryPtr inquiry);
  void ask_next_group(const InquiryPtr& inquiry);
  void replied(const InquiryPtr& inquiry, const ServerAddress& endpoint, Result<CallReply> reply);
  void finish_later(const InquiryPtr& inquiry, Error error);
  std::vector<ServerAddress> order_of_asking();
  TimePoint call_deadline(TimePoint deadline) const;
  TimePoint now() const { return lane_->now(); }

  void watch_refresh();
  void refresh_due(TimePoint at);
  void refreshed(Result<std::vector<ServerAddress>> endpoints);

  RpcClient& client_;
  const std::shared_ptr<Lane> lane_;
  const User user_;
  const std::vector<ServerAddress> configured_;
  const std::size_t fan_out_;
  const std::chrono::milliseconds rpc_timeout_;
  const RefreshCall refresh_;

  std::mutex mutex_;
  std::vector<ServerAddress> endpoints_;
  core::RefreshSchedule schedule_;
  TimePoint armed_at_ = TimePoint::max();
  std::minstd_rand random_;
  std::optional<Error> closed_;
};

}  // namespace hbmux::rpc
