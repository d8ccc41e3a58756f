// What an Admin is behind its pointer.
#pragma once

#include "client/connection_state.h"

#include <hbmux/server_name.h>
#include <hbmux/user.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace hbmux::client {

/// The active master, as long as it answers. Any thread.
class MasterCache {
 public:
  std::optional<ServerName> get() const {
    std::lock_guard lock(mutex_);
    return master_;
  }
  void set(const ServerName& master) {
    std::lock_guard lock(mutex_);
    master_ = master;
  }
  /// It failed; does nothing when another has been found since.
  void forget(const ServerName& master) {
    std::lock_guard lock(mutex_);
    if (master_ == master) master_.reset();
  }

 private:
  mutable std::mutex mutex_;
  std::optional<ServerName> master_;
};

/// Shared by the copies of an Admin and by its running operations.
struct AdminContext {
  AdminContext(std::shared_ptr<ConnectionState> c, std::shared_ptr<const User> u)
      : connection(std::move(c)), user(std::move(u)) {}

  const std::shared_ptr<ConnectionState> connection;
  const std::shared_ptr<const User> user;
  mutable MasterCache master;
};

}  // namespace hbmux::client
