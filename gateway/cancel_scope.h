// Ends what a call has begun in HBase when its client is gone or its deadline has passed.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <mutex>
#include <utility>

namespace hbmux::gateway {

/// One operation at a time. begin() and cancel() may meet in different threads.
class CancelScope {
 public:
  /// Begins an operation by `begin(token)`, whose handler is `then`; false when all is cancelled: then nothing is begun.
  template <class Begin, class Then>
  bool begin(Begin begin, Then then) {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return false;
    begin(boost::asio::bind_cancellation_slot(signal_.slot(), std::move(then)));
    return true;
  }

  void cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    signal_.emit(boost::asio::cancellation_type::terminal);
  }

 private:
  std::recursive_mutex mutex_;  // a handler that runs within emit() may ask for more
  bool cancelled_ = false;
  boost::asio::cancellation_signal signal_;
};

}  // namespace hbmux::gateway
