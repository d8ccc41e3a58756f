// Rows of hbase:meta for tests.
#pragma once

#include <hbmux/row.h>

#include "core/bytes.h"
#include "core/cell_block.h"
#include "core/region_name.h"

#include <hbmux/pb/HBase.pb.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux::core::test {

/// Owns the bytes of one row's cells; cells are given in HBase's order (by qualifier).
class RowBuilder {
 public:
  explicit RowBuilder(std::string row) : row_(std::move(row)) {}
  RowBuilder& add(std::string_view family, std::string_view qualifier, std::string_view value,
                  std::int64_t timestamp = 1) {
    append_cell(*block_, row_, family, qualifier, timestamp, CellType::put, value);
    return *this;
  }
  Row build() const {
    std::vector<Cell> cells;
    CellBlockReader reader(*block_);
    while (!reader.at_end()) cells.push_back(reader.next().value());
    return Row(block_, std::move(cells), false);
  }

 private:
  std::string row_;
  std::shared_ptr<std::string> block_ = std::make_shared<std::string>();
};

inline std::string long_bytes(std::int64_t number) {
  std::string bytes;
  append_be(bytes, number);
  return bytes;
}

/// What a row of hbase:meta says; `server` as "host:port", empty for none.
struct MetaRowSpec {
  std::string table = "t";
  std::string start = "";
  std::string end = "";
  std::uint64_t id = 1700000000000;
  std::string server = "rs1:16020";
  std::int64_t start_code = 100;
  std::int64_t seqnum = 7;
  bool split = false;
  bool offline = false;
  std::vector<std::pair<int, std::string>> replicas = {};
};

inline std::string region_info_bytes(const MetaRowSpec& spec) {
  pb::RegionInfo info;
  info.set_region_id(spec.id);
  const auto colon = spec.table.find(':');
  info.mutable_table_name()->set_namespace_(colon == std::string::npos ? "default" : spec.table.substr(0, colon));
  info.mutable_table_name()->set_qualifier(colon == std::string::npos ? spec.table : spec.table.substr(colon + 1));
  info.set_start_key(spec.start);
  info.set_end_key(spec.end);
  info.set_split(spec.split);
  info.set_offline(spec.offline);
  return "PBUF" + info.SerializeAsString();
}

inline Row meta_row(const MetaRowSpec& spec) {
  char suffix[16];
  RowBuilder row(make_region_name(spec.table, spec.start, spec.id));
  row.add("info", "regioninfo", region_info_bytes(spec)).add("info", "seqnumDuringOpen", long_bytes(spec.seqnum));
  for (const auto& [id, server] : spec.replicas) {
    std::snprintf(suffix, sizeof suffix, "_%04X", static_cast<unsigned>(id));
    row.add("info", std::string("seqnumDuringOpen") + suffix, long_bytes(spec.seqnum + id));
  }
  row.add("info", "server", spec.server);
  for (const auto& [id, server] : spec.replicas) {
    std::snprintf(suffix, sizeof suffix, "_%04X", static_cast<unsigned>(id));
    row.add("info", std::string("server") + suffix, server);
  }
  if (!spec.server.empty()) row.add("info", "serverstartcode", long_bytes(spec.start_code));
  for (const auto& [id, server] : spec.replicas) {
    std::snprintf(suffix, sizeof suffix, "_%04X", static_cast<unsigned>(id));
    row.add("info", std::string("serverstartcode") + suffix, long_bytes(spec.start_code + id));
  }
  return row.add("info", "sn", "target,1,1").add("info", "state", "OPEN").build();
}

}  // namespace hbmux::core::test
