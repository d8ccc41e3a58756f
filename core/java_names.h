// Java class names that stand in configurations, and what they mean here.
#pragma once

#include "core/client_settings.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace hbmux::core {

/// In front of the simple names of filters and comparators.
inline constexpr std::string_view kFilterPackage = "org.apache.hadoop.hbase.filter.";

// Each gives nothing for a name that it does not know.

/// Any case, dashes ignored (PoolMap.PoolType.fuzzyMatch).
std::optional<PoolType> pool_type_of(std::string_view name);

/// The codec of a class name, and that of the empty name: none.
std::optional<CellCodec> codec_of(std::string_view java_class);

/// Hadoop's codecs and those of HBase's hbase-compression modules; for the empty name none.
std::optional<CellCompressor> compressor_of(std::string_view java_class);

/// With or without the package, and under the names of HBase 1 and 2.0.
std::optional<RegistryKind> registry_of(std::string_view java_class);

/// Policies by which clients hold back from loaded regions.
enum class BackoffPolicy : std::uint8_t { none, exponential };
/// With or without the package; the empty name is none.
std::optional<BackoffPolicy> backoff_policy_of(std::string_view java_class);

/// Implementations of HBase's connection for which the native one here stands.
bool is_native_connection(std::string_view java_class);
/// Implementations of HBase's RpcClient for which the one here stands.
bool is_native_rpc_client(std::string_view java_class);
/// HBase's own chooser among the copies of hbase:meta, for which the one here stands.
bool is_meta_replica_selector(std::string_view java_class);
/// Classes of Google's Bigtable adapters.
bool is_bigtable(std::string_view java_class);

}  // namespace hbmux::core
