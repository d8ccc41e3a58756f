#include <hbmux/pool/runtime.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <time.h>

#include <thread>

namespace hbmux {
namespace {

using Clock = std::chrono::steady_clock;

class AsioRuntime : public PoolRuntime {
 public:
  explicit AsioRuntime(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  TimePoint now() const noexcept override { return Clock::now(); }
  TimePoint coarse_now() const noexcept override {
    ::timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);  // steady_clock's, at the last tick
    return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
  void post(Task task) override { boost::asio::post(executor_, std::move(task)); }
  void call_at(TimePoint at, Task task) override {
    auto timer = std::make_shared<boost::asio::steady_timer>(executor_, at);
    // A timer may be used by one thread at a time; this one is, whatever the executor.
    timer->async_wait([timer, task = std::move(task)](boost::system::error_code ec) mutable {
      if (!ec) task();
    });
  }

 private:
  const boost::asio::any_io_executor executor_;
};

/// The context outlives the runtime by the work of its thread.
class OwnThreadRuntime final : public PoolRuntime {
 public:
  OwnThreadRuntime()
      : context_(std::make_shared<boost::asio::io_context>(1)),
        work_(context_->get_executor()),
        inner_(context_->get_executor()),
        thread_([context = context_] { context->run(); }) {}
  ~OwnThreadRuntime() override {
    context_->stop();
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();  // dropped by the last of its own tasks
    } else {
      thread_.join();
    }
  }

  TimePoint now() const noexcept override { return inner_.now(); }
  TimePoint coarse_now() const noexcept override { return inner_.coarse_now(); }
  void post(Task task) override { inner_.post(std::move(task)); }
  void call_at(TimePoint at, Task task) override { inner_.call_at(at, std::move(task)); }

 private:
  const std::shared_ptr<boost::asio::io_context> context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  AsioRuntime inner_;
  std::thread thread_;
};

}  // namespace

std::shared_ptr<PoolRuntime> make_pool_runtime(boost::asio::any_io_executor executor) {
  return std::make_shared<AsioRuntime>(std::move(executor));
}

std::shared_ptr<PoolRuntime> make_pool_runtime() { return std::make_shared<OwnThreadRuntime>(); }

}  // namespace hbmux
