#include "core/client_settings.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace hbmux::core {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

using Pairs = std::vector<std::pair<std::string, std::string>>;

Configuration with(const Pairs& pairs) {
  Configuration configuration;
  for (const auto& [name, value] : pairs) configuration.set(name, value);
  return configuration;
}

ClientSettings settings(const Pairs& pairs = {}) { return ClientSettings::from(with(pairs)).value(); }

Error refusal(const Pairs& pairs) {
  auto result = ClientSettings::from(with(pairs));
  EXPECT_FALSE(result) << pairs.back().first << " = " << pairs.back().second;
  return result ? Error() : result.error();
}

/// The refusal of `value` names property, value and source.
void expect_refused(const std::string& property, const std::string& value, Errc code, Pairs others = {}) {
  others.emplace_back(property, value);
  const Error error = refusal(others);
  EXPECT_EQ(error.code(), code) << error;
  EXPECT_TRUE(error.message().starts_with(property + " = \"" + value + "\" (the program): ")) << error;
}

TEST(ClientSettings, HaveHBasesDefaults) {
  const auto s = settings();
  EXPECT_EQ(s.pool_type, PoolType::round_robin);
  EXPECT_EQ(s.pool_size, 1u);
  EXPECT_EQ(s.borrow_timeout, 60s);
  EXPECT_EQ(s.failed_server_expiry, 2s);
  EXPECT_EQ(s.connect_timeout, 10s);
  EXPECT_EQ(s.read_timeout, 20s);
  EXPECT_EQ(s.write_timeout, 60s);
  EXPECT_TRUE(s.tcp_no_delay);
  EXPECT_TRUE(s.tcp_keep_alive);
  EXPECT_EQ(s.idle_close, 120s);
  EXPECT_EQ(s.rpc_timeout, 60s);
  EXPECT_EQ(s.rpc_read_timeout, 60s);
  EXPECT_EQ(s.rpc_write_timeout, 60s);
  EXPECT_EQ(s.meta_rpc_read_timeout, 60s);
  EXPECT_EQ(s.operation_timeout, 20min);
  EXPECT_EQ(s.meta_operation_timeout, 20min);
  EXPECT_EQ(s.scanner_timeout, 60s);
  EXPECT_EQ(s.meta_scanner_timeout, 60s);
  EXPECT_EQ(s.pause, 100ms);
  EXPECT_EQ(s.pause_overloaded, 100ms);
  EXPECT_EQ(s.retries, 15);
  EXPECT_EQ(s.start_log_errors, 5);
  EXPECT_EQ(s.scanner_caching, 2147483647);
  EXPECT_EQ(s.scanner_max_result_size, 2097152);
  EXPECT_EQ(s.meta_scanner_caching, 100);
  EXPECT_EQ(s.locate_prefetch_limit, 10);
  EXPECT_EQ(s.locate_concurrent_max, 8);
  EXPECT_EQ(s.key_value_max_size, 10485760u);
  EXPECT_TRUE(s.nonces);
  EXPECT_EQ(s.codec, CellCodec::key_value);
  EXPECT_EQ(s.codec_class, "org.apache.hadoop.hbase.codec.KeyValueCodec");
  EXPECT_EQ(s.compressor, CellCompressor::none);
  EXPECT_EQ(s.compressor_class, "");
  EXPECT_EQ(s.requests_per_server_max, 2147483647);
  EXPECT_GT(s.frame_bytes_max, 256u << 20);
  EXPECT_EQ(s.tombstones_max, 8192u);
  EXPECT_EQ(s.lanes, 0u);
  EXPECT_EQ(s.registry_kind, RegistryKind::zookeeper);
  EXPECT_EQ(s.zookeeper.quorum, "127.0.0.1:2181");
  EXPECT_EQ(s.zookeeper.znode_parent, "/hbase");
  EXPECT_EQ(s.zookeeper.meta_znode, "meta-region-server");
  EXPECT_EQ(s.zookeeper.master_znode, "master");
  EXPECT_EQ(s.zookeeper.cluster_id_znode, "hbaseid");
  EXPECT_EQ(s.zookeeper.session_timeout, 90s);
  EXPECT_EQ(s.zookeeper.keep_alive, 60s);
  EXPECT_EQ(s.zookeeper.recovery_retries, 30);
  EXPECT_EQ(s.zookeeper.recovery_pause, 1s);
}

