#include "mini/zookeeper/zookeeper_sessions.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

// Two and twenty ticks of two seconds, between which a ZooKeeper server grants what it is asked for.
constexpr std::int32_t kTimeoutMin = 4'000;
constexpr std::int32_t kTimeoutMax = 40'000;
constexpr std::size_t kPasswordBytes = 16;

}  // namespace

void ZooKeeperSessions::sweep(std::int64_t now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kTimeoutMin;
  std::erase_if(sessions_, [now](const auto& entry) { return entry.second.expires < now; });
}

ZooKeeperSessions::Opened ZooKeeperSessions::open(std::int64_t id, std::string_view password, std::int32_t timeout,
                                                  std::int64_t now) {
  const std::lock_guard lock(mutex_);
  sweep(now);
  if (id != 0) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || found->second.password != password || found->second.expires < now) return {};
    found->second.expires = now + found->second.timeout;
    return {id, found->second.password, found->second.timeout};
  }
  Session session;
  session.timeout = std::clamp(timeout, kTimeoutMin, kTimeoutMax);
  session.expires = now + session.timeout;
  for (std::size_t i = 0; i < kPasswordBytes; ++i) session.password += static_cast<char>(random_());
  do {
    id = static_cast<std::int64_t>(random_() >> 1);
  } while (id == 0 || sessions_.contains(id));
  Opened opened{id, session.password, session.timeout};
  sessions_.emplace(id, std::move(session));
  return opened;
}

bool ZooKeeperSessions::touch(std::int64_t id, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.expires < now) return false;
  found->second.expires = now + found->second.timeout;
  return true;
}

bool ZooKeeperSessions::is_open(std::int64_t id, std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  return found != sessions_.end() && found->second.expires >= now;
}

void ZooKeeperSessions::close(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(id);
}

std::size_t ZooKeeperSessions::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace hbmux::mini
