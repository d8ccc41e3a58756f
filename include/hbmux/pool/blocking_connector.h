// For resources that can only be opened by waiting: a library's connect(), a login.
#pragma once

#include <hbmux/pool/connector.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>

namespace hbmux {

/// A PoolConnector whose openings and probes block, on threads of its own. Derive from it, and write connect(); the rest as in PoolConnector.
///
/// As many openings are under way at once as there are threads; more wait for these, in order. Its destructor waits for the one that is under
/// way (nobody does so earlier: pools keep their connector until all openings have ended).
template <class Key, class T>
class BlockingConnector : public PoolConnector<Key, T> {
  using Base = PoolConnector<Key, T>;

 public:
  using typename Base::Opened;
  using typename Base::Probed;
  using typename Base::Resource;
  using typename Base::TimePoint;

  explicit BlockingConnector(std::size_t threads = 2) : threads_(std::make_unique<boost::asio::thread_pool>(threads)) {}
  // What ends last may be an opening, on a thread that cannot wait for itself.
  ~BlockingConnector() override {
    if (threads_->get_executor().running_in_this_thread()) {
      std::thread([threads = std::move(threads_)] { threads->join(); }).detach();
    } else {
      threads_->join();
    }
  }

  void open(const Key& key, TimePoint deadline, Opened done) final {
    boost::asio::post(*threads_, [this, key, deadline, done = std::move(done)]() mutable {
      if (deadline <= TimePoint::clock::now()) {
        done(Error(Errc::timed_out, "the time for opening had passed before a thread was free"));
      } else {
        done(connect(key, deadline));
      }
    });
  }
  void probe(const Resource& resource, Probed done) final {
    boost::asio::post(*threads_, [this, resource, done = std::move(done)]() mutable { done(answers(*resource)); });
  }

 protected:
  /// Opens one; on one of the threads, several at once. Nobody waits for it after `deadline` (max(): none): pass what is left on as a time-out.
  virtual Result<Resource> connect(const Key& key, TimePoint deadline) = 0;
  /// Whether an idle one gives a sign of life; may block, as connect().
  virtual bool answers(T& resource) { return this->is_alive(resource); }

 private:
  std::unique_ptr<boost::asio::thread_pool> threads_;
};

}  // namespace hbmux
