#include "rpc/resolver.h"

#include <boost/asio/ip/address.hpp>

#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

namespace hbmux::rpc {
namespace {

using Done = core::UniqueFunction<void(Result<Endpoints>)>;

Result<Endpoints> look_up(const ServerAddress& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(address.host.c_str(), nullptr, &hints, &list);
  if (error != 0) {
    return Error(Errc::cannot_resolve, "cannot resolve host " + address.host + ": " + ::gai_strerror(error))
        .with_server(address.to_string());
  }
  Endpoints endpoints;
  for (addrinfo* item = list; item != nullptr; item = item->ai_next) {
    boost::asio::ip::tcp::endpoint endpoint;
    if (item->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), item->ai_addr, item->ai_addrlen);
    endpoint.resize(item->ai_addrlen);
    endpoint.port(address.port);
    endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(list);
  return endpoints;
}

/// A few detached threads, started when they are needed. Never destroyed: they may sit in getaddrinfo when the process ends.
class Workers {
 public:
  static Workers& get() {
    static std::atomic<Workers*> current{[] {
      ::pthread_atfork(nullptr, nullptr, [] { replace(); });  // a child has none of its parent's threads
      return new Workers;
    }()};
    the_current = &current;
    return *current.load(std::memory_order_acquire);
  }

  void add(ServerAddress address, Done done) {
    std::lock_guard lock(mutex_);
    jobs_.push_back({std::move(address), std::move(done)});
    if (idle_ < jobs_.size() && threads_ < kThreads) {
      ++threads_;
      std::thread([this] { run(); }).detach();
    }
    wake_.notify_one();
  }

 private:
  struct Job {
    ServerAddress address;
    Done done;
  };
  static constexpr std::size_t kThreads = 4;

  static void replace() {
    if (auto* current = the_current.load()) current->store(new Workers, std::memory_order_release);
  }
  static inline std::atomic<std::atomic<Workers*>*> the_current{nullptr};

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      wake_.wait(lock, [this] { return !jobs_.empty(); });
      --idle_;
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job.done(look_up(job.address));
      job = Job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::size_t idle_ = 0;
  std::size_t threads_ = 0;
};

}  // namespace

void resolve(const ServerAddress& address, Done done) {
  boost::system::error_code not_literal;
  const auto literal = boost::asio::ip::make_address(address.host, not_literal);
  if (!not_literal) return done(Endpoints{{literal, address.port}});
  Workers::get().add(address, std::move(done));
}

}  // namespace hbmux::rpc
