// Decides which calls meet which fault, and counts.
#pragma once

#include "mini/dialogue.h"
#include "mini/faults/fault_text.h"
#include "mini/remote_exception.h"

#include <hbmux/mini/fault.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// Pure, but for the actor that it is given; thread-safe. With the same seed, the same faults and the same calls in the
/// same order, the same happens.
class FaultInjector {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A call, before it is served.
  struct Call {
    int server = 0;            ///< Or kMasterServer, kZooKeeperServer.
    std::string_view address;  ///< "host,port,startcode"
    std::string_view method;   ///< "Scan"
    std::string_view part;     ///< Of scans: "open", "next" or "close".
    std::string_view table;    ///< Empty when it is for none, or not known.
    std::string_view region;   ///< The region's name.
  };
  /// A load in percent, as servers tell it of a region.
  struct Load {
    int memory = 0;
    int heap = 0;
    int compactions = 0;
  };
  struct Verdict {
    std::optional<RemoteException> exception;
    std::optional<Load> load;
    bool serve = true;
    Fate fate = Fate::send;
    std::chrono::microseconds delay{0};
    int window = 0;
  };
  /// Does to the cluster what a fault says, at once or soon. Returns how often it happened.
  using Actor = std::function<std::uint64_t(const Fault&)>;

  FaultInjector(std::uint64_t seed, std::function<Time()> clock) : seed_(seed), clock_(std::move(clock)) {}
  void set_actor(Actor actor) { actor_ = std::move(actor); }

  /// Its number. What happens to the cluster at once is the caller's business.
  int add(const Fault& fault);
  /// What ends when a fault does: its number and itself; nothing when there is none of this number that is active.
  std::optional<Fault> heal(int id);
  std::vector<int> active() const;
  std::vector<FaultCount> counts() const;
  void happened(int id, std::uint64_t times);

  /// Whether calls have to be shown at all; cheap.
  bool wants_calls() const noexcept { return wants_calls_.load(std::memory_order_acquire); }
  /// Whether the table of a call matters to anyone.
  bool wants_tables() const noexcept { return wants_tables_.load(std::memory_order_acquire); }
  Verdict on_call(const Call& call);

  /// The part of a call for many regions that is for one of them.
  struct RegionPart {
    int server = 0;
    std::string_view table;
    std::string_view start_key;
    std::string_view end_key;
  };
  struct RegionVerdict {
    std::optional<RemoteException> exception;
    bool serve = true;
  };
  /// Whether such parts have to be shown; cheap.
  bool wants_regions() const noexcept { return wants_regions_.load(std::memory_order_acquire); }
  RegionVerdict on_region(const RegionPart& part);
  /// A connection comes in: true when nothing is ever to be said on it.
  bool stalls_connection(int server);

 private:
  struct Entry {
    Entry(int number, const Fault& what, std::uint64_t seed) : id(number), fault(what), random(seed) {}
    int id;
    Fault fault;
    std::mt19937_64 random;
    Time until = Time::max();
    std::uint64_t seen = 0;
    std::uint64_t happened = 0;
    bool active = true;
    int mix = 0;  ///< The mixture that it is of.
  };
  void add_entry(int id, const Fault& fault, int mix);
  Entry* find(int id);
  void update_flags();
  bool meets(Entry& entry, const Call& call);
  bool rolls(Entry& entry);
  static bool matches(const Fault& fault, const Call& call);

  const std::uint64_t seed_;
  const std::function<Time()> clock_;
  Actor actor_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  int last_id_ = 0;
  std::atomic<bool> wants_calls_{false};
  std::atomic<bool> wants_tables_{false};
  std::atomic<bool> wants_regions_{false};
};

/// Tells who sends the replies about the one that begins at `start`, when it is not just sent like all others.
void mark_reply(std::size_t start, const FaultInjector::Verdict& verdict, Replies& replies);

/// RpcThrottlingException's way of telling a time: "1sec, 200ms".
std::string throttle_time(std::chrono::milliseconds time);

}  // namespace hbmux::mini
