// Coroutines of the Admin's operations: rare, made of many steps, and not worth an executor of their own.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace hbmux::client {

/// A part of an operation that is itself a coroutine: it starts when it is awaited, on the awaiting one's thread, and
/// is awaited once. With g++ 12, name what is passed to it (lambdas with captures above all) before the co_await
/// expression.
template <class T>
class [[nodiscard]] AdminTask {
 public:
  class promise_type {
   public:
    AdminTask get_return_object() { return AdminTask(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Return {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
          return self.promise().awaiting_;
        }
        void await_resume() noexcept {}
      };
      return Return();
    }
    template <class U>
    void return_value(U&& value) {
      value_.emplace(std::forward<U>(value));
    }
    void unhandled_exception() noexcept { std::terminate(); }  // nothing here throws, but for want of memory

   private:
    friend class AdminTask;
    std::optional<T> value_;
    std::coroutine_handle<> awaiting_;
  };

  AdminTask(AdminTask&& other) noexcept : self_(std::exchange(other.self_, nullptr)) {}
  AdminTask& operator=(AdminTask&&) = delete;
  ~AdminTask() {
    if (self_) self_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    self_.promise().awaiting_ = awaiting;
    return self_;
  }
  T await_resume() { return std::move(*self_.promise().value_); }

 private:
  explicit AdminTask(std::coroutine_handle<promise_type> self) : self_(self) {}
  std::coroutine_handle<promise_type> self_;
};

/// The outermost coroutine of an operation: runs by itself and frees itself at its end.
struct AdminRoot {
  struct promise_type {
    AdminRoot get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

}  // namespace hbmux::client