// An empty configuration and the struct's own initial values must not drift apart.
TEST(ClientSettings, TheStructBeginsWithTheSameDefaults) {
  const ClientSettings initial;
  const auto read = settings();
  EXPECT_EQ(initial.borrow_timeout, read.borrow_timeout);
  EXPECT_EQ(initial.zookeeper.quorum, read.zookeeper.quorum);
  EXPECT_EQ(initial.codec_class, read.codec_class);
  const auto rpc = settings({{"hbase.client.registry.impl", "RpcConnectionRegistry"}}).registry;
  EXPECT_EQ(RegistrySettings().refresh_interval, rpc.refresh_interval);
  EXPECT_EQ(RegistrySettings().initial_refresh_delay, rpc.initial_refresh_delay);
  EXPECT_EQ(RegistrySettings().min_between_refreshes, rpc.min_between_refreshes);
}

TEST(ClientSettings, ReadDurations) {
  const std::vector<std::pair<std::string, milliseconds ClientSettings::*>> durations = {
      {"hbmux.pool.reusable.borrow.timeout", &ClientSettings::borrow_timeout},
      {"hbmux.pool.leak.time", &ClientSettings::pool_leak_time},
      {"hbmux.pool.probe.period", &ClientSettings::pool_probe_period},
      {"hbase.ipc.client.failed.servers.expiry", &ClientSettings::failed_server_expiry},
      {"hbase.ipc.client.socket.timeout.connect", &ClientSettings::connect_timeout},
      {"hbase.ipc.client.socket.timeout.read", &ClientSettings::read_timeout},
      {"hbase.ipc.client.socket.timeout.write", &ClientSettings::write_timeout},
      {"hbase.ipc.client.connection.minIdleTimeBeforeClose", &ClientSettings::idle_close},
      {"hbase.rpc.timeout", &ClientSettings::rpc_timeout},
      {"hbase.rpc.read.timeout", &ClientSettings::rpc_read_timeout},
      {"hbase.rpc.write.timeout", &ClientSettings::rpc_write_timeout},
      {"hbase.client.meta.read.rpc.timeout", &ClientSettings::meta_rpc_read_timeout},
      {"hbase.client.operation.timeout", &ClientSettings::operation_timeout},
      {"hbase.client.meta.operation.timeout", &ClientSettings::meta_operation_timeout},
      {"hbase.client.scanner.timeout.period", &ClientSettings::scanner_timeout},
      {"hbase.client.meta.scanner.timeout.period", &ClientSettings::meta_scanner_timeout},
      {"hbase.client.pause", &ClientSettings::pause},
      {"hbase.client.pause.server.overloaded", &ClientSettings::pause_overloaded},
  };
  for (const auto& [name, field] : durations) {
    EXPECT_EQ(settings({{name, "1234"}}).*field, 1234ms) << name;
    EXPECT_EQ(settings({{name, "7s"}}).*field, 7s) << name;
    const bool has_least = name == "hbase.client.pause.server.overloaded";
    EXPECT_EQ(settings({{name, "0"}}).*field, has_least ? 100ms : 0ms) << name;
    // Integer.MAX_VALUE and Long.MAX_VALUE are what people write for "never".
    EXPECT_EQ(settings({{name, "2147483647"}}).*field, 2147483647ms) << name;
    const milliseconds forever = settings({{name, "9223372036854775807"}}).*field;
    EXPECT_GT(forever, 24h * 365 * 99) << name;
    EXPECT_LT(forever, 24h * 365 * 101) << name;
    for (std::string bad : {"-1", "soon", "1.5", "99999999999999999999"}) {
      expect_refused(name, bad, Errc::invalid_configuration);
    }
  }
}

