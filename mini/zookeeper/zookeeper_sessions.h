// The sessions of a ZooKeeper server: they outlive the connections on which they are used.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hbmux::mini {

/// Thread-safe. A session that is not heard of for its time-out is over; those are swept out when others begin.
class ZooKeeperSessions {
 public:
  explicit ZooKeeperSessions(std::uint64_t seed) : random_(seed) {}

  struct Opened {
    std::int64_t id = 0;  ///< 0: the session that was asked for is over.
    std::string password;
    std::int32_t timeout = 0;
  };

  /// Begins a session, or goes on with the one named `id` when it is still there and the password fits.
  Opened open(std::int64_t id, std::string_view password, std::int32_t timeout, std::int64_t now);
  /// Something was heard. False when the session is over.
  bool touch(std::int64_t id, std::int64_t now);
  bool is_open(std::int64_t id, std::int64_t now) const;
  void close(std::int64_t id);
  std::size_t size() const;

 private:
  struct Session {
    std::string password;
    std::int32_t timeout = 0;
    std::int64_t expires = 0;
  };
  void sweep(std::int64_t now);

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::unordered_map<std::int64_t, Session> sessions_;
  std::int64_t next_sweep_ = 0;
};

}  // namespace hbmux::mini
