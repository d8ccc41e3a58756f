// What a pool has to know about the things it pools.
#pragma once

#include <hbmux/detail/unique_function.h>
#include <hbmux/error.h>
#include <hbmux/pool/statistics.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hbmux {

/// How busy a shared resource is.
struct PoolLoad {
  std::size_t calls = 0;
  std::size_t bytes = 0;
};

/// Somebody holds a resource for longer than PoolOptions::leak_after.
struct PoolLeak {
  std::chrono::milliseconds held{0};
  std::uint64_t thread = 0;  ///< ThreadToken::id() of who borrowed it.
  std::string where;         ///< What the borrower said of itself (BorrowRequest::where and place); may be empty.
  bool scope = false;        ///< A request scope holds it, and `where` is where that was opened.
};

/// Something that happened to a key's pool.
struct PoolEvent {
  enum class Kind : std::uint8_t { opened, open_failed, closed, waited, gave_up };
  Kind kind;
  CloseReason reason{};              ///< closed: why.
  std::chrono::nanoseconds time{0};  ///< opened, open_failed: how long that took; waited, gave_up: how long the borrower had to wait.
  const Error* error = nullptr;      ///< open_failed, gave_up: why; valid within the call.
};

std::string_view to_string(PoolEvent::Kind kind) noexcept;  ///< "opened", ...

/// Opens resources of type T for keys, and judges them. Shared by everything that a PoolMap hands out. Except where it says so, a pool calls
/// its members without a lock held, from whatever thread has something for the pool to do.
template <class Key, class T>
class PoolConnector {
 public:
  using Resource = std::shared_ptr<T>;
  using TimePoint = std::chrono::steady_clock::time_point;
  using Opened = detail::UniqueFunction<void(Result<Resource>)>;
  using Probed = detail::UniqueFunction<void(bool alive)>;

  virtual ~PoolConnector() = default;

  /// Opens one, and calls `done` exactly once, from any thread, also within this call. It must not block: what blocks is opened by a
  /// BlockingConnector. After `deadline` (max(): none) nobody waits for it any more; it is invalidated when it comes all the same.
  virtual void open(const Key& key, TimePoint deadline, Opened done) = 0;

  /// Before each handing out; with the key's lock held: quick, and no call back into the pool. A dead one is replaced.
  virtual bool is_alive(const T&) const noexcept { return true; }
  /// Before an idle one is lent again: whether it still suits the key (its address may have changed meaning). As is_alive().
  virtual bool matches(const T&, const Key&) const noexcept { return true; }
  /// For PoolChoice and statistics. As is_alive().
  virtual PoolLoad load(const T&) const noexcept { return {}; }
  /// How long this one may live; nothing: PoolOptions::lifetime_max. As is_alive(), once after it was opened.
  virtual std::optional<std::chrono::milliseconds> lifetime(const T&) const noexcept { return std::nullopt; }
  /// A lease ends with an error: whether the resource is still in order, so that it may be lent again. As is_alive().
  virtual bool survives(const T&, const Error&) const noexcept { return false; }

  /// Asks an idle one for a sign of life. `done` exactly once.
  virtual void probe(const Resource& resource, Probed done) { done(is_alive(*resource)); }

  /// The pool lets go of it, for `reason`: it is handed out no more. Shared ones may still be in use by those who got them before:
  /// they finish, except for CloseReason::closed. To be sure that it is closed soon, do it here: threads that were handed it by
  /// a shared type may keep the object, unused, until they ask for the key again or end.
  virtual void invalidate(const Resource&, CloseReason) {}

  /// See PoolOptions::leak_after. Told once for each borrowing.
  virtual void leaked(const Key&, const PoolLeak&) {}
  /// For metrics: told of everything that is not an every-day hand-out, soon after it happened. Must not block.
  virtual void happened(const Key&, const PoolEvent&) noexcept {}
};

}  // namespace hbmux