TEST(ClientSettings, DurationsFollowEachOther) {
  auto s = settings({{"hbase.rpc.timeout", "5s"}, {"hbase.client.scanner.timeout.period", "6s"}});
  EXPECT_EQ(s.rpc_read_timeout, 5s);
  EXPECT_EQ(s.rpc_write_timeout, 5s);
  EXPECT_EQ(s.meta_rpc_read_timeout, 5s);
  EXPECT_EQ(s.borrow_timeout, 5s);
  EXPECT_EQ(s.meta_scanner_timeout, 6s);
  s = settings({{"hbase.rpc.timeout", "5s"}, {"hbase.rpc.read.timeout", "4s"}});
  EXPECT_EQ(s.rpc_write_timeout, 5s);
  EXPECT_EQ(s.meta_rpc_read_timeout, 4s);
}

TEST(ClientSettings, ThePauseOfAnOverloadedServerIsNeverShorter) {
  EXPECT_EQ(settings({{"hbase.client.pause", "300"}}).pause_overloaded, 300ms);
  EXPECT_EQ(settings({{"hbase.client.pause", "300"}, {"hbase.client.pause.server.overloaded", "200"}}).pause_overloaded,
            300ms);
  EXPECT_EQ(settings({{"hbase.client.pause.cqtbe", "900"}}).pause_overloaded, 900ms);
}

TEST(ClientSettings, ReadNumbers) {
  struct Number {
    std::string name;
    std::function<std::int64_t(const ClientSettings&)> field;
    std::int64_t min, max;
  };
  auto of = [](auto member) {
    return [member](const ClientSettings& s) { return static_cast<std::int64_t>(s.*member); };
  };
  const std::vector<Number> numbers = {
      {"hbase.client.ipc.pool.size", of(&ClientSettings::pool_size), 1, INT32_MAX},
      {"hbmux.pool.reusable.waiting.max", of(&ClientSettings::borrow_waiting_max), 0, INT32_MAX},
      {"hbase.client.retries.number", of(&ClientSettings::retries), 0, INT32_MAX - 1},
      {"hbase.client.start.log.errors.counter", of(&ClientSettings::start_log_errors), 0, INT32_MAX},
      {"hbase.client.scanner.caching", of(&ClientSettings::scanner_caching), 1, INT32_MAX},
      {"hbase.client.scanner.max.result.size", of(&ClientSettings::scanner_max_result_size), 1, INT64_MAX},
      {"hbase.meta.scanner.caching", of(&ClientSettings::meta_scanner_caching), 1, INT32_MAX},
      {"hbase.client.locate.prefetch.limit", of(&ClientSettings::locate_prefetch_limit), 1, INT32_MAX},
      {"hbase.client.meta.max.concurrent.locate.per.table", of(&ClientSettings::locate_concurrent_max), 1, INT32_MAX},
      {"hbase.client.perserver.requests.threshold", of(&ClientSettings::requests_per_server_max), 1, INT32_MAX},
      {"hbmux.rpc.frame.bytes.max", of(&ClientSettings::frame_bytes_max), 4096, INT32_MAX},
      {"hbmux.rpc.inflight.calls.max", of(&ClientSettings::calls_in_flight_max), 1, 1 << 24},
      {"hbmux.rpc.inflight.bytes.max", of(&ClientSettings::bytes_in_flight_max), 1, INT64_MAX},
      {"hbmux.rpc.tombstones.max", of(&ClientSettings::tombstones_max), 0, 1 << 24},
      {"hbmux.lanes", of(&ClientSettings::lanes), 0, 1024},
  };
  for (const Number& number : numbers) {
    for (std::int64_t value : {number.min, number.max}) {
      EXPECT_EQ(number.field(settings({{number.name, std::to_string(value)}})), value) << number.name;
    }
    expect_refused(number.name, std::to_string(number.min - 1), Errc::invalid_configuration);
    if (number.max != INT64_MAX) {
      expect_refused(number.name, std::to_string(number.max + 1), Errc::invalid_configuration);
    }
    for (std::string bad : {"-1000000", "many", "1k", "99999999999999999999"}) {
      expect_refused(number.name, bad, Errc::invalid_configuration);
    }
  }
}

