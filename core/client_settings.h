// Every property that the client honours, read and checked once.
#pragma once

#include "core/cell_block.h"
#include "core/load_backoff.h"
#include "core/table_prefix.h"

#include <hbmux/attributes.h>
#include <hbmux/configuration.h>
#include <hbmux/error.h>
#include <hbmux/pool_map.h>
#include <hbmux/server_name.h>
#include <hbmux/user.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::core {

/// How cell blocks are compressed, in the order of rpc::wire::Compression.
enum class CellCompressor : std::uint8_t { none, gzip, deflate, snappy, lz4, zstd };

/// Which copies of hbase:meta tell where regions are (CatalogReplicaMode.java).
enum class MetaReplicaMode : std::uint8_t {
  none,          ///< The primary one.
  hedged_read,   ///< The primary one, and all others when it has not answered for a while.
  load_balance,  ///< One at random; about regions that were not where it said, the primary one.
};

/// Who tells where the cluster is.
enum class RegistryKind : std::uint8_t { zookeeper, rpc, master };

/// A registry that asks servers (RegistryKind::rpc and master). HBase gives each kind its own names of the properties.
struct RegistrySettings {
  /// hbase.client.bootstrap.servers (host:port,...), else hbase.masters (host[:16000],...), else this host and
  /// hbase.master.port (16000). For the kind `master` without the first. Never empty.
  std::vector<ServerAddress> endpoints;
  /// hbase.client.bootstrap.hedged.fanout, hbase.client.master_registry.hedged.fanout: 2; less than 1 counts as 1
  int hedged_fan_out = 2;
  /// hbase.client.{bootstrap,master_registry}.refresh_interval_secs: 300; 0 or less: never refreshed
  std::chrono::seconds refresh_interval{300};
  /// hbase.client.{bootstrap,master_registry}.initial_refresh_delay_secs: a tenth of the interval, at least a second
  std::chrono::seconds initial_refresh_delay{30};
  /// hbase.client.{bootstrap,master_registry}.min_secs_between_refreshes: 60; must be less than the interval
  std::chrono::seconds min_between_refreshes{60};
};

/// RegistryKind::zookeeper.
struct ZooKeeperSettings {
  /// "host:port,host:port" for the ZooKeeper client. hbase.client.zookeeper.quorum, else hbase.zookeeper.quorum:
  /// 127.0.0.1; where a port is missing, hbase.client.zookeeper.property.clientPort, else
  /// hbase.zookeeper.property.clientPort: 2181. A "/path" at the end (ZooKeeper's chroot) stays.
  std::string quorum = "127.0.0.1:2181";
  std::string znode_parent = "/hbase";               ///< zookeeper.znode.parent: /hbase; no slash at its end
  std::string meta_znode = "meta-region-server";     ///< zookeeper.znode.metaserver: meta-region-server
  std::string master_znode = "master";               ///< zookeeper.znode.master: master
  std::string cluster_id_znode = "hbaseid";          ///< zookeeper.znode.clusterId: hbaseid
  std::chrono::milliseconds session_timeout{90000};  ///< zookeeper.session.timeout: 90 s
  std::chrono::milliseconds keep_alive{60000};     ///< zookeeper.keep-alive.time: 60 s; an idle session is closed then
  int recovery_retries = 30;                       ///< zookeeper.recovery.retry: 30
  std::chrono::milliseconds recovery_pause{1000};  ///< zookeeper.recovery.retry.intervalmill: 1 s
};

/// A value; the defaults are HBase's, or ours where the name begins with "hbmux.". Each line names the property and its
/// default. A duration of 0 is "no limit" where the line says so; none is above a hundred years, so that adding it to a
/// time is safe.
struct ClientSettings {
  /// Reads all of them, and the environment for the user. Errc::invalid_configuration names the property, its value,
  /// its source and what was expected. Errc::unsupported names the property and its value when it asks for what hbmux
  /// does not do: above all everything that would secure the connection (Kerberos, TLS, protection), which must never
  /// end as a silent plain connection.
  static Result<ClientSettings> from(const Configuration& configuration);

  // Who calls.
  User user;  ///< hbmux.user: else $HADOOP_USER_NAME, else the login name of the process

