// Pools of connections by key, as HBase's PoolMap: who calls decides which of a key's resources is used.
#pragma once

#include <hbmux/detail/unique_function.h>
#include <hbmux/error.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hbmux {

/// HBase's hbase.client.ipc.pool.type.
enum class PoolType : std::uint8_t {
  round_robin,   ///< Shared: grows by one with each request up to the size, then in turn, passing over dead ones.
  per_thread,    ///< ThreadLocal: shared, one for each thread that begins calls; those of ended threads are dropped.
  reusable,      ///< Exclusive for the length of a call: an idle one, else a new one up to the size, else wait.
};

std::string_view to_string(PoolType type) noexcept;  ///< "RoundRobin", "ThreadLocal", "Reusable"

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

struct PoolOptions {
  PoolType type = PoolType::round_robin;
  /// Resources a key may have; for per_thread 0 means one for every thread, and otherwise threads beyond it share.
  std::size_t size = 1;
  /// Reusable: callers that may wait for one key; one more is told Errc::overloaded at once.
  std::size_t waiting_max = 65536;
};

/// A map from keys to pools of shared resources. Generic: `Key` needs equality and a hash, and how a T is made and whether it is still
/// good are given by two functions. It never blocks: opening is the factory's business and must be quick (a connection that is still
/// connecting is a good resource). Thread-safe; handlers are called without a lock held, the two functions with the key's lock held: they must
/// not call back into the map.
template <class Key, class T, class Hash = std::hash<Key>>
class PoolMap {
  class SubPool;

 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;
  using Resource = std::shared_ptr<T>;
  using Factory = std::function<Result<Resource>(const Key&)>;
  using IsUsable = std::function<bool(const T&)>;
  /// Told of each resource that the pool lets go of: it is not lent again, but others may still hold it.
  using Discard = std::function<void(const Resource&)>;

  /// One borrowing. Shared types: only a pointer. Reusable: gives the resource back when destroyed, or discards it when it was
  /// tainted or is no longer usable.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept : resource_(std::move(other.resource_)), pool_(std::move(other.pool_)) {}
    Lease& operator=(Lease&& other) noexcept {
      if (this != &other) {
        release();
        resource_ = std::move(other.resource_);
        pool_ = std::move(other.pool_);
        tainted_ = std::exchange(other.tainted_, false);
      }
      return *this;
    }
    ~Lease() { release(); }
    T& operator*() const noexcept { return *resource_; }
    T* operator->() const noexcept { return resource_.get(); }
    const Resource& resource() const noexcept { return resource_; }
    explicit operator bool() const noexcept { return resource_ != nullptr; }
    /// An unfinished exchange or an error of the transport: an exclusive resource must not be lent again.
    void taint() noexcept { tainted_ = true; }
    void release() {
      if (auto pool = std::exchange(pool_, nullptr)) PoolMap::give_back(pool, std::move(resource_), std::exchange(tainted_, false));
      resource_.reset();
    }

