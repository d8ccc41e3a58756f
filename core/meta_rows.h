// Rows of hbase:meta: reading them, and the keys by which they are looked up.
#pragma once

#include <hbmux/error.h>
#include <hbmux/row.h>
#include <hbmux/table_name.h>

#include "core/region_locations.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::pb {
class RegionInfo;
}

namespace hbmux::core {

/// Families and columns of hbase:meta that a client reads.
inline constexpr std::string_view kMetaFamily = "info";
inline constexpr std::string_view kMetaTableFamily = "table";
inline constexpr std::string_view kMetaStateQualifier = "state";

// --- Keys. A region is found by a reversed scan over family `info` from the lookup row to the table's first possible
// row, that one included; compare_meta_rows (core/region_name.h) is the order of such keys.

/// The row where the reversed lookup scan starts.
std::string meta_lookup_row(const TableName& table, std::string_view row, LocateType type);
/// The row where it ends (inclusive), and where a forward scan over all regions of the table starts.
std::string meta_first_row(const TableName& table);
/// Where a forward scan over all regions of the table stops (exclusive).
std::string meta_stop_row(const TableName& table);

// --- Rows.

/// What a row of hbase:meta says about a region.
struct MetaRow {
  enum class State : std::uint8_t {
    usable,        ///< It can be routed by: `locations` is set.
    split_parent,  ///< Its daughters have taken its place, and have rows of their own: pass over it.
    offline,       ///< Not served now (between states, or the table is disabled): ask again later.
    no_server,     ///< Not on any server now: ask again later.
    no_region,     ///< The row is not about a region; `region` is null.
  };
  State state = State::no_region;
  std::shared_ptr<const RegionInfo> region;
  LocationsPtr locations;
};

/// Reads family `info` of one row. Never routes by `info:sn`, which is where the master wants the region to be, not
/// where it is. `table` is kept between rows of the same table, so that they share the name; it may begin as null.
/// Bytes that are no such row are Errc::protocol_error, which names the row.
Result<MetaRow> parse_meta_row(const Row& row, std::shared_ptr<const TableName>& table);

/// One lookup: told the rows of its scan, in order, it knows the region that was asked for and those that came along.
class MetaLookup {
 public:
  MetaLookup(TableName table, std::string row, LocateType type);

  std::string start_row() const { return meta_lookup_row(*table_, row_, type_); }
  std::string stop_row() const { return meta_first_row(*table_); }

  /// Takes the next row. True: what was asked for is known, or will not be: the scan may end (rows that came with the
  /// same answer are worth giving too). Rows that cannot be read count only where they stand in the way.
  bool add(const Row& row);

  /// At the end of the scan: the region's location. Errc::table_not_found when the scan met no row of the table;
  /// Errc::not_serving_region when the region has no server now or no region holds the row; both name table and row.
  Result<LocationsPtr> finish() const;
  /// All usable locations that were seen, the one that was asked for among them.
  const std::vector<LocationsPtr>& seen() const noexcept { return seen_; }

 private:
  bool is_wanted(const RegionInfo& region) const noexcept;
  Error not_found(Errc code, std::string_view why) const;

  std::shared_ptr<const TableName> table_;
  std::string row_;
  LocateType type_;
  bool any_row_ = false;
  std::optional<Error> error_;
  LocationsPtr found_;
  std::vector<LocationsPtr> seen_;
};

/// A table's state in hbase:meta.
enum class TableStateCode : std::uint8_t { enabled, disabled, disabling, enabling };
/// Reads `table:state` of the row of a table; nothing when the row has none (the table does not exist).
Result<std::optional<TableStateCode>> parse_table_state(const Row& row);

/// A region as the protocol's messages tell it. Errc::protocol_error when it cannot be one.
Result<RegionInfo> region_info_from(const pb::RegionInfo& message, std::shared_ptr<const TableName>& table);

}  // namespace hbmux::core
