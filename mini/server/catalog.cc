#include "mini/server/catalog.h"

#include "core/bytes.h"
#include "core/region_name.h"

#include <cstdio>
#include <mutex>

namespace hbmux::mini {
namespace {

std::string be64(std::uint64_t number) {
  std::string bytes;
  core::append_be(bytes, number);
  return bytes;
}

/// "server", or of a replica "server_0001".
std::string column_of(std::string_view name, int replica) {
  std::string column(name);
  if (replica == 0) return column;
  char number[8] = {};
  std::snprintf(number, sizeof number, "_%04X", static_cast<unsigned>(replica) & 0xffffu);
  return column + number;
}

}  // namespace

pb::TableSchema Catalog::schema() {
  pb::TableSchema schema;
  *schema.mutable_table_name() = table_name_message("hbase:meta");
  auto attribute = [](auto& of, std::string_view name, std::string_view value) {
    auto& pair = *of.add_attributes();
    pair.set_first(std::string(name));
    pair.set_second(std::string(value));
  };
  attribute(schema, "IS_META", "true");
  for (const char* name : {"info", "rep_barrier", "table"}) {
    auto& family = *schema.add_column_families();
    family.set_name(name);
    attribute(family, "VERSIONS", "3");
    attribute(family, "MIN_VERSIONS", "0");
    attribute(family, "TTL", "2147483647");
    attribute(family, "IN_MEMORY", "true");
    attribute(family, "BLOCKSIZE", "8192");
    attribute(family, "BLOOMFILTER", "ROWCOL");
  }
  return schema;
}

void Catalog::put(std::string_view row, std::string_view family, const Columns& columns, std::int64_t now) {
  Mutation mutation;
  mutation.row = row;
  for (const auto& [qualifier, value] : columns) {
    mutation.cells.push_back(StoredCell::make(row, family, qualifier, kLatestTimestamp, CellType::put, value));
  }
  RowReader reader;
  RowCells results;
  const std::unique_lock lock(meta_->mutex());
  (void)meta_->store().mutate_row({&mutation, 1}, now, reader, results);
  meta_->ship({&mutation, 1}, now);
}

void Catalog::put_open(Region& region, const ServerName& server, std::int64_t now) {
  if (region.is_of_meta()) return;
  std::uint64_t sequence = 0;
  {
    const std::shared_lock lock(region.mutex());
    sequence = region.open_sequence();
  }
  put_columns(region,
              {{"seqnumDuringOpen", be64(sequence)},
               {"server", server.address.host + ":" + std::to_string(server.address.port)},
               {"serverstartcode", be64(static_cast<std::uint64_t>(server.start_code))},
               {"sn",
                server.address.host + "," + std::to_string(server.address.port) + "," +
                    std::to_string(server.start_code)},
               {"state", "OPEN"}},
              now);
}

/// In a replica's columns its number stands behind their names.
void Catalog::put_columns(const Region& region, Columns columns, std::int64_t now) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (auto& [name, value] : columns) {
    names.push_back(column_of(name, region.replica()));
    name = names.back();
  }
  columns.emplace_back("regioninfo", region.encoded_info());
  put(region.meta_row(), "info", columns, now);
}

void Catalog::put_unplaced(const Region& replica, std::int64_t now) {
  if (replica.is_of_meta()) return;
  put_columns(replica, {{"server", ""}, {"serverstartcode", ""}, {"seqnumDuringOpen", ""}}, now);
}

void Catalog::remove_replica(const Region& replica, std::int64_t now) {
  if (replica.is_of_meta()) return;
  std::vector<std::string> columns;
  for (const std::string_view name : {"seqnumDuringOpen", "server", "serverstartcode", "sn", "state"}) {
    columns.push_back(column_of(name, replica.replica()));
  }
  const std::unique_lock lock(meta_->mutex());
  meta_->erase(replica.meta_row(), std::move(columns), now);
}

void Catalog::put_state(Region& region, std::string_view state, std::int64_t now) {
  if (region.is_of_meta()) return;
  put_columns(region, {{"state", std::string(state)}}, now);
}

void Catalog::put_split(Region& parent, const Region& first, const Region& second, std::int64_t now) {
  put(parent.name(), "info",
      {{"regioninfo", parent.encoded_info(true)},
       {"splitA", first.encoded_info()},
       {"splitB", second.encoded_info()},
       {"state", "SPLIT"}},
      now);
}

void Catalog::put_merge(Region& merged, const std::vector<std::shared_ptr<Region>>& parents, std::int64_t now) {
  std::vector<std::string> names;
  names.reserve(parents.size());
  Columns columns{{"regioninfo", merged.encoded_info()}};
  for (std::size_t i = 0; i < parents.size(); ++i) {
    const std::string number = std::to_string(i);
    names.push_back("merge" + std::string(number.size() < 4 ? 4 - number.size() : 0, '0') + number);
    columns.emplace_back(names.back(), parents[i]->encoded_info());
  }
  put(merged.name(), "info", columns, now);
}

// Rows are really removed, not hidden: one of the same name may come back within the same millisecond.
void Catalog::remove(const Region& region, std::int64_t now) {
  const std::unique_lock lock(meta_->mutex());
  meta_->erase(region.name(), {}, now);
}

void Catalog::put_table(std::string_view table, TableState state, std::int64_t now) {
  pb::TableState message;
  message.set_state(static_cast<pb::TableState::State>(state));
  put(table, "table", {{"state", message.SerializeAsString()}}, now);
}

void Catalog::remove_table(std::string_view table, std::int64_t now) {
  const std::unique_lock lock(meta_->mutex());
  RowMap& rows = meta_->store().rows();
  std::vector<std::string> gone{std::string(table)};
  for (auto at = rows.lower_bound(std::string(table) + ",,"); at != rows.end(); ++at) {
    core::RegionNameParts parts;
    if (!core::parse_region_name(at->key(), parts) || parts.table != table) break;
    gone.emplace_back(at->key());
  }
  for (const std::string& row : gone) meta_->erase(row, {}, now);
}

}  // namespace hbmux::mini
