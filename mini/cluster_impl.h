// What a cluster consists of.
#pragma once

#include "mini/disk/journal.h"
#include "mini/faults/director.h"
#include "mini/faults/fault_injector.h"
#include "mini/net/network.h"
#include "mini/server/endpoints.h"
#include "mini/server/session.h"
#include "mini/zookeeper/zookeeper_dialogue.h"

#include <hbmux/mini/cluster.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace hbmux::mini {

/// Milliseconds since 1970.
std::int64_t wall_clock();

struct Cluster::Impl {
  explicit Impl(const Options& chosen);
  ~Impl() { stop(); }

  Result<void> start();
  void stop();
  void sweep();
  std::int64_t new_start_code();
  bool has_server(int server) const { return server >= 0 && static_cast<std::size_t>(server) < servers.size(); }
  bool is_alive(int server) const;
  Result<void> kill(int server, std::chrono::milliseconds reassign_after, bool keeps_memory);
  Result<void> revive(int server);
  /// What a connection to a server speaks; to the master when `server` is null.
  Listener::MakeDialogue rpc(RegionServer* server);
  /// A server's clock: the world's and its jumps.
  std::function<std::int64_t()> clock_of(int server);
  Listener::Server place_of(int server);

  // Data on disk (cluster_data.cc).
  Result<void> open_journal();
  /// What was done, unless it could not be kept.
  Result<void> kept(Result<void> done);
  void snapshot_when_due();

  // Faults (cluster_faults.cc).
  Result<int> inject(const Fault& fault);
  void heal(int id);
  /// Called on the thread of a connection, before the call is served that brought it about.
  std::uint64_t act(const Fault& fault);
  /// `id` is that of a fault that lasts.
  Result<std::uint64_t> do_at_once(const Fault& fault, int id = 0);
  std::uint64_t change_regions(const Fault& fault);
  Result<std::uint64_t> refuse(const Fault& fault, bool refuses);
  void jump_clock(const Fault& fault, std::chrono::milliseconds by);
  void heal_all(std::string_view kind);

  Options options;
  FaultInjector faults;
  Endpoints endpoints;
  DataImage image;  ///< What was found on disk, until the master has it.
  std::unique_ptr<Journal> journal;
  Network network;
  std::vector<std::shared_ptr<RegionServer>> servers;
  std::shared_ptr<Listener> master_listener;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::unique_ptr<Master> master;
  std::shared_ptr<Listener> zookeeper_listener;
  std::unique_ptr<ZnodeTree> znodes;
  std::unique_ptr<ZooKeeperSessions> zookeeper_sessions;
  /// By which each server's clock is off, in milliseconds: region servers, then the master.
  std::vector<std::atomic<std::int64_t>> clock_jumps;
  mutable std::mutex mutex;  ///< One kill, start or stop at a time.
  std::set<int> frozen;      ///< Killed, but with their memory.
  std::set<int> refusing;    ///< Servers that a fault keeps from listening.
  std::mutex reply_faults_mutex;
  std::vector<int> reply_faults;  ///< Those of set_reply_faults().
  std::int64_t last_start_code = 0;
  bool stopped = false;
  std::atomic<bool> snapshot_is_under_way{false};
  Director director;
};

}  // namespace hbmux::mini
