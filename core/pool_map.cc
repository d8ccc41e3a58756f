#include <hbmux/pool_map.h>

#include <atomic>

namespace hbmux {

std::string_view to_string(PoolType type) noexcept {
  switch (type) {
    case PoolType::round_robin: return "RoundRobin";
    case PoolType::per_thread: return "ThreadLocal";
    case PoolType::reusable: return "Reusable";
  }
  return "unknown";
}

std::string_view to_string(PoolChoice choice) noexcept {
  switch (choice) {
    case PoolChoice::in_turn: return "in_turn";
    case PoolChoice::fewest_calls: return "fewest_calls";
    case PoolChoice::fewest_bytes: return "fewest_bytes";
    case PoolChoice::sticky: return "sticky";
  }
  return "unknown";
}

std::string_view to_string(PoolEviction eviction) noexcept {
  switch (eviction) {
    case PoolEviction::least_recently_used: return "least_recently_used";
    case PoolEviction::oldest: return "oldest";
  }
  return "unknown";
}

std::string_view to_string(CloseReason reason) noexcept {
  constexpr std::string_view names[] = {"dead", "failed", "idle", "lifetime", "probe", "evicted", "shrunk", "thread", "closed"};
  static_assert(std::size(names) == kCloseReasons);
  const auto at = static_cast<std::size_t>(reason);
  return at < std::size(names) ? names[at] : "unknown";
}

std::string_view to_string(PoolEvent::Kind kind) noexcept {
  switch (kind) {
    case PoolEvent::Kind::opened: return "opened";
    case PoolEvent::Kind::open_failed: return "open_failed";
    case PoolEvent::Kind::closed: return "closed";
    case PoolEvent::Kind::waited: return "waited";
    case PoolEvent::Kind::gave_up: return "gave_up";
  }
  return "unknown";
}

ThreadToken ThreadToken::current() {
  static std::atomic<std::uint64_t> next{1};
  thread_local const auto life = std::make_shared<const std::uint64_t>(next.fetch_add(1, std::memory_order_relaxed));
  ThreadToken token;
  token.life_ = life;
  token.id_ = *life;
  return token;
}

}  // namespace hbmux