  // The pool of connections.
  PoolType pool_type = PoolType::round_robin;  ///< hbase.client.ipc.pool.type: RoundRobin; or ThreadLocal, Reusable
  /// hbase.client.ipc.pool.size: 1. As with HBase it does not concern ThreadLocal, which is bounded by
  /// hbmux.pool.threadlocal.max: 0, no bound (PoolOptions::size).
  std::size_t pool_size = 1;
  /// hbmux.pool.reusable.borrow.timeout: as hbase.rpc.timeout; 0: fail at once when all are in use
  std::chrono::milliseconds borrow_timeout{60000};
  std::size_t borrow_waiting_max = 65536;                ///< hbmux.pool.reusable.waiting.max: 65536
  PoolChoice pool_choice = PoolChoice::in_turn;  ///< hbmux.pool.choice: in_turn; fewest_calls, fewest_bytes, sticky
  std::size_t pool_size_min = 0;                 ///< hbmux.pool.size.min: 0; not for ThreadLocal
  std::size_t pool_total_max = 0;                ///< hbmux.pool.total.max: 0, no bound over all entries
  std::chrono::milliseconds pool_lifetime_max{0};         ///< hbmux.pool.lifetime.max: 0, for ever
  std::chrono::milliseconds pool_reaper_period{30000};    ///< hbmux.pool.reaper.period: 30 s
  std::chrono::milliseconds pool_leak_time{0};            ///< hbmux.pool.leak.time: 0, never told; Reusable
  std::chrono::milliseconds pool_probe_period{0};         ///< hbmux.pool.probe.period: 0, idle ones are not probed
  std::chrono::milliseconds pool_probe_timeout{5000};     ///< hbmux.pool.probe.timeout: 5 s
  std::chrono::milliseconds failed_server_expiry{2000};  ///< hbase.ipc.client.failed.servers.expiry: 2 s

  // A socket.
  std::chrono::milliseconds connect_timeout{10000};  ///< hbase.ipc.client.socket.timeout.connect: 10 s; 0: no limit
  std::chrono::milliseconds read_timeout{20000};     ///< hbase.ipc.client.socket.timeout.read: 20 s; 0: no limit
  std::chrono::milliseconds write_timeout{60000};    ///< hbase.ipc.client.socket.timeout.write: 60 s; 0: no limit
  bool tcp_no_delay = true;                          ///< hbase.ipc.client.tcpnodelay: true
  bool tcp_keep_alive = true;                        ///< hbase.ipc.client.tcpkeepalive: true
  /// hbase.ipc.client.connection.minIdleTimeBeforeClose: 120 s; 0: an idle connection is never closed
  std::chrono::milliseconds idle_close{120000};

