// The time that a request takes: what it borrows once, it keeps until the end.
#pragma once

#include <hbmux/detail/scope_state.h>

#include <memory>
#include <source_location>
#include <utility>

namespace hbmux {

/// With pools that lend (PoolType::reusable), a request that makes many calls borrows a connection for each of them, and waits in line each
/// time. Within a scope the first call to a server borrows, the others of the scope use the same connection, and it goes back when the scope
/// ends: by return, exception or cancellation, whatever destroys the RequestScope.
///
///     RequestScope scope;
///     Table accounts = connection.table("accounts").in(scope), log = connection.table("log").in(scope);
///     auto from = co_await accounts.async_get(Get("a"));     // borrows
///     co_await log.async_put(std::move(entry));              // the same connection, if it is the same server
///
/// Nothing is bound to the thread or the coroutine: whoever has the handle is in the scope, wherever it runs. So a scope may be used from any
/// threads. Calls of one scope that are made at the same time share its connection; others never see it meanwhile.
///
/// What is still under way when the scope ends keeps its connection until it is finished; what was left unfinished (cancelled, timed out) has it
/// discarded. Handles that outlive their scope still work: each call then borrows for itself. So a Scanner may outlive its scope.
///
/// Two scopes may each hold what the other wants. Both then wait until hbmux.pool.reusable.borrow.timeout ends it, and the error says so: Errc::timed_out.
/// PoolOptions::leak_after (hbmux.pool.leak.time) tells of scopes that stay open, and where they were opened.
///
/// RoundRobin and ThreadLocal lend nothing: there a scope costs its one allocation, and holds nothing.
class RequestScope {
 public:
  /// What Tables and requests carry. A value; does not keep the scope open. Empty: no scope.
  class Ref {
   public:
    Ref() = default;
    explicit Ref(std::shared_ptr<detail::ScopeState> state) : state_(std::move(state)) {}
    explicit operator bool() const noexcept { return state_ != nullptr; }
    const std::shared_ptr<detail::ScopeState>& state() const noexcept { return state_; }

   private:
    std::shared_ptr<detail::ScopeState> state_;
  };

  explicit RequestScope(std::source_location opened = std::source_location::current())
      : state_(std::make_shared<detail::ScopeState>(opened)), is_outermost_(true) {}
  /// Within `outer`, whose connections it uses, and which alone gives them back; a scope of its own when `outer` is empty or has ended. So a
  /// function may open one without knowing whether its caller has: `RequestScope scope(table.scope());`
  explicit RequestScope(const Ref& outer, std::source_location opened = std::source_location::current())
      : is_outermost_(!outer || outer.state()->has_ended()) {
    state_ = is_outermost_ ? std::make_shared<detail::ScopeState>(opened) : outer.state();
  }
  RequestScope(RequestScope&& other) noexcept
      : state_(std::move(other.state_)), is_outermost_(std::exchange(other.is_outermost_, false)) {}
  RequestScope& operator=(RequestScope&& other) noexcept {
    if (this != &other) {
      end();
      state_ = std::move(other.state_);
      is_outermost_ = std::exchange(other.is_outermost_, false);
    }
    return *this;
  }
  ~RequestScope() { end(); }

  /// Ends it early. Any thread, once; a nested one ends without consequences.
  void end() noexcept {
    if (std::exchange(is_outermost_, false)) state_->end();
  }

  Ref ref() const noexcept { return Ref(state_); }
  operator Ref() const noexcept { return ref(); }  // NOLINT: a scope is given where a reference to it is wanted

 private:
  std::shared_ptr<detail::ScopeState> state_;
  bool is_outermost_ = false;
};

}  // namespace hbmux