// hbase-default.xml: "Setting it to zero or less disables the check."
TEST(ClientSettings, TheCellSizeLimitCanBeSwitchedOff) {
  EXPECT_EQ(settings({{"hbase.client.keyvalue.maxsize", "100"}}).key_value_max_size, 100u);
  EXPECT_EQ(settings({{"hbase.client.keyvalue.maxsize", "0"}}).key_value_max_size, 0u);
  EXPECT_EQ(settings({{"hbase.client.keyvalue.maxsize", "-1"}}).key_value_max_size, 0u);
  expect_refused("hbase.client.keyvalue.maxsize", "big", Errc::invalid_configuration);
}

TEST(ClientSettings, ReadFlags) {
  const std::vector<std::pair<std::string, bool ClientSettings::*>> flags = {
      {"hbase.ipc.client.tcpnodelay", &ClientSettings::tcp_no_delay},
      {"hbase.ipc.client.tcpkeepalive", &ClientSettings::tcp_keep_alive},
      {"hbase.client.nonces.enabled", &ClientSettings::nonces},
  };
  for (const auto& [name, field] : flags) {
    EXPECT_FALSE(settings({{name, "False"}}).*field) << name;
    EXPECT_TRUE(settings({{name, " true "}}).*field) << name;
    expect_refused(name, "no", Errc::invalid_configuration);
  }
}

TEST(ClientSettings, PoolTypesInEverySpelling) {
  auto type = [](std::string name) { return settings({{"hbase.client.ipc.pool.type", std::move(name)}}).pool_type; };
  for (std::string name : {"RoundRobin", "roundrobin", "ROUND-ROBIN", " round-robin ", ""}) {
    EXPECT_EQ(type(name), PoolType::round_robin) << name;
  }
  for (std::string name : {"ThreadLocal", "thread-local"}) EXPECT_EQ(type(name), PoolType::per_thread);
  for (std::string name : {"Reusable", "reusable"}) EXPECT_EQ(type(name), PoolType::reusable);
  for (std::string name : {"Random", "Round_Robin", "RoundRobin2"}) {
    expect_refused("hbase.client.ipc.pool.type", name, Errc::invalid_configuration);
  }
}

// hbase.client.ipc.pool.size says nothing about ThreadLocal: its default of 1 would make all threads share one socket.
TEST(ClientSettings, ThePoolSizeDoesNotConcernThreadLocal) {
  auto s = settings({{"hbase.client.ipc.pool.type", "ThreadLocal"}, {"hbase.client.ipc.pool.size", "3"}});
  EXPECT_EQ(s.pool_size, 0u);
  s = settings({{"hbase.client.ipc.pool.type", "ThreadLocal"}, {"hbmux.pool.threadlocal.max", "9"}});
  EXPECT_EQ(s.pool_size, 9u);
  s = settings({{"hbase.client.ipc.pool.type", "Reusable"}, {"hbase.client.ipc.pool.size", "3"}});
  EXPECT_EQ(s.pool_size, 3u);
}

