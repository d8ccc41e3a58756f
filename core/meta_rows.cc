#include "core/meta_rows.h"

#include "core/bytes.h"
#include "core/parse_message.h"
#include "core/region_name.h"

#include <hbmux/pb/HBase.pb.h>

#include <algorithm>
#include <charconv>

namespace hbmux::core {
namespace {

// Above and below every region id, which has 13 digits until the year 2286.
constexpr std::string_view kNines = "99999999999999";
constexpr std::string_view kZeroes = "00000000000000";
constexpr std::size_t kKeyMax = 32767;
constexpr int kReplicaMax = 0xffff;

Error bad_row(const Row& row, std::string_view what) {
  std::string text = "hbase:meta row '" + to_string_binary(row.row()) + "': ";
  return Error(Errc::protocol_error, text.append(what));
}

/// The qualifier of a replica's column: "server", "server_0001".
bool parse_replica_column(std::string_view qualifier, std::string_view stem, int& replica) {
  if (!qualifier.starts_with(stem)) return false;
  qualifier.remove_prefix(stem.size());
  replica = 0;
  if (qualifier.empty()) return true;
  if (qualifier.size() != 5 || qualifier[0] != '_') return false;
  const auto [end, error] = std::from_chars(qualifier.data() + 1, qualifier.data() + 5, replica, 16);
  return error == std::errc() && end == qualifier.data() + 5 && replica > 0;
}

/// What the row tells of one replica.
struct Place {
  std::string_view server;
  std::optional<std::int64_t> start_code;
  std::int64_t seqnum = -1;
};

/// The columns of one row that matter; `places` by replica id, ascending.
struct Columns {
  std::string_view region_info;
  std::vector<std::pair<int, Place>> places;

