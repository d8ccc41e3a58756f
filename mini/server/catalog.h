// What the master writes into hbase:meta (CatalogFamilyFormat.java, MetaTableAccessor.java).
#pragma once

#include "mini/server/region.h"

#include <hbmux/server_name.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

enum class TableState : std::uint8_t { enabled = 0, disabled = 1, disabling = 2, enabling = 3 };

/// Writes rows into the region of hbase:meta; clients read them as they read any other table's.
class Catalog {
 public:
  explicit Catalog(std::shared_ptr<Region> meta) : meta_(std::move(meta)) {}

  const std::shared_ptr<Region>& meta() const noexcept { return meta_; }
  static pb::TableSchema schema();

  /// The region is open on `server`.
  void put_open(Region& region, const ServerName& server, std::int64_t now);
  /// The region is known but open nowhere: "CLOSED", "OFFLINE", "OPENING".
  void put_state(Region& region, std::string_view state, std::int64_t now);
  void put_split(Region& parent, const Region& first, const Region& second, std::int64_t now);
  void put_merge(Region& merged, const std::vector<std::shared_ptr<Region>>& parents, std::int64_t now);
  /// That there is such a replica, before it is opened.
  void put_unplaced(const Region& replica, std::int64_t now);
  void remove(const Region& region, std::int64_t now);
  void remove_replica(const Region& replica, std::int64_t now);
  void put_table(std::string_view table, TableState state, std::int64_t now);
  /// With all its regions, also parents of splits.
  void remove_table(std::string_view table, std::int64_t now);

 private:
  using Columns = std::vector<std::pair<std::string_view, std::string>>;
  void put_columns(const Region& region, Columns columns, std::int64_t now);
  void put(std::string_view row, std::string_view family, const Columns& columns, std::int64_t now);

  std::shared_ptr<Region> meta_;
};

}  // namespace hbmux::mini
