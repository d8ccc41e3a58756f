#include "gateway/row_locks.h"

#include <functional>

namespace hbmux::gateway {

std::size_t RowLocks::stripe_of(std::string_view table, std::string_view row) noexcept {
  const std::hash<std::string_view> hash;
  return (hash(row) ^ (hash(table) * 31)) % kStripes;
}

void RowLocks::acquire(std::size_t index, Work work) {
  Stripe& stripe = stripes_[index];
  {
    const std::lock_guard lock(stripe.mutex);
    if (stripe.held) {
      stripe.waiting.push_back(std::move(work));
      return;
    }
    stripe.held = true;
  }
  work();
}

void RowLocks::unlock(std::size_t index) {
  Stripe& stripe = stripes_[index];
  Work next;
  {
    const std::lock_guard lock(stripe.mutex);
    if (stripe.waiting.empty()) {
      stripe.held = false;
      return;
    }
    next = std::move(stripe.waiting.front());
    stripe.waiting.pop_front();
  }
  next();
}

}  // namespace hbmux::gateway