TEST(ClientSettings, Codecs) {
  const std::string package = "org.apache.hadoop.hbase.codec.";
  auto s = settings({{"hbase.client.rpc.codec", package + "KeyValueCodecWithTags"}});
  EXPECT_EQ(s.codec, CellCodec::key_value_with_tags);
  EXPECT_EQ(s.codec_class, package + "KeyValueCodecWithTags");
  s = settings({{"hbase.client.rpc.codec", " "}});
  EXPECT_EQ(s.codec, CellCodec::none);
  EXPECT_EQ(s.codec_class, "");
  s = settings({{"hbase.client.default.rpc.codec", ""}});
  EXPECT_EQ(s.codec, CellCodec::none);
  s = settings({{"hbase.client.default.rpc.codec", ""}, {"hbase.client.rpc.codec", package + "KeyValueCodec"}});
  EXPECT_EQ(s.codec, CellCodec::key_value);
  for (std::string name : {"KeyValueCodec", "org.apache.hadoop.hbase.codec.CellCodec",
                           "org.apache.hadoop.hbase.codec.MessageCodec", "x.KeyValueCodec"}) {
    expect_refused("hbase.client.rpc.codec", name, Errc::invalid_configuration);
    expect_refused("hbase.client.default.rpc.codec", name, Errc::invalid_configuration);
  }
}

TEST(ClientSettings, Compressors) {
  const std::string hadoop = "org.apache.hadoop.io.compress.", hbase = "org.apache.hadoop.hbase.io.compress.";
  const std::vector<std::pair<std::string, CellCompressor>> names = {
      {hadoop + "GzipCodec", CellCompressor::gzip},
      {hadoop + "DefaultCodec", CellCompressor::deflate},
      {hadoop + "SnappyCodec", CellCompressor::snappy},
      {hadoop + "Lz4Codec", CellCompressor::lz4},
      {hbase + "ReusableStreamGzipCodec", CellCompressor::gzip},
      {hbase + "xerial.SnappyCodec", CellCompressor::snappy},
      {hbase + "lz4.Lz4Codec", CellCompressor::lz4},
      {hbase + "zstd.ZstdCodec", CellCompressor::zstd},
      {hbase + "aircompressor.Lz4Codec", CellCompressor::lz4},
      {hbase + "aircompressor.SnappyCodec", CellCompressor::snappy},
      {hbase + "aircompressor.ZstdCodec", CellCompressor::zstd},
  };
  for (const auto& [name, compressor] : names) {
    const auto s = settings({{"hbase.client.rpc.compressor", name}});
    EXPECT_EQ(s.compressor, compressor) << name;
    EXPECT_EQ(s.compressor_class, name);
  }
  EXPECT_EQ(settings({{"hbase.client.rpc.compressor", ""}}).compressor, CellCompressor::none);
  for (const std::string& name :
       {std::string("gzip"), hadoop + "BZip2Codec", hadoop + "ZStandardCodec", hbase + "brotli.BrotliCodec",
        hbase + "xz.LzmaCodec", hbase + "aircompressor.LzoCodec", hadoop, "x." + hadoop + "GzipCodec"}) {
    expect_refused("hbase.client.rpc.compressor", name, Errc::invalid_configuration);
  }
}

// Without a codec there are no cell blocks, and nothing to compress.
TEST(ClientSettings, ACompressorNeedsACodec) {
  const auto s = settings(
      {{"hbase.client.rpc.codec", ""}, {"hbase.client.rpc.compressor", "org.apache.hadoop.io.compress.GzipCodec"}});
  EXPECT_EQ(s.compressor, CellCompressor::none);
  EXPECT_EQ(s.compressor_class, "");
}

