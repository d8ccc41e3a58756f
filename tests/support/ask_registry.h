// Asking a registry and waiting for what it says.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "rpc/asio_lane.h"
#include "rpc/registry.h"

namespace hbmux::test {

/// Waits for handlers of registries, which run on the lanes.
class RegistryAsker {
 public:
  using Duration = std::chrono::milliseconds;

  explicit RegistryAsker(rpc::Registry& registry) : registry_(registry) {}

  Result<core::LocationsPtr> meta_locations(Duration timeout = std::chrono::seconds(20)) {
    return wait<core::LocationsPtr>(
        [&](auto handler) { registry_.async_meta_locations(rpc::Clock::now() + timeout, std::move(handler)); });
  }
  Result<ServerName> active_master(Duration timeout = std::chrono::seconds(20)) {
    return wait<ServerName>(
        [&](auto handler) { registry_.async_active_master(rpc::Clock::now() + timeout, std::move(handler)); });
  }
  Result<std::string> cluster_id(Duration timeout = std::chrono::seconds(20)) {
    return wait<std::string>(
        [&](auto handler) { registry_.async_cluster_id(rpc::Clock::now() + timeout, std::move(handler)); });
  }

 private:
  template <class T, class Ask>
  static Result<T> wait(Ask&& ask) {
    std::promise<Result<T>> promise;
    auto future = promise.get_future();
    ask(rpc::Registry::Handler<T>([&promise](Result<T> result) {
      if (!rpc::current_lane()) result = Error(Errc::invalid_argument, "the handler ran outside the lanes");
      promise.set_value(std::move(result));
    }));
    return future.get();
  }

  rpc::Registry& registry_;
};

}  // namespace hbmux::test
