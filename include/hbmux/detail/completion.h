// How a completion token becomes something that a plain function in a .cc file can finish.
#pragma once

#include <hbmux/detail/unique_function.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace hbmux::detail {

/// Where a cancellation meets its operation: the caller may cancel before the operation has begun, while it runs, or after it
/// ended, from any thread; the operation's function runs at most once.
class CancelPoint {
 public:
  void cancel() {
    UniqueFunction<void()> run;
    {
      std::lock_guard lock(mutex_);
      cancelled_ = true;
      run = std::move(on_cancel_);
    }
    if (run) run();
  }
  /// Called by the operation. False when it was cancelled already.
  bool arm(UniqueFunction<void()> on_cancel) {
    std::lock_guard lock(mutex_);
    if (cancelled_) return false;
    on_cancel_ = std::move(on_cancel);
    return true;
  }

 private:
  std::mutex mutex_;
  bool cancelled_ = false;
  UniqueFunction<void()> on_cancel_;
};

/// A handler with its executor, erased. Called once, from any thread but never from within the initiating function, unless it
/// `has_executor` and a WithinInitiation is alive.
template <class T>
struct Completion {
  UniqueFunction<void(T)> finish;
  std::shared_ptr<CancelPoint> cancel;  ///< Null when nobody can cancel.
  bool has_executor = false;            ///< The handler runs on an executor of the user's.
};

/// While it is alive, a handler that its own thread finishes is posted to the handler's executor, not dispatched: what is at hand when
/// it is asked for needs no way over a lane.
class WithinInitiation {
 public:
  WithinInitiation() noexcept { active = true; }
  ~WithinInitiation() { active = false; }
  WithinInitiation(const WithinInitiation&) = delete;
  WithinInitiation& operator=(const WithinInitiation&) = delete;
  static bool is_active() noexcept { return active; }

 private:
  static inline thread_local bool active = false;
};

template <class Handler, class T>
class BoundHandler {
 public:
  using Executor = boost::asio::associated_executor_t<Handler>;
  explicit BoundHandler(Handler handler)
      : handler_(std::move(handler)),
        work_(boost::asio::prefer(boost::asio::get_associated_executor(handler_),
                                  boost::asio::execution::outstanding_work.tracked)) {}

  void operator()(T result) {
    if constexpr (std::is_same_v<Executor, boost::asio::system_executor>) {
      // No executor was asked for: it runs here, on the connection's own lane.
      std::move(handler_)(std::move(result));
    } else {
      auto work = std::move(work_);
      auto run = [handler = std::move(handler_), result = std::move(result)]() mutable {
        std::move(handler)(std::move(result));
      };
      if (WithinInitiation::is_active()) {
        boost::asio::post(work, std::move(run));
      } else {
        boost::asio::dispatch(work, std::move(run));
      }
    }
  }

 private:
  using Work = std::decay_t<decltype(boost::asio::prefer(std::declval<Executor>(),
                                                         boost::asio::execution::outstanding_work.tracked))>;
  Handler handler_;
  Work work_;
};

template <class T, class Handler>
Completion<T> make_completion(Handler handler) {
  Completion<T> completion;
  auto slot = boost::asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    completion.cancel = std::make_shared<CancelPoint>();
    slot.assign([point = completion.cancel](boost::asio::cancellation_type) { point->cancel(); });
  }
  completion.has_executor = !std::is_same_v<typename BoundHandler<Handler, T>::Executor, boost::asio::system_executor>;
  completion.finish = BoundHandler<Handler, T>(std::move(handler));
  return completion;
}

/// Starts an operation under a completion token: `start(completion)` is called with the erased handler, once the token says so.
template <class T, class Token, class Start>
auto initiate(Start start, Token&& token) {
  return boost::asio::async_initiate<Token, void(T)>(
      [](auto handler, Start begin) { std::move(begin)(make_completion<T>(std::move(handler))); }, token,
      std::move(start));
}

}  // namespace hbmux::detail
