#include "core/java_names.h"

#include "core/configuration_values.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hbmux::core {
namespace {

constexpr std::string_view kCodecs = "org.apache.hadoop.hbase.codec.";
constexpr std::string_view kHadoopCompressors = "org.apache.hadoop.io.compress.";
constexpr std::string_view kHBaseCompressors = "org.apache.hadoop.hbase.io.compress.";
constexpr std::string_view kClient = "org.apache.hadoop.hbase.client.";
constexpr std::string_view kIpc = "org.apache.hadoop.hbase.ipc.";

std::string_view without(std::string_view name, std::string_view package) {
  return name.starts_with(package) ? name.substr(package.size()) : name;
}

template <class T, std::size_t N>
std::optional<T> find(const std::array<std::pair<std::string_view, T>, N>& table, std::string_view name) {
  for (const auto& [known, value] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PoolType> pool_type_of(std::string_view name) {
  std::string normal = to_lower(name);
  normal.erase(std::remove(normal.begin(), normal.end(), '-'), normal.end());
  static constexpr std::array<std::pair<std::string_view, PoolType>, 3> kTypes = {
      {{"roundrobin", PoolType::round_robin}, {"threadlocal", PoolType::per_thread}, {"reusable", PoolType::reusable}}};
  return find(kTypes, trim(normal));
}

std::optional<CellCodec> codec_of(std::string_view java_class) {
  if (java_class.empty()) return CellCodec::none;
  if (!java_class.starts_with(kCodecs)) return std::nullopt;
  static constexpr std::array<std::pair<std::string_view, CellCodec>, 2> kNames = {
      {{"KeyValueCodec", CellCodec::key_value}, {"KeyValueCodecWithTags", CellCodec::key_value_with_tags}}};
  return find(kNames, without(java_class, kCodecs));
}

std::optional<CellCompressor> compressor_of(std::string_view java_class) {
  if (java_class.empty()) return CellCompressor::none;
  static constexpr std::array<std::pair<std::string_view, CellCompressor>, 5> kHadoop = {
      {{"GzipCodec", CellCompressor::gzip},
       {"DefaultCodec", CellCompressor::deflate},
       {"DeflateCodec", CellCompressor::deflate},
       {"SnappyCodec", CellCompressor::snappy},
       {"Lz4Codec", CellCompressor::lz4}}};
  // Hadoop's ZStandardCodec is not here: it writes a plain zstd stream, not the blocks that HBase's own zstd codecs
  // write. hbase-compression-aircompressor, -lz4, -snappy and -zstd.
  static constexpr std::array<std::pair<std::string_view, CellCompressor>, 6> kHBase = {
      {{"aircompressor.Lz4Codec", CellCompressor::lz4},
       {"aircompressor.SnappyCodec", CellCompressor::snappy},
       {"aircompressor.ZstdCodec", CellCompressor::zstd},
       {"lz4.Lz4Codec", CellCompressor::lz4},
       {"xerial.SnappyCodec", CellCompressor::snappy},
       {"zstd.ZstdCodec", CellCompressor::zstd}}};
  if (java_class.starts_with(kHadoopCompressors)) return find(kHadoop, without(java_class, kHadoopCompressors));
  // HBase's own gzip, which writes the same format.
  if (java_class == "org.apache.hadoop.hbase.io.compress.ReusableStreamGzipCodec") return CellCompressor::gzip;
  if (java_class.starts_with(kHBaseCompressors)) return find(kHBase, without(java_class, kHBaseCompressors));
  return std::nullopt;
}

std::optional<RegistryKind> registry_of(std::string_view java_class) {
  static constexpr std::array<std::pair<std::string_view, RegistryKind>, 5> kNames = {
      {{"ZKConnectionRegistry", RegistryKind::zookeeper},
       {"ZKAsyncRegistry", RegistryKind::zookeeper},
       {"ZooKeeperRegistry", RegistryKind::zookeeper},
       {"RpcConnectionRegistry", RegistryKind::rpc},
       {"MasterRegistry", RegistryKind::master}}};
  return find(kNames, without(java_class, kClient));
}

bool is_native_connection(std::string_view java_class) {
  const auto name = without(java_class, kClient);
  return name == "native" || name == "ConnectionImplementation" || name == "ConnectionOverAsyncConnection" ||
         name == "AsyncConnectionImpl" || name == "ConnectionManager$HConnectionImplementation" ||
         name == "HConnectionImplementation";
}

std::optional<BackoffPolicy> backoff_policy_of(std::string_view java_class) {
  const auto name = without(java_class, "org.apache.hadoop.hbase.client.backoff.");
  if (name.empty() || name == "ClientBackoffPolicyFactory$NoBackoffPolicy") return BackoffPolicy::none;
  if (name == "ExponentialClientBackoffPolicy") return BackoffPolicy::exponential;
  return std::nullopt;
}

bool is_native_rpc_client(std::string_view java_class) {
  const auto name = without(java_class, kIpc);
  return name == "native" || name == "NettyRpcClient" || name == "BlockingRpcClient" || name == "RpcClientImpl" ||
         name == "AsyncRpcClient";
}

bool is_meta_replica_selector(std::string_view java_class) {
  return without(java_class, kClient) == "CatalogReplicaLoadBalanceSimpleSelector";
}

bool is_bigtable(std::string_view java_class) {
  return java_class.starts_with("com.google.cloud.bigtable.") || to_lower(java_class) == "bigtable";
}

}  // namespace hbmux::core
