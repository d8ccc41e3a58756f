// Ends what a call has begun in HBase when its client is gone or its deadline has passed.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <memory>
#include <mutex>
#include <utility>

namespace hbmux::gateway {

/// One operation at a time. begin() and cancel() may meet in different threads; an operation may end, and its call with this object, before
/// begin() has returned.
class CancelScope {
 public:
  /// Begins an operation by `begin(token)`, whose handler is `then`; false when all is cancelled: then nothing is begun.
  template <class Begin, class Then>
  bool begin(Begin begin, Then then) {
    const std::shared_ptr<State> state = state_;
    const std::lock_guard lock(state->mutex);
    if (state->cancelled) return false;
    begin(boost::asio::bind_cancellation_slot(state->signal.slot(), std::move(then)));
    return true;
  }

  void cancel() {
    const std::shared_ptr<State> state = state_;
    const std::lock_guard lock(state->mutex);
    state->cancelled = true;
    state->signal.emit(boost::asio::cancellation_type::terminal);
  }

 private:
  struct State {
    std::recursive_mutex mutex;  // a handler that runs within emit() may ask for more
    bool cancelled = false;
    boost::asio::cancellation_signal signal;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace hbmux::gateway
