#include "core/client_settings.h"

#include "core/java_names.h"
#include "core/property_reader.h"
#include "core/registry_settings.h"
#include "core/security_settings.h"

#include <algorithm>
#include <cstdint>

namespace hbmux::core {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kNotHere = "a connection to HBase cannot be one to Bigtable";

void read_user(PropertyReader& reader, ClientSettings& settings) {
  const std::string name = reader.text("hbmux.user", "");
  settings.user = name.empty() ? User::current() : User{name, {}};
}

std::optional<PoolChoice> pool_choice_of(std::string_view name) {
  for (const auto choice : {PoolChoice::in_turn, PoolChoice::fewest_calls, PoolChoice::fewest_bytes, PoolChoice::sticky}) {
    if (name == to_string(choice)) return choice;
  }
  return std::nullopt;
}

void read_pool(PropertyReader& reader, ClientSettings& settings) {
  constexpr std::string_view kType = "hbase.client.ipc.pool.type";
  if (const auto name = reader.word(kType); name && !name->empty()) {
    const auto type = pool_type_of(*name);
    if (!type) reader.refuse(kType, "expected RoundRobin, ThreadLocal or Reusable");
    settings.pool_type = type.value_or(settings.pool_type);
  }
  settings.pool_size = reader.integer("hbase.client.ipc.pool.size", settings.pool_size, 1);
  const auto threads_max = reader.integer<std::size_t>("hbmux.pool.threadlocal.max", 0, 0);
  if (settings.pool_type == PoolType::per_thread) settings.pool_size = threads_max;
  settings.borrow_timeout = reader.millis("hbmux.pool.reusable.borrow.timeout", settings.rpc_timeout);
  settings.borrow_waiting_max = reader.integer("hbmux.pool.reusable.waiting.max", settings.borrow_waiting_max, 0);
  constexpr std::string_view kChoice = "hbmux.pool.choice";
  if (const auto name = reader.word(kChoice); name && !name->empty()) {
    const auto choice = pool_choice_of(*name);
    if (!choice) reader.refuse(kChoice, "expected in_turn, fewest_calls, fewest_bytes or sticky");
    settings.pool_choice = choice.value_or(settings.pool_choice);
  }
  settings.pool_size_min = reader.integer<std::size_t>("hbmux.pool.size.min", 0, 0);
  settings.pool_total_max = reader.integer<std::size_t>("hbmux.pool.total.max", 0, 0);
  settings.pool_lifetime_max = reader.millis("hbmux.pool.lifetime.max", settings.pool_lifetime_max);
  settings.pool_reaper_period = reader.millis("hbmux.pool.reaper.period", settings.pool_reaper_period);
  settings.pool_leak_time = reader.millis("hbmux.pool.leak.time", settings.pool_leak_time);
  settings.pool_probe_period = reader.millis("hbmux.pool.probe.period", settings.pool_probe_period);
  settings.pool_probe_timeout = reader.millis("hbmux.pool.probe.timeout", settings.pool_probe_timeout, milliseconds(1));
  settings.failed_server_expiry =
      reader.millis("hbase.ipc.client.failed.servers.expiry", settings.failed_server_expiry);
}

void read_socket(PropertyReader& reader, ClientSettings& settings) {
  settings.connect_timeout = reader.millis("hbase.ipc.client.socket.timeout.connect", settings.connect_timeout);
  settings.read_timeout = reader.millis("hbase.ipc.client.socket.timeout.read", settings.read_timeout);
  settings.write_timeout = reader.millis("hbase.ipc.client.socket.timeout.write", settings.write_timeout);
  settings.tcp_no_delay = reader.flag("hbase.ipc.client.tcpnodelay", settings.tcp_no_delay);
  settings.tcp_keep_alive = reader.flag("hbase.ipc.client.tcpkeepalive", settings.tcp_keep_alive);
  settings.idle_close = reader.millis("hbase.ipc.client.connection.minIdleTimeBeforeClose", settings.idle_close);
}

void read_times(PropertyReader& reader, ClientSettings& settings) {
  settings.rpc_timeout = reader.millis("hbase.rpc.timeout", settings.rpc_timeout);
  settings.rpc_read_timeout = reader.millis("hbase.rpc.read.timeout", settings.rpc_timeout);
  settings.rpc_write_timeout = reader.millis("hbase.rpc.write.timeout", settings.rpc_timeout);
  settings.meta_rpc_read_timeout = reader.millis("hbase.client.meta.read.rpc.timeout", settings.rpc_read_timeout);
  settings.operation_timeout = reader.millis("hbase.client.operation.timeout", settings.operation_timeout);
  settings.meta_operation_timeout =
      reader.millis("hbase.client.meta.operation.timeout", settings.meta_operation_timeout);
  settings.scanner_timeout = reader.millis("hbase.client.scanner.timeout.period", settings.scanner_timeout);
  settings.meta_scanner_timeout = reader.millis("hbase.client.meta.scanner.timeout.period", settings.scanner_timeout);
  settings.pause = reader.millis("hbase.client.pause", settings.pause);
  settings.pause_overloaded =
      std::max(settings.pause, reader.millis("hbase.client.pause.server.overloaded", settings.pause));
  settings.retries = reader.integer("hbase.client.retries.number", settings.retries, 0, INT32_MAX - 1);
  const auto micros = [&reader](std::string_view name, std::chrono::microseconds otherwise) {
    return std::chrono::microseconds(reader.integer(name, otherwise.count(), 0, std::numeric_limits<std::int32_t>::max()));
  };
  settings.scan_prefetch_bytes = reader.integer("hbmux.scan.prefetch.bytes", settings.scan_prefetch_bytes, 0);
  settings.primary_get_timeout = micros("hbase.client.primaryCallTimeout.get", settings.primary_get_timeout);
  settings.primary_multiget_timeout = micros("hbase.client.primaryCallTimeout.multiget", settings.primary_multiget_timeout);
  settings.replica_scan_timeout = micros("hbase.client.replicaCallTimeout.scan", settings.replica_scan_timeout);
  settings.start_log_errors = reader.integer("hbase.client.start.log.errors.counter", settings.start_log_errors, 0);
}

std::optional<MetaReplicaMode> meta_replica_mode_of(std::string_view name) {
  const std::string lower = to_lower(name);
  if (lower == "none") return MetaReplicaMode::none;
  if (lower == "hedgedread") return MetaReplicaMode::hedged_read;
  if (lower == "loadbalance") return MetaReplicaMode::load_balance;
  return std::nullopt;
}

void read_meta_replicas(PropertyReader& reader, ClientSettings& settings) {
  constexpr std::string_view kMode = "hbase.locator.meta.replicas.mode";
  if (const auto name = reader.word(kMode); name && !name->empty()) {
    const auto mode = meta_replica_mode_of(*name);
    if (!mode) reader.refuse(kMode, "expected None, HedgedRead or LoadBalance");
    settings.meta_replica_mode = mode.value_or(settings.meta_replica_mode);
  }
  // The older property counts where the newer one says nothing or None (AsyncNonMetaRegionLocator.java).
  const bool hedged = reader.flag("hbase.meta.replicas.use", false);
  if (hedged && settings.meta_replica_mode == MetaReplicaMode::none) settings.meta_replica_mode = MetaReplicaMode::hedged_read;
  constexpr std::string_view kSelector = "hbase.locator.meta.replicas.mode.loadbalance.selector";
  if (const std::string name = reader.text(kSelector, ""); !name.empty() && !is_meta_replica_selector(name)) {
    reader.refuse(kSelector, "expected org.apache.hadoop.hbase.client.CatalogReplicaLoadBalanceSimpleSelector, or nothing", Errc::unsupported);
  }
  settings.meta_replica_scan_timeout = std::chrono::microseconds(reader.integer(
      "hbase.client.meta.replica.scan.timeout", settings.meta_replica_scan_timeout.count(), 0, std::numeric_limits<std::int32_t>::max()));
}

void read_data(PropertyReader& reader, ClientSettings& settings) {
  constexpr std::string_view kPrefix = "hbmux.table.prefix";
  if (const auto text = reader.word(kPrefix)) {
    auto prefix = TablePrefix::parse(*text);
    if (!prefix) reader.refuse(kPrefix, prefix.error().message());
    if (prefix) settings.table_prefix = std::move(*prefix);
  }
  settings.scanner_caching = reader.integer("hbase.client.scanner.caching", settings.scanner_caching, 1);
  settings.scanner_max_result_size =
      reader.integer("hbase.client.scanner.max.result.size", settings.scanner_max_result_size, 1, INT64_MAX);
  settings.meta_scanner_caching = reader.integer("hbase.meta.scanner.caching", settings.meta_scanner_caching, 1);
  settings.locate_prefetch_limit =
      reader.integer("hbase.client.locate.prefetch.limit", settings.locate_prefetch_limit, 1);
  settings.locate_concurrent_max =
      reader.integer("hbase.client.meta.max.concurrent.locate.per.table", settings.locate_concurrent_max, 1);
  const auto size = reader.integer<std::int64_t>("hbase.client.keyvalue.maxsize",
                                                 static_cast<std::int64_t>(settings.key_value_max_size), INT64_MIN);
  settings.key_value_max_size = size > 0 ? static_cast<std::size_t>(size) : 0;
  settings.nonces = reader.flag("hbase.client.nonces.enabled", settings.nonces);
}

std::size_t positive_size(PropertyReader& reader, std::string_view name, std::size_t otherwise) {
  return static_cast<std::size_t>(reader.integer<std::int64_t>(name, static_cast<std::int64_t>(otherwise), 1, INT64_MAX));
}

void read_buffered_writes(PropertyReader& reader, ClientSettings& settings) {
  settings.write_buffer_size = positive_size(reader, "hbase.client.write.buffer", settings.write_buffer_size);
  settings.write_buffer_periodic_flush =
      reader.millis("hbase.client.write.buffer.periodicflush.timeout.ms", settings.write_buffer_periodic_flush);
  settings.write_buffer_max_mutations =
      static_cast<std::size_t>(std::max(0, reader.integer("hbase.client.write.buffer.maxmutations", -1, -1)));
  settings.write_buffer_bytes_max = std::max(positive_size(reader, "hbmux.write.buffer.bytes.max", settings.write_buffer_bytes_max),
                                             2 * settings.write_buffer_size);
  settings.tasks_total_max = reader.integer("hbase.client.max.total.tasks", settings.tasks_total_max, 1);
  settings.tasks_per_server_max = reader.integer("hbase.client.max.perserver.tasks", settings.tasks_per_server_max, 1);
  settings.tasks_per_region_max = reader.integer("hbase.client.max.perregion.tasks", settings.tasks_per_region_max, 1);
  settings.request_bytes_max = positive_size(reader, "hbase.client.max.perrequest.heapsize", settings.request_bytes_max);
  settings.request_rows_max = positive_size(reader, "hbase.client.max.perrequest.rows", settings.request_rows_max);
}

// Both properties have to be set for writes to hold back, as in Java.
void read_backpressure(PropertyReader& reader, ClientSettings& settings) {
  LoadBackoff backoff;
  const bool enabled = reader.flag("hbase.client.backpressure.enabled", false);
  backoff.max = reader.millis("hbase.client.exponential-backoff.max", backoff.max);
  constexpr std::string_view kLow = "hbase.heap.occupancy.low_water_mark", kHigh = "hbase.heap.occupancy.high_water_mark";
  backoff.heap_low = reader.real(kLow, backoff.heap_low, 0, 1);
  backoff.heap_high = reader.real(kHigh, backoff.heap_high, 0, 1);
  if (backoff.heap_low > backoff.heap_high) reader.refuse(kLow, "expected no more than " + std::string(kHigh));
  constexpr std::string_view kPolicy = "hbase.client.statistics.backoff-policy";
  const auto policy = backoff_policy_of(reader.word(kPolicy).value_or(""));
  if (!policy) reader.refuse(kPolicy, "expected ExponentialClientBackoffPolicy, with Java's package, or nothing for none", Errc::unsupported);
  if (enabled && policy == BackoffPolicy::exponential) settings.load_backoff = backoff;
}

void read_codec(PropertyReader& reader, ClientSettings& settings) {
  // The first one decides when it is set, be it to nothing; the second is what to take otherwise
  // (AbstractRpcClient.java).
  for (std::string_view property : {"hbase.client.rpc.codec", "hbase.client.default.rpc.codec"}) {
    const auto name = reader.word(property);
    if (!name) continue;
    if (const auto codec = codec_of(*name)) {
      settings.codec = *codec;
      settings.codec_class = *name;
    } else {
      reader.refuse(
          property,
          "expected org.apache.hadoop.hbase.codec.KeyValueCodec or KeyValueCodecWithTags of the same package, "
          "or nothing for cells inside messages");
    }
    break;
  }
  constexpr std::string_view kCompressor = "hbase.client.rpc.compressor";
  const std::string name = reader.word(kCompressor).value_or("");
  if (const auto compressor = compressor_of(name)) {
    settings.compressor = *compressor;
    settings.compressor_class = name;
  } else {
    reader.refuse(kCompressor,
                  "expected the class name of a codec for gzip, deflate, snappy, lz4 or zstd, of Hadoop or of HBase's "
                  "hbase-compression modules, such as org.apache.hadoop.io.compress.GzipCodec");
  }
  // Otherwise the cells travel inside the messages, which are not compressed.
  if (settings.codec == CellCodec::none) settings.compressor = CellCompressor::none, settings.compressor_class.clear();
}

void read_bounds(PropertyReader& reader, ClientSettings& settings) {
  settings.requests_per_server_max =
      reader.integer("hbase.client.perserver.requests.threshold", settings.requests_per_server_max, 1);
  settings.frame_bytes_max = reader.integer("hbmux.rpc.frame.bytes.max", settings.frame_bytes_max, 4096);
  settings.calls_in_flight_max =
      reader.integer("hbmux.rpc.inflight.calls.max", settings.calls_in_flight_max, 1, 1 << 24);
  settings.bytes_in_flight_max =
      reader.integer("hbmux.rpc.inflight.bytes.max", settings.bytes_in_flight_max, 1, INT64_MAX);
  settings.tombstones_max = reader.integer("hbmux.rpc.tombstones.max", settings.tombstones_max, 0, 1 << 24);
  settings.lanes = reader.integer("hbmux.lanes", settings.lanes, 0, 1024);
}

/// Java classes that stand for what hbmux is anyway.
void check_implementations(PropertyReader& reader) {
  for (std::string_view property : {"hbase.client.connection.impl", "hbase.client.async.connection.impl"}) {
    const std::string name = reader.text(property, "");
    if (name.empty() || is_native_connection(name)) continue;
    if (is_bigtable(name)) reader.refuse(property, kNotHere, Errc::unsupported);
    reader.refuse(property, "expected native, or a class of HBase's own client");
  }
  constexpr std::string_view kRpcClient = "hbase.rpc.client.impl";
  if (const auto name = reader.text(kRpcClient, ""); !name.empty() && !is_native_rpc_client(name)) {
    reader.refuse(kRpcClient, "expected native, or org.apache.hadoop.hbase.ipc.NettyRpcClient or BlockingRpcClient");
  }
}

void read_registry(PropertyReader& reader, ClientSettings& settings) {
  constexpr std::string_view kImplementation = "hbase.client.registry.impl";
  if (const auto name = reader.text(kImplementation, ""); !name.empty()) {
    if (const auto kind = registry_of(name)) {
      settings.registry_kind = *kind;
    } else if (is_bigtable(name)) {
      reader.refuse(kImplementation, kNotHere, Errc::unsupported);
    } else {
      reader.refuse(kImplementation,
                    "expected ZKConnectionRegistry, RpcConnectionRegistry or MasterRegistry, with or "
                    "without the package org.apache.hadoop.hbase.client");
    }
  }
  if (settings.registry_kind == RegistryKind::zookeeper) {
    read_zookeeper(reader, settings.zookeeper);
  } else {
    read_server_registry(reader, settings.registry_kind, settings.registry);
  }
}

}  // namespace

Result<ClientSettings> ClientSettings::from(const Configuration& configuration) {
  if (auto plain = refuse_security(configuration); !plain) return plain.error();
  ClientSettings settings;
  PropertyReader reader(configuration);
  read_user(reader, settings);
  read_times(reader, settings);
  read_meta_replicas(reader, settings);
  read_pool(reader, settings);
  read_socket(reader, settings);
  read_data(reader, settings);
  read_buffered_writes(reader, settings);
  read_backpressure(reader, settings);
  read_codec(reader, settings);
  read_bounds(reader, settings);
  check_implementations(reader);
  read_registry(reader, settings);
  if (reader.error()) return *reader.error();
  return settings;
}

}  // namespace hbmux::core
