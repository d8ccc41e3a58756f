// Names of regions (RegionInfo.java): `table,start key,id[_replica].encoded.`, where `encoded` is the MD5 of what
// stands before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::core {

/// The first region of hbase:meta, whose names are fixed.
inline constexpr std::string_view kMetaTable = "hbase:meta";
inline constexpr std::string_view kMetaRegionName = "hbase:meta,,1";
inline constexpr std::string_view kMetaEncodedName = "1588230740";

/// The parts of a region's name, as views into it.
struct RegionNameParts {
  std::string_view table;
  std::string_view start_key;
  std::uint64_t id = 0;  ///< Milliseconds when the region was made.
  int replica = 0;
  std::string_view encoded;  ///< 32 hex digits; empty for hbase:meta and for the names of HBase before 0.92.
};

/// The region's full name. That of hbase:meta carries no hash.
std::string make_region_name(std::string_view table, std::string_view start_key, std::uint64_t id, int replica = 0);

/// Takes a region's full name apart; false when it is none. A start key may contain commas.
bool parse_region_name(std::string_view name, RegionNameParts& parts) noexcept;

/// The part of a full name that names the region in logs and on disk: its hash, or 1588230740 for hbase:meta, whose replicas have numbers
/// of that kind, too (up to the 31st). Empty when `name` has none.
std::string_view encoded_region_name(std::string_view name) noexcept;

/// The order of rows in hbase:meta (MetaCellComparator.java): by table, then by start key, then by the rest. Plain byte
/// order would be wrong where a start key contains bytes below the comma.
int compare_meta_rows(std::string_view left, std::string_view right) noexcept;

/// 32 lower-case hex digits.
std::string md5_hex(std::string_view bytes);

}  // namespace hbmux::core