TEST(ClientSettings, ImplementationsByTheirJavaNames) {
  const std::string package = "org.apache.hadoop.hbase.";
  for (std::string name : {"native", "", "org.apache.hadoop.hbase.client.ConnectionImplementation",
                           "org.apache.hadoop.hbase.client.ConnectionOverAsyncConnection"}) {
    settings({{"hbase.client.connection.impl", name}});
  }
  for (std::string name : {"native", "NettyRpcClient", "org.apache.hadoop.hbase.ipc.BlockingRpcClient"}) {
    settings({{"hbase.rpc.client.impl", name}});
  }
  expect_refused("hbase.client.connection.impl", "com.example.Connection", Errc::invalid_configuration);
  expect_refused("hbase.client.async.connection.impl", "com.example.Connection", Errc::invalid_configuration);
  expect_refused("hbase.rpc.client.impl", "com.example.RpcClient", Errc::invalid_configuration);
  expect_refused("hbase.client.connection.impl", "com.google.cloud.bigtable.hbase2_x.BigtableConnection",
                 Errc::unsupported);
  expect_refused("hbase.client.async.connection.impl", "com.google.cloud.bigtable.hbase2_x.BigtableAsyncConnection",
                 Errc::unsupported);
  expect_refused("hbase.client.registry.impl", "com.google.cloud.bigtable.hbase2_x.BigtableAsyncRegistry",
                 Errc::unsupported);
}

TEST(ClientSettingsSecurity, IsRefusedAndNamed) {
  const Pairs secure = {
      {"hbase.security.authentication", "kerberos"},
      {"hbase.security.authentication", "token"},
      {"hadoop.security.authentication", "KERBEROS"},
      {"hbase.rpc.protection", "privacy"},
      {"hbase.rpc.protection", "integrity"},
      {"hbase.rpc.protection", "authentication,privacy"},
      {"hbase.rpc.crypto.encryption.aes.enabled", "true"},
      {"hbase.client.netty.tls.enabled", "true"},
      {"hbase.client.netty.tls.enabled", "maybe"},
      {"hbase.rpc.tls.truststore.location", "/etc/ssl/trust.jks"},
      {"hbase.client.sasl.provider.class", "com.example.Provider"},
      {"hbase.client.sasl.provider.extras", "com.example.Provider"},
      {"hbase.client.userprovider.class", "com.example.UserProvider"},
      {"zookeeper.client.secure", "true"},
  };
  for (const auto& [name, value] : secure) expect_refused(name, value, Errc::unsupported);
}

TEST(ClientSettingsSecurity, ValuesThatSecureNothingAreTaken) {
  settings({{"hbase.security.authentication", " Simple "},
            {"hadoop.security.authentication", "simple"},
            {"hbase.rpc.protection", "authentication"},
            {"hbase.rpc.crypto.encryption.aes.enabled", "false"},
            {"hbase.client.netty.tls.enabled", "FALSE"},
            {"hbase.rpc.tls.useOpenSsl", "false"},
            {"hbase.rpc.tls.keystore.location", ""},
            {"hbase.client.sasl.provider.class", ""},
            {"hbase.client.userprovider.class", "org.apache.hadoop.hbase.security.UserProvider"}});
}

// Also when something else is wrong: the first thing to know is that the connection would not be safe.
TEST(ClientSettingsSecurity, ComesFirst) {
  EXPECT_EQ(refusal({{"hbase.client.ipc.pool.size", "-1"}, {"hbase.security.authentication", "kerberos"}}).code(),
            Errc::unsupported);
}

TEST(ClientSettingsSecurity, APasswordIsNotShown) {
  const Error error = refusal({{"hbase.rpc.tls.keystore.password", "geheim"}});
  EXPECT_EQ(error.code(), Errc::unsupported);
  EXPECT_EQ(error.message().find("geheim"), std::string::npos) << error;
}

TEST(ClientSettingsUser, ComesFromPropertyEnvironmentAndSystem) {
  setenv("HADOOP_USER_NAME", "alice", 1);
  EXPECT_EQ(settings().user, (User{"alice", ""}));
  EXPECT_EQ(settings({{"hbmux.user", "bob"}}).user, (User{"bob", ""}));
  EXPECT_EQ(settings({{"hbmux.user", " "}}).user, (User{"alice", ""}));
  unsetenv("HADOOP_USER_NAME");
  EXPECT_FALSE(settings().user.effective.empty());
}

}  // namespace
}  // namespace hbmux::core