  // Time for calls and operations.
  std::chrono::milliseconds rpc_timeout{60000};               ///< hbase.rpc.timeout: 60 s; 0: no limit
  std::chrono::milliseconds rpc_read_timeout{60000};          ///< hbase.rpc.read.timeout: as hbase.rpc.timeout
  std::chrono::milliseconds rpc_write_timeout{60000};         ///< hbase.rpc.write.timeout: as hbase.rpc.timeout
  std::chrono::milliseconds meta_rpc_read_timeout{60000};     ///< hbase.client.meta.read.rpc.timeout: as the read one
  std::chrono::milliseconds operation_timeout{1200000};       ///< hbase.client.operation.timeout: 20 min; 0: no limit
  std::chrono::milliseconds meta_operation_timeout{1200000};  ///< hbase.client.meta.operation.timeout: 20 min
  std::chrono::milliseconds scanner_timeout{60000};           ///< hbase.client.scanner.timeout.period: 60 s
  std::chrono::milliseconds meta_scanner_timeout{60000};      ///< hbase.client.meta.scanner.timeout.period: as above
  std::chrono::milliseconds pause{100};                       ///< hbase.client.pause: 100 ms
  /// hbase.client.pause.server.overloaded (formerly .cqtbe): as hbase.client.pause, and never less than it
  std::chrono::milliseconds pause_overloaded{100};
  int retries = 15;          ///< hbase.client.retries.number: 15 after the first try
  /// hbmux.scan.prefetch.bytes: 4 MiB. Answers that wait for the consumer of a Scanner, beyond the first one.
  std::size_t scan_prefetch_bytes = 4 * 1024 * 1024;
  /// hbase.client.primaryCallTimeout.get, in microseconds: 10 ms. How long a TIMELINE get waits for the primary replica alone.
  std::chrono::microseconds primary_get_timeout{10'000};
  /// hbase.client.primaryCallTimeout.multiget, in microseconds: 10 ms. The same for a TIMELINE get in a batch.
  std::chrono::microseconds primary_multiget_timeout{10'000};
  /// hbase.client.replicaCallTimeout.scan, in microseconds: 1 s. How long a TIMELINE scan waits for one replica to open its scanner.
  std::chrono::microseconds replica_scan_timeout{1'000'000};
  /// hbase.locator.meta.replicas.mode: None; without it, hbase.meta.replicas.use: false, or true for HedgedRead.
  MetaReplicaMode meta_replica_mode = MetaReplicaMode::none;
  /// hbase.client.meta.replica.scan.timeout, in microseconds: 1 s. How long a lookup waits for one copy of hbase:meta before it asks others.
  std::chrono::microseconds meta_replica_scan_timeout{1'000'000};
  int start_log_errors = 5;  ///< hbase.client.start.log.errors.counter: 5

  // Data.
  TablePrefix table_prefix;                        ///< hbmux.table.prefix: nothing
  int scanner_caching = INT32_MAX;                 ///< hbase.client.scanner.caching: 2147483647 rows
  std::int64_t scanner_max_result_size = 2 << 20;  ///< hbase.client.scanner.max.result.size: 2 MiB
  int meta_scanner_caching = 100;                  ///< hbase.meta.scanner.caching: 100 rows
  int locate_prefetch_limit = 10;                  ///< hbase.client.locate.prefetch.limit: 10 regions
  int locate_concurrent_max = 8;                   ///< hbase.client.meta.max.concurrent.locate.per.table: 8
  std::size_t key_value_max_size = 10 << 20;       ///< hbase.client.keyvalue.maxsize: 10 MiB; 0 or less: no limit
  bool nonces = true;                              ///< hbase.client.nonces.enabled: true

  // Buffered writes.
  std::size_t write_buffer_size = 2 << 20;                  ///< hbase.client.write.buffer: 2 MiB
  std::chrono::milliseconds write_buffer_periodic_flush{0};  ///< hbase.client.write.buffer.periodicflush.timeout.ms: 0, never
  std::size_t write_buffer_max_mutations = 0;               ///< hbase.client.write.buffer.maxmutations: -1 or 0, no limit
  std::size_t write_buffer_bytes_max = 16 << 20;            ///< hbmux.write.buffer.bytes.max: 16 MiB, at least twice the buffer
  int tasks_total_max = 100;                                ///< hbase.client.max.total.tasks: 100
  int tasks_per_server_max = 2;                             ///< hbase.client.max.perserver.tasks: 2
  int tasks_per_region_max = 1;                             ///< hbase.client.max.perregion.tasks: 1
  std::size_t request_bytes_max = 4 << 20;                  ///< hbase.client.max.perrequest.heapsize: 4 MiB
  std::size_t request_rows_max = 2048;                      ///< hbase.client.max.perrequest.rows: 2048

  /// hbase.client.backpressure.enabled with hbase.client.statistics.backoff-policy: nothing. Writes hold back from loaded regions.
  std::optional<LoadBackoff> load_backoff;

  // What travels.
  CellCodec codec = CellCodec::key_value;  ///< hbase.client.rpc.codec: KeyValueCodec; empty: cells inside messages
  std::string codec_class = "org.apache.hadoop.hbase.codec.KeyValueCodec";  ///< As announced; empty for none.
  CellCompressor compressor = CellCompressor::none;                         ///< hbase.client.rpc.compressor: none
  Attributes connection_attributes;  ///< Not by a property: given when the connection is opened.
  std::string compressor_class;                                             ///< As announced; empty for none.

  // Bounds.
  int requests_per_server_max = INT32_MAX;                ///< hbase.client.perserver.requests.threshold: 2147483647
  std::size_t frame_bytes_max = (256 << 20) + (1 << 20);  ///< hbmux.rpc.frame.bytes.max: 257 MiB, of one reply
  std::size_t calls_in_flight_max = 65536;                ///< hbmux.rpc.inflight.calls.max: 65536 per connection
  std::size_t bytes_in_flight_max = 256 << 20;  ///< hbmux.rpc.inflight.bytes.max: 256 MiB of requests per connection
  std::size_t tombstones_max = 8192;            ///< hbmux.rpc.tombstones.max: 8192 per connection
  std::size_t lanes = 0;                        ///< hbmux.lanes: 0: one a core, at most four

  // Where the cluster is.
  RegistryKind registry_kind = RegistryKind::zookeeper;  ///< hbase.client.registry.impl: ZKConnectionRegistry
  RegistrySettings registry;                             ///< Filled for the kinds rpc and master.
  ZooKeeperSettings zookeeper;                           ///< Filled for the kind zookeeper.
};

}  // namespace hbmux::core