  Place& place(int replica) {
    auto at = std::ranges::lower_bound(places, replica, {}, &std::pair<int, Place>::first);
    if (at == places.end() || at->first != replica) at = places.insert(at, {replica, {}});
    return at->second;
  }
};

// An absent number is an empty value or no cell. Any other length is not HBase's.
bool read_long(std::string_view value, std::optional<std::int64_t>& number) {
  if (value.empty()) return true;
  if (value.size() != 8) return false;
  number = load_be<std::int64_t>(value.data());
  return true;
}

Result<Columns> read_columns(const Row& row) {
  Columns columns;
  std::string_view last;
  for (const Cell& cell : row) {
    if (cell.family() != kMetaFamily) continue;
    const std::string_view qualifier = cell.qualifier();
    if (qualifier == last) continue;  // an older version
    last = qualifier;
    int replica = 0;
    std::optional<std::int64_t> number;
    if (qualifier == "regioninfo") {
      columns.region_info = cell.value();
    } else if (parse_replica_column(qualifier, "serverstartcode", replica)) {
      if (!read_long(cell.value(), number)) return bad_row(row, "a start code that is not 8 bytes");
      columns.place(replica).start_code = number;
    } else if (parse_replica_column(qualifier, "seqnumDuringOpen", replica)) {
      if (!read_long(cell.value(), number)) return bad_row(row, "a sequence number that is not 8 bytes");
      columns.place(replica).seqnum = number.value_or(-1);
    } else if (parse_replica_column(qualifier, "server", replica)) {
      columns.place(replica).server = cell.value();
    }
  }
  return columns;
}

Result<RegionInfo> parse_region_info(const Row& row, std::string_view value, std::shared_ptr<const TableName>& table) {
  if (!value.starts_with(kProtobufMagic)) return bad_row(row, "info:regioninfo has no PBUF in front");
  value.remove_prefix(kProtobufMagic.size());
  pb::RegionInfo message;
  if (!parse_message(message, value)) {
    return bad_row(row, "info:regioninfo is no RegionInfo");
  }
  auto region = region_info_from(message, table);
  if (!region) return bad_row(row, region.error().message());
  return region;
}

}  // namespace

std::string meta_lookup_row(const TableName& table, std::string_view row, LocateType type) {
  std::string key = table.to_string();
  if (type == LocateType::before && row.empty()) return key += '\0';  // behind all rows of the table
  key.append(1, ',').append(row).append(1, ',');
  return key.append(type == LocateType::before ? kZeroes : kNines);
}

std::string meta_first_row(const TableName& table) { return table.to_string() + ",,"; }
std::string meta_stop_row(const TableName& table) { return table.to_string() + " ,,"; }

Result<RegionInfo> region_info_from(const pb::RegionInfo& message, std::shared_ptr<const TableName>& table) {
  auto bad = [](std::string what) { return Error(Errc::protocol_error, std::move(what)); };
  const std::string& space = message.table_name().namespace_();
  const std::string& qualifier = message.table_name().qualifier();
  if (!table || table->namespace_name() != space || table->qualifier() != qualifier) {
    auto name = TableName::parse(space + ":" + qualifier);
    if (!name) return bad("a region of a table with an impossible name: " + name.error().message());
    table = std::make_shared<const TableName>(std::move(*name));
  }
  const std::string& start = message.start_key();
  const std::string& end = message.end_key();
  if (start.size() > kKeyMax || end.size() > kKeyMax) return bad("a region with a key that is too long");
  if (!end.empty() && start >= end) return bad("a region that ends before it starts");
  if (message.replica_id() < 0 || message.replica_id() > kReplicaMax)
    return bad("a region with an impossible replica id");
  return RegionInfo(table, start, end, message.region_id(), message.replica_id(), message.split(), message.offline());
}

Result<MetaRow> parse_meta_row(const Row& row, std::shared_ptr<const TableName>& table) {
  auto columns = read_columns(row);
  if (!columns) return columns.error();
  MetaRow meta;
  if (columns->region_info.empty()) return meta;
  auto info = parse_region_info(row, columns->region_info, table);
  if (!info) return info.error();
  meta.region = std::make_shared<const RegionInfo>(std::move(*info));
  const RegionInfo& region = *meta.region;

  auto locations = std::make_shared<RegionLocations>();
  locations->region = meta.region;
  for (const auto& [replica, place] : columns->places) {
    if (place.server.empty() || !place.start_code) continue;
    auto address = ServerAddress::parse(place.server);
    if (!address) return bad_row(row, "info:server: " + address.error().message());
    RegionLocation location{meta.region, {std::move(*address), *place.start_code}, place.seqnum};
    if (replica == 0) {
      locations->primary = std::move(location);
    } else {
      location.region =
          std::make_shared<const RegionInfo>(region.shared_table(), region.start_key(), std::string(region.end_key()),
                                             region.region_id(), replica, region.is_split(), region.is_offline());
      locations->secondaries.push_back(std::move(location));
    }
  }
  locations->secondaries.shrink_to_fit();
  if (region.is_split()) {
    meta.state = MetaRow::State::split_parent;
  } else if (region.is_offline()) {
    meta.state = MetaRow::State::offline;
  } else if (!locations->primary.is_known()) {
    meta.state = MetaRow::State::no_server;
  } else {
    meta.state = MetaRow::State::usable;
    meta.locations = std::move(locations);
  }
  return meta;
}

MetaLookup::MetaLookup(TableName table, std::string row, LocateType type)
    : table_(std::make_shared<const TableName>(std::move(table))), row_(std::move(row)), type_(type) {}

bool MetaLookup::is_wanted(const RegionInfo& region) const noexcept {
  if (type_ == LocateType::current) return region.contains(row_);
  if (row_.empty()) return region.end_key().empty();
  return region.start_key() < row_ && (region.end_key().empty() || region.end_key() >= row_);
}

bool MetaLookup::add(const Row& row) {
  const bool decided = found_ || error_;
  std::shared_ptr<const TableName> table = table_;
  auto meta = parse_meta_row(row, table);
  if (!meta) {
    // A row that cannot be read may be the very one. Those that merely come along are nobody's concern now.
    if (!decided) error_ = std::move(meta.error()).with_context("locating " + to_string_binary(row_));
    return true;
  }
  using State = MetaRow::State;
  if (!meta->region) return decided;
  if (meta->region->table() != *table_) {
    // The scan left the table: what is asked for is not there.
    if (!decided && any_row_) error_ = not_found(Errc::not_serving_region, "no region holds the row");
    return decided || any_row_;
  }
  any_row_ = true;
  if (meta->state == State::split_parent) return decided;
  if (meta->state == State::usable) seen_.push_back(meta->locations);
  if (decided) return true;
  if (!is_wanted(*meta->region)) {
    // The first region that stands is the nearest one: behind it there is a hole in hbase:meta, until it is mended.
    error_ = not_found(Errc::not_serving_region, "no region holds the row");
  } else if (meta->state == State::usable) {
    found_ = meta->locations;
  } else {
    error_ = not_found(Errc::not_serving_region,
                       meta->state == State::offline ? "its region is offline" : "its region is not on any server");
    error_ = std::move(*error_).with_region(meta->region->name());
  }
  return true;
}

Result<LocationsPtr> MetaLookup::finish() const {
  if (found_) return found_;
  if (error_) return *error_;
  if (!any_row_) return Error(Errc::table_not_found, "table '" + table_->to_string() + "' is not in hbase:meta");
  return not_found(Errc::not_serving_region, "no region holds the row");
}

Error MetaLookup::not_found(Errc code, std::string_view why) const {
  std::string text = "table '" + table_->to_string() + "', row ";
  text += type_ == LocateType::before ? "before '" : "'";
  text += to_string_binary(std::string_view(row_).substr(0, 200)) + "': ";
  return Error(code, text.append(why));
}

Result<std::optional<TableStateCode>> parse_table_state(const Row& row) {
  const auto value = row.value(kMetaTableFamily, kMetaStateQualifier);
  if (!value) return std::optional<TableStateCode>();
  // Written without the magic, unlike regions.
  pb::TableState state;
  if (!parse_message(state, *value)) {
    return bad_row(row, "table:state is no TableState");
  }
  switch (state.state()) {
    case pb::TableState::ENABLED: return std::optional(TableStateCode::enabled);
    case pb::TableState::DISABLED: return std::optional(TableStateCode::disabled);
    case pb::TableState::DISABLING: return std::optional(TableStateCode::disabling);
    case pb::TableState::ENABLING: return std::optional(TableStateCode::enabling);
  }
  return bad_row(row, "table:state is unknown");
}

}  // namespace hbmux::core
