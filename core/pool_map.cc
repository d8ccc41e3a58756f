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

ThreadToken ThreadToken::current() {
  static std::atomic<std::uint64_t> next{1};
  thread_local const auto life = std::make_shared<const std::uint64_t>(next.fetch_add(1, std::memory_order_relaxed));
  ThreadToken token;
  token.life_ = life;
  token.id_ = *life;
  return token;
}

}  // namespace hbmux
