// What a cluster's records amount to.
#pragma once

#include "mini/disk/data_record.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace hbmux::mini {

/// Tables with their regions and cells, as they were when the last record was written. Pure.
class DataImage {
 public:
  struct Table {
    pb::TableSchema schema;
    std::shared_ptr<const Families> families;
    TableState state = TableState::enabled;
    std::map<std::string, std::shared_ptr<Region>> regions;  ///< By start key.
  };

  /// Applies a record; what is wrong with it, or nothing.
  std::string apply(std::string_view record);

  std::string cluster_id;
  std::map<std::string, pb::NamespaceDescriptor, std::less<>> namespaces;
  std::map<std::string, Table, std::less<>> tables;
  bool balancer_on = true, split_on = true, merge_on = true;
  /// A snapshot's last record was seen.
  bool is_whole = false;

 private:
  std::string apply_table(std::string_view body);
  std::string apply_regions(std::string_view body);
  std::string apply_split(std::string_view body);
  std::string apply_merge(std::string_view body);
  std::string apply_cells(std::string_view body);
  std::string apply_contents(std::string_view body, bool instead);
  std::shared_ptr<Region> find(std::string_view encoded_name) const;
  void add(Table& table, const std::shared_ptr<Region>& region);
  void remove(const std::shared_ptr<Region>& region);

  std::map<std::string, std::shared_ptr<Region>, std::less<>> regions_;  ///< By encoded name.
};

/// Moves those of a region's rows into another region that this one holds.
void move_rows(Region& from, Region& to);

}  // namespace hbmux::mini
