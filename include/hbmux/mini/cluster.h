// An HBase in one process, for tests, demonstrations and benchmarks: registry, master, region servers and hbase:meta on
// HBase's own wire, on loopback, in milliseconds. Its data is in memory, and on request on disk. Production runs on HBase.
#pragma once

#include <hbmux/configuration.h>
#include <hbmux/error.h>
#include <hbmux/mini/endpoint.h>
#include <hbmux/mini/fault.h>
#include <hbmux/server_name.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

struct Options {
  int region_servers = 1;
  std::string host = "127.0.0.1";
  /// The master listens here and region server i (from 0) on base_port + 1 + i; 0 takes free ports.
  std::uint16_t base_port = 0;
  /// Where a read-only ZooKeeper answers, for clients that look for HBase there; 0 takes a free port.
  std::uint16_t zookeeper_port = 0;
  /// The cluster's place in that ZooKeeper (`zookeeper.znode.parent`).
  std::string znode_parent = "/hbase";
  /// Threads that serve all connections of all servers; 0 means one.
  int threads = 1;
  /// Everything random (reordering, ids) follows from it.
  std::uint64_t seed = 1;
  /// Scanners that are not used for so long are closed by the server.
  std::chrono::milliseconds scanner_lease{60000};
  /// Changes of tables are made at once; their clients are told "still running" for so long.
  std::chrono::milliseconds procedure_time{0};
  /// Answers to a Multi tell how loaded its regions are, as they do where `hbase.client.backpressure.enabled` is set at
  /// the servers: how much of the memory for writes is in use. Other loads are faults ("load heap=95").
  bool load_statistics = false;
  /// Replicas of regions see writes so much later; the fault "replica-lag" makes some lag more or less.
  std::chrono::milliseconds replica_lag{0};
  /// Copies of hbase:meta, on different servers as far as there are enough (`hbase.meta.replica.count`); at most 32.
  int meta_replicas = 1;
  /// Tables and their data are kept in this directory over restarts; empty for nowhere. What a client was told to be done
  /// is in the operating system's hands (it survives the end of this process), or with `data_to_disk` on the disk.
  std::string data_directory = {};
  bool data_to_disk = false;
  /// When the log is larger than this, a snapshot of everything is written and a new log begun.
  std::uint64_t data_log_bytes = std::uint64_t{256} << 20;
};

/// The commonest faults of replies, until they are set again. Each is a `Fault` (delay, reorder, drop), and counted as
/// one.
struct ReplyFaults {
  /// Each reply waits a random time between these two.
  std::chrono::microseconds delay_min{0};
  std::chrono::microseconds delay_max{0};
  /// Up to so many replies of a connection are held and sent in random order; 0 keeps the order in which they finish.
  int reorder_window = 0;
  /// One reply in so many is never sent (the operation was applied); 0 for none.
  int drop_one_in = 0;
};

struct RegionStatus {
  std::string name;  ///< "table,start,id.encoded."
  std::string encoded_name;
  std::string table;
  std::string start_key;
  std::string end_key;
  int server = -1;  ///< Index of the region server; -1 while it is nowhere.
  int replica = 0;  ///< 0 for the region itself, which all writes go to.
};

/// A running cluster; stops when destroyed. All members may be called from any thread.
class Cluster {
 public:
  static Result<Cluster> start(Options options = {});
  Cluster(Cluster&&) noexcept;
  Cluster& operator=(Cluster&&) noexcept;
  ~Cluster();

  /// The properties with which a client connects (RPC registry, bootstrap servers).
  Configuration client_configuration() const;
  /// "hbase+rpc://127.0.0.1:PORT"
  std::string connection_uri() const;
  /// The same by way of ZooKeeper: what a client's hbase-site.xml says of most clusters.
  Configuration zookeeper_configuration() const;
  /// "hbase+zk://127.0.0.1:PORT/hbase"
  std::string zookeeper_uri() const;
  /// "127.0.0.1:PORT"
  std::string zookeeper_address() const;
  ServerName master() const;
  std::vector<ServerName> region_servers() const;
  bool is_alive(int server) const;
  /// In order of their keys; behind each region its replicas, where it has any.
  std::vector<RegionStatus> regions(std::string_view table) const;

  /// Makes a table without going through the wire; `split_keys` in order. Of each region there are as many copies as
  /// `region_replication` says, on different servers as far as there are enough.
  Result<void> create_table(std::string_view table, std::vector<std::string> families,
                            std::vector<std::string> split_keys = {}, int region_replication = 1);
  Result<void> move_region(std::string_view encoded_name, int server);
  /// Splits at `row`; the daughters stay on the server.
  Result<void> split_region(std::string_view encoded_name, std::string_view row);
  /// As kill -9: every connection is reset, the port refuses, scanners are gone, and so are nonces but those of what was not flushed yet. After `reassign_after` its
  /// regions open on the others (their data survives, as it would from the WAL), and hbase:meta says so.
  Result<void> kill_region_server(int server,
                                  std::chrono::milliseconds reassign_after = std::chrono::milliseconds(100));
  /// Starts it again on the same port with a new start code, without regions; `balance` moves some to it.
  Result<void> start_region_server(int server);
  void balance();
  void set_reply_faults(const ReplyFaults& faults);

  /// From now on this goes wrong; returns its number. What happens to the cluster and not to calls (a kill, a split)
  /// has happened when this returns, unless the fault waits for a call. Errc::invalid_argument when it cannot be.
  Result<int> inject(const Fault& fault);
  /// The same by its text, "drop method=Mutate rate=0.01".
  Result<int> inject(std::string_view fault);
  /// Ends a fault, and undoes what it did to ports, clocks and hbase:meta. Those that have ended are passed over.
  void heal(int fault);
  void heal_all();
  /// All faults so far and how often each has happened; of a mixture also its parts. Long after their end some thousand
  /// of them are forgotten.
  std::vector<FaultCount> fault_counts() const;
  /// Begins a script (docs/mini.md); its times count from now. Errors of its text are told at once, and nothing is
  /// begun.
  Result<void> run_fault_script(std::string_view script);

  /// From now on calls of the coprocessor service `service` (the short name, without "hbase.pb.") on any region are
  /// answered by the handler, in place of one that was given before. HBase's AggregateService is there by itself.
  void serve_endpoint(std::string service, EndpointHandler handler);

  struct Stats {
    std::uint64_t calls = 0;  ///< Requests that were served.
    std::uint64_t connections_open = 0;
    std::uint64_t connections_accepted = 0;
    std::uint64_t scanners_open = 0;  ///< On all region servers.
  };
  Stats stats() const;
  void stop();

 private:
  struct Impl;
  explicit Cluster(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace hbmux::mini