   private:
    friend class PoolMap;
    Resource resource_;
    std::shared_ptr<SubPool> pool_;  // null for shared types
    bool tainted_ = false;
  };
  using Handler = detail::UniqueFunction<void(Result<Lease>)>;

  struct EntryStatistics {
    Key key;
    std::size_t open = 0, in_use = 0, waiting = 0;
    std::uint64_t created = 0, closed = 0;
    std::vector<Resource> resources;
  };

  PoolMap(PoolOptions options, Factory factory, IsUsable is_usable, Discard discard = {})
      : core_(std::make_shared<Core>(options, std::move(factory), std::move(is_usable), std::move(discard))) {}
  ~PoolMap() { clear(Error(Errc::closed, "the pool was closed")); }
  PoolMap(const PoolMap&) = delete;
  PoolMap& operator=(const PoolMap&) = delete;

  const PoolOptions& options() const noexcept { return core_->options; }

  /// Lends a resource of `key`. `handler` runs before this returns, except when a Reusable pool is exhausted: then when one is given back, or from
  /// expire() after `deadline` (Errc::timed_out, telling what the pool looked like), or from clear().
  void borrow(const Key& key, const ThreadToken& thread, TimePoint now, TimePoint deadline, Handler handler) {
    auto pool = sub_pool(key);
    if (!pool) return handler(closed_error());
    if (core_->options.type == PoolType::reusable) return pool->borrow_exclusive(pool, now, deadline, std::move(handler));
    auto resource = core_->options.type == PoolType::round_robin ? pool->next_in_turn() : pool->of_thread(thread);
    if (!resource) return handler(resource.error());
    Lease lease;
    lease.resource_ = std::move(*resource);
    handler(std::move(lease));
  }

  /// The quick way for shared types (not Reusable).
  Result<Resource> share(const Key& key, const ThreadToken& thread) {
    auto pool = sub_pool(key);
    if (!pool) return closed_error();
    return core_->options.type == PoolType::per_thread ? pool->of_thread(thread) : pool->next_in_turn();
  }

  /// Ends waits whose deadline has passed; returns the earliest deadline that is left.
  std::optional<TimePoint> expire(TimePoint now) {
    std::optional<TimePoint> next;
    for (auto& pool : all()) {
      if (auto at = pool->expire(now); at && (!next || *at < *next)) next = at;
    }
    return next;
  }

  /// Forgets resources that are not usable, those of ended threads, and empty pools.
  void sweep() {
    Dropped dropped(*core_);
    std::lock_guard lock(core_->mutex);
    for (auto it = core_->pools.begin(); it != core_->pools.end();) {
      it->second->sweep(dropped);
      it = it->second->disposable() && it->second.use_count() == 1 ? core_->pools.erase(it) : std::next(it);
    }
  }

  /// Empties the map for good: waiting borrowers get `reason`, the resources are dropped. Later borrowings fail with it too.
  std::vector<Resource> clear(const Error& reason) {
    std::vector<std::shared_ptr<SubPool>> pools;
    {
      std::lock_guard lock(core_->mutex);
      if (!core_->closed) core_->closed = reason;
      for (auto& [key, pool] : core_->pools) pools.push_back(pool);
      core_->pools.clear();
    }
    std::vector<Resource> resources;
    for (auto& pool : pools) pool->close(reason, resources);
    return resources;
  }

  std::vector<EntryStatistics> statistics() const {
    std::vector<EntryStatistics> out;
    std::lock_guard lock(core_->mutex);
    out.reserve(core_->pools.size());
    for (auto& [key, pool] : core_->pools) out.push_back(pool->statistics());
    return out;
  }

 private:
  struct Core {
    Core(PoolOptions o, Factory f, IsUsable u, Discard d)
        : options(o), factory(std::move(f)), is_usable(std::move(u)), discard(std::move(d)) {}
    const PoolOptions options;
    const Factory factory;
    const IsUsable is_usable;
    const Discard discard;
    mutable std::mutex mutex;
    std::unordered_map<Key, std::shared_ptr<SubPool>, Hash> pools;
    std::optional<Error> closed;
  };

  /// Resources that were taken out under a lock; told of when it is gone (declare it before the lock).
  struct Dropped {
    explicit Dropped(const Core& c) : core(c) {}
    ~Dropped() {
      if (!core.discard) return;
      for (auto& resource : resources) core.discard(resource);
    }
    void push_back(Resource resource) { resources.push_back(std::move(resource)); }
    const Core& core;
    std::vector<Resource> resources;
  };

  /// The resources of one key.
  class SubPool {
   public:
    SubPool(Key key, std::shared_ptr<Core> core) : key_(std::move(key)), core_(std::move(core)) {}

    Result<Resource> next_in_turn() {
      Dropped dropped(*core_);
      std::lock_guard lock(mutex_);
      if (closed_) return *closed_;
      if (shared_.size() < std::max<std::size_t>(core_->options.size, 1)) {
        auto made = make();
        if (made) return shared_.push_back(*made), made;
        if (shared_.empty()) return made;
      }
      for (std::size_t tries = 0; tries < shared_.size(); ++tries) {
        Resource& candidate = shared_[next_++ % shared_.size()];
        if (core_->is_usable(*candidate)) return candidate;
        auto made = make();
        if (!made) {
          dropped.push_back(std::move(candidate));
          candidate = std::move(shared_.back());
          shared_.pop_back();
          ++closed_count_;
          if (shared_.empty()) return made;
          continue;
        }
        dropped.push_back(std::exchange(candidate, *made));
        ++closed_count_;
        return made;
      }
      return make_and_keep();
    }

    Result<Resource> of_thread(const ThreadToken& thread) {
      Dropped dropped(*core_);
      std::lock_guard lock(mutex_);
      if (closed_) return *closed_;
      auto found = by_thread_.find(thread.id());
      if (found == by_thread_.end()) {
        drop_ended_threads(dropped);
        const std::size_t size = core_->options.size;
        if (size != 0 && by_thread_.size() >= size) {  // capped: share, by the thread's number
          found = std::next(by_thread_.begin(), static_cast<std::ptrdiff_t>(thread.id() % by_thread_.size()));
        }
      }
      if (found != by_thread_.end()) {
        if (core_->is_usable(*found->second.resource)) return found->second.resource;
        dropped.push_back(std::move(found->second.resource));
        ++closed_count_;
        auto made = make();
        if (!made) return by_thread_.erase(found), made;
        return found->second.resource = *made, made;
      }
      auto made = make();
      if (made) by_thread_.emplace(thread.id(), OfThread{thread, *made});
      return made;
    }

    void borrow_exclusive(const std::shared_ptr<SubPool>& self, TimePoint now, TimePoint deadline, Handler handler) {
      Dropped dropped(*core_);
      std::optional<Result<Lease>> answer;
      {
        std::lock_guard lock(mutex_);
        if (closed_) {
          answer = *closed_;
        } else if (Resource idle = take_idle(dropped)) {
          answer = lend(self, std::move(idle), now);
        } else if (lent_.size() < std::max<std::size_t>(core_->options.size, 1)) {
          if (auto made = make()) {
            answer = lend(self, *made, now);
          } else {
            answer = made.error();
          }
        } else if (waiting_.size() >= core_->options.waiting_max) {
          answer = Error(Errc::overloaded, "too many callers wait for a connection: " + describe(now));
        } else {
          waiting_.push_back({deadline, std::move(handler)});
        }
      }
      if (answer) handler(std::move(*answer));
    }

    void give_back(const std::shared_ptr<SubPool>& self, Resource resource, bool tainted) {
      Dropped dropped(*core_);
      Handler next;
      std::optional<Result<Lease>> answer;
      {
        std::lock_guard lock(mutex_);
        const auto lent = std::find_if(lent_.begin(), lent_.end(), [&](const Lent& l) { return l.resource == resource; });
        const TimePoint since = lent == lent_.end() ? TimePoint() : lent->since;
        if (lent != lent_.end()) lent_.erase(lent);
        const bool good = !tainted && !closed_ && core_->is_usable(*resource);
        if (!good) {
          ++closed_count_;
          dropped.push_back(resource);
        }
        if (!waiting_.empty()) {
          next = std::move(waiting_.front().handler);
          waiting_.pop_front();
          if (good) {
            answer = lend(self, std::move(resource), since);
          } else if (auto made = make()) {
            answer = lend(self, *made, since);
          } else {
            answer = made.error();
          }
        } else if (good) {
          idle_.push_back(std::move(resource));
        }
      }
      if (next) next(std::move(*answer));
    }

    std::optional<TimePoint> expire(TimePoint now) {
      std::vector<Handler> expired;
      std::optional<TimePoint> next;
      std::string story;
      {
        std::lock_guard lock(mutex_);
        for (auto it = waiting_.begin(); it != waiting_.end();) {
          if (it->deadline <= now) {
            if (story.empty()) story = describe(now);
            expired.push_back(std::move(it->handler));
            it = waiting_.erase(it);
          } else {
            if (!next || it->deadline < *next) next = it->deadline;
            ++it;
          }
        }
      }
      for (auto& handler : expired) handler(Error(Errc::timed_out, "no connection came free in time: " + story));
      return next;
    }

    void sweep(Dropped& dropped) {
      std::lock_guard lock(mutex_);
      auto drop = [&](std::vector<Resource>& from) {
        std::erase_if(from, [&](Resource& r) {
          if (core_->is_usable(*r)) return false;
          ++closed_count_;
          dropped.push_back(std::move(r));
          return true;
        });
      };
      drop(shared_);
      drop(idle_);
      drop_ended_threads(dropped);
      std::erase_if(by_thread_, [&](auto& entry) {
        if (core_->is_usable(*entry.second.resource)) return false;
        ++closed_count_;
        dropped.push_back(std::move(entry.second.resource));
        return true;
      });
    }

    bool disposable() const {
      std::lock_guard lock(mutex_);
      return shared_.empty() && by_thread_.empty() && idle_.empty() && lent_.empty() && waiting_.empty();
    }

    void close(const Error& reason, std::vector<Resource>& resources) {
      std::deque<Waiting> waiting;
      {
        std::lock_guard lock(mutex_);
        closed_ = reason;
        waiting.swap(waiting_);
        for (auto& r : shared_) resources.push_back(std::move(r));
        for (auto& r : idle_) resources.push_back(std::move(r));
        for (auto& l : lent_) resources.push_back(l.resource);
        for (auto& [id, entry] : by_thread_) resources.push_back(std::move(entry.resource));
        shared_.clear();
        idle_.clear();
        by_thread_.clear();
      }
      for (auto& w : waiting) w.handler(reason);
    }

    EntryStatistics statistics() const {
      std::lock_guard lock(mutex_);
      EntryStatistics s{key_, 0, lent_.size(), waiting_.size(), created_, closed_count_, {}};
      s.resources = shared_;
      s.resources.insert(s.resources.end(), idle_.begin(), idle_.end());
      for (auto& l : lent_) s.resources.push_back(l.resource);
      for (auto& [id, entry] : by_thread_) s.resources.push_back(entry.resource);
      s.open = s.resources.size();
      return s;
    }

   private:
    struct OfThread {
      ThreadToken thread;
      Resource resource;
    };
    struct Lent {
      Resource resource;
      TimePoint since;
    };
    struct Waiting {
      TimePoint deadline;
      Handler handler;
    };

    Result<Resource> make() {
      auto made = core_->factory(key_);
      if (made) ++created_;
      return made;
    }
    Result<Resource> make_and_keep() {
      auto made = make();
      if (made) shared_.push_back(*made);
      return made;
    }
    void drop_ended_threads(Dropped& dropped) {
      std::erase_if(by_thread_, [&](auto& entry) {
        if (entry.second.thread.alive()) return false;
        ++closed_count_;
        dropped.push_back(std::move(entry.second.resource));
        return true;
      });
    }
    Resource take_idle(Dropped& dropped) {
      while (!idle_.empty()) {
        Resource r = std::move(idle_.back());
        idle_.pop_back();
        if (core_->is_usable(*r)) return r;
        ++closed_count_;
        dropped.push_back(std::move(r));
      }
      return nullptr;
    }
    Lease lend(const std::shared_ptr<SubPool>& self, Resource resource, TimePoint now) {
      lent_.push_back({resource, now});
      Lease lease;
      lease.resource_ = std::move(resource);
      lease.pool_ = self;
      return lease;
    }
    std::string describe(TimePoint now) const {
      std::string text = "size " + std::to_string(core_->options.size) + ", in use " + std::to_string(lent_.size()) +
                         ", idle " + std::to_string(idle_.size()) + ", waiting " + std::to_string(waiting_.size());
      TimePoint oldest = now;
      for (auto& l : lent_) oldest = std::min(oldest, l.since);
      if (!lent_.empty()) {
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - oldest).count();
        text += ", the oldest is held for " + std::to_string(ms) + " ms";
      }
      return text;
    }

    const Key key_;
    const std::shared_ptr<Core> core_;
    mutable std::mutex mutex_;
    std::vector<Resource> shared_;                          // round robin
    std::size_t next_ = 0;
    std::unordered_map<std::uint64_t, OfThread> by_thread_;  // per thread
    std::vector<Resource> idle_;                            // reusable, last used last
    std::vector<Lent> lent_;
    std::deque<Waiting> waiting_;
    std::uint64_t created_ = 0;
    std::uint64_t closed_count_ = 0;
    std::optional<Error> closed_;
  };

  static void give_back(const std::shared_ptr<SubPool>& pool, Resource resource, bool tainted) {
    pool->give_back(pool, std::move(resource), tainted);
  }
  Error closed_error() const {
    std::lock_guard lock(core_->mutex);
    return core_->closed.value_or(Error(Errc::closed, "the pool was closed"));
  }
  std::shared_ptr<SubPool> sub_pool(const Key& key) {
    std::lock_guard lock(core_->mutex);
    if (core_->closed) return nullptr;
    auto& pool = core_->pools[key];
    if (!pool) pool = std::make_shared<SubPool>(key, core_);
    return pool;
  }
  std::vector<std::shared_ptr<SubPool>> all() const {
    std::lock_guard lock(core_->mutex);
    std::vector<std::shared_ptr<SubPool>> pools;
    pools.reserve(core_->pools.size());
    for (auto& [key, pool] : core_->pools) pools.push_back(pool);
    return pools;
  }

  std::shared_ptr<Core> core_;
};

}  // namespace hbmux
