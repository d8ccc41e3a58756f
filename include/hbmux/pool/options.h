// How a PoolMap behaves: which type, how many, how long, and what happens when there are no more.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace hbmux {

/// HBase's hbase.client.ipc.pool.type.
enum class PoolType : std::uint8_t {
  round_robin,  ///< Shared: grows by one with each request up to the size, then in turn, passing over dead ones.
  per_thread,   ///< ThreadLocal: shared, one for each thread that begins calls; those of ended threads are dropped.
  reusable,     ///< Exclusive for the length of a borrowing: an idle one, else a new one up to the size, else wait.
};

std::string_view to_string(PoolType type) noexcept;  ///< "RoundRobin", "ThreadLocal", "Reusable"

/// Which of several open resources a round_robin pool hands out.
enum class PoolChoice : std::uint8_t {
  in_turn,
  fewest_calls,  ///< By PoolConnector::load().calls: a slow socket gets no more while others are free.
  fewest_bytes,  ///< By PoolConnector::load().bytes.
  sticky,        ///< The same one for the same thread, while it lives.
};

std::string_view to_string(PoolChoice choice) noexcept;  ///< "in_turn", ...

/// Which of the idle resources goes first, when one has to.
enum class PoolEviction : std::uint8_t { least_recently_used, oldest };

std::string_view to_string(PoolEviction eviction) noexcept;

/// A value. Durations of 0 switch off what they are about, unless said otherwise.
struct PoolOptions {
  PoolType type = PoolType::round_robin;
  /// Resources that a key may have. per_thread: 0 means one for every thread; otherwise threads beyond it share.
  std::size_t size = 1;
  /// Kept open for each key that is in use (or was warmed up), idle or not. Not for per_thread.
  std::size_t size_min = 0;
  /// Resources of all keys together; 0: no bound. At the bound an idle one of another key makes room.
  std::size_t total_max = 0;
  /// Borrowers that may wait for one key; one more is told Errc::overloaded at once.
  std::size_t waiting_max = 65536;

  PoolChoice choice = PoolChoice::in_turn;
  PoolEviction eviction = PoolEviction::least_recently_used;

  /// One that nobody used for so long is closed, except for the last `size_min`.
  std::chrono::milliseconds idle_timeout{0};
  /// One that is older is let go: those who use it finish, nobody new gets it. PoolConnector::lifetime() may say otherwise.
  std::chrono::milliseconds lifetime_max{0};
  /// So that not all end at once, each lives between (1 - lifetime_jitter) and 1 times the maximum. In [0, 1].
  double lifetime_jitter = 0.1;
  /// How often the pool looks for what is dead, too old, too long idle, or missing.
  std::chrono::milliseconds reaper_period{30000};
  /// An idle one is probed when so much time (and up to probe_jitter of it more) has passed since it was used or probed.
  std::chrono::milliseconds probe_period{0};
  double probe_jitter = 0.1;

  /// How long one opening may take. 0: as long as the connector lets it.
  std::chrono::milliseconds open_timeout{0};
  int open_attempts = 1;                      ///< Before borrowers are told.
  std::chrono::milliseconds open_delay{100};  ///< Between attempts, and after the last before a new first one. 0: none.

  /// Whoever holds one for longer is told of once, through PoolConnector::leaked(), at most as much later. Needs the reaper.
  std::chrono::milliseconds leak_after{0};
};

/// Identity of a thread for PoolType::per_thread. Get it where a call begins and carry it along: retries run on other threads.
class ThreadToken {
 public:
  ThreadToken() = default;
  static ThreadToken current();
  /// False once the thread has ended.
  bool alive() const noexcept { return !life_.expired(); }
  std::uint64_t id() const noexcept { return id_; }

 private:
  std::weak_ptr<const std::uint64_t> life_;
  std::uint64_t id_ = 0;
};

}  // namespace hbmux
