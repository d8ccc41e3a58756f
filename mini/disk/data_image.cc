#include "mini/disk/data_image.h"

#include "core/cell_block.h"
#include "mini/parse.h"
#include "mini/zookeeper/jute.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

constexpr const char* kMalformed = "it cannot be read";
constexpr const char* kNoRegion = "it is about a region that is not there";

std::shared_ptr<Region> read_region(JuteReader& in, const std::string& table,
                                    const std::shared_ptr<const Families>& families) {
  std::string start(in.string());
  std::string end(in.string());
  const auto id = in.number<std::uint64_t>();
  return std::make_shared<Region>(table, std::move(start), std::move(end), id, families);
}

}  // namespace

void move_rows(Region& from, Region& to) {
  const std::scoped_lock locks(from.mutex(), to.mutex());
  RowMap& rows = from.store().rows();
  for (auto at = rows.lower_bound(to.start_key()); at != rows.end();) {
    StoredRow& row = *at++;
    if (!to.holds(row.key())) break;
    rows.move_to(row, to.store().rows());
  }
  to.store().advance_sequence(from.store().sequence() + 1);
}

std::shared_ptr<Region> DataImage::find(std::string_view encoded_name) const {
  const auto found = regions_.find(encoded_name);
  return found == regions_.end() ? nullptr : found->second;
}

void DataImage::add(Table& table, const std::shared_ptr<Region>& region) {
  table.regions[region->start_key()] = region;
  regions_[std::string(region->encoded_name())] = region;
}

void DataImage::remove(const std::shared_ptr<Region>& region) {
  regions_.erase(std::string(region->encoded_name()));
  auto& regions = tables.find(region->table())->second.regions;
  if (const auto found = regions.find(region->start_key()); found != regions.end() && found->second == region) {
    regions.erase(found);
  }
}

std::string DataImage::apply(std::string_view record) {
  if (record.empty()) return kMalformed;
  const auto type = static_cast<RecordType>(record.front());
  const std::string_view body = record.substr(1);
  JuteReader in(body);
  switch (type) {
    case RecordType::cluster: cluster_id = in.string(); return in.ok() ? "" : kMalformed;
    case RecordType::name_space: {
      pb::NamespaceDescriptor descriptor;
      if (!parse(in.string(), descriptor) || !in.ok()) return kMalformed;
      namespaces[descriptor.name()] = descriptor;
      return {};
    }
    case RecordType::drop_namespace: namespaces.erase(std::string(in.string())); return in.ok() ? "" : kMalformed;
    case RecordType::table: return apply_table(body);
    case RecordType::drop_table: {
      const auto found = tables.find(in.string());
      if (found == tables.end()) return "it is about a table that is not there";
      for (const auto& [start, region] : found->second.regions) regions_.erase(std::string(region->encoded_name()));
      tables.erase(found);
      return {};
    }
    case RecordType::regions: return apply_regions(body);
    case RecordType::split: return apply_split(body);
    case RecordType::merge: return apply_merge(body);
    case RecordType::cells: return apply_cells(body);
    case RecordType::contents: return apply_contents(body, true);
    case RecordType::more_contents: return apply_contents(body, false);
    case RecordType::switches:
      balancer_on = in.boolean();
      split_on = in.boolean();
      merge_on = in.boolean();
      return in.ok() ? "" : kMalformed;
    case RecordType::end: is_whole = true; return {};
  }
  return "it is of a kind that this version does not know";
}

std::string DataImage::apply_table(std::string_view body) {
  JuteReader in(body);
  pb::TableSchema schema;
  if (!parse(in.string(), schema)) return kMalformed;
  const auto state = in.number<std::uint8_t>();
  if (!in.ok() || state > static_cast<std::uint8_t>(TableState::enabling)) return kMalformed;
  Table& table = tables[table_name_of(schema.table_name())];
  table.families = std::make_shared<const Families>(families_of(schema));
  table.schema = std::move(schema);
  table.state = static_cast<TableState>(state);
  for (const auto& [start, region] : table.regions) region->set_families(table.families);
  return {};
}

std::string DataImage::apply_regions(std::string_view body) {
  JuteReader in(body);
  const auto found = tables.find(in.string());
  if (found == tables.end()) return "it is about a table that is not there";
  const auto count = in.number<std::int32_t>();
  for (std::int32_t i = 0; i < count && in.ok(); ++i) {
    const auto region = read_region(in, found->first, found->second.families);
    if (in.ok()) add(found->second, region);
  }
  return in.ok() ? "" : kMalformed;
}

std::string DataImage::apply_split(std::string_view body) {
  JuteReader in(body);
  const auto parent = find(in.string());
  if (parent == nullptr) return kNoRegion;
  Table& table = tables.find(parent->table())->second;
  const auto first = read_region(in, parent->table(), table.families);
  const auto second = read_region(in, parent->table(), table.families);
  if (!in.ok()) return kMalformed;
  remove(parent);
  for (const auto& daughter : {first, second}) {
    move_rows(*parent, *daughter);
    add(table, daughter);
  }
  return {};
}

std::string DataImage::apply_merge(std::string_view body) {
  JuteReader in(body);
  std::vector<std::shared_ptr<Region>> parents;
  for (const std::string& name : in.strings()) {
    parents.push_back(find(name));
    if (parents.back() == nullptr) return kNoRegion;
  }
  if (parents.empty() || !in.ok()) return kMalformed;
  Table& table = tables.find(parents.front()->table())->second;
  const auto merged = read_region(in, parents.front()->table(), table.families);
  if (!in.ok()) return kMalformed;
  for (const auto& parent : parents) {
    remove(parent);
    move_rows(*parent, *merged);
  }
  add(table, merged);
  return {};
}

std::string DataImage::apply_cells(std::string_view body) {
  JuteReader in(body);
  const auto region = find(in.string());
  const auto sequence = in.number<std::uint64_t>();
  if (!in.ok()) return kMalformed;
  if (region == nullptr) return kNoRegion;
  // A snapshot that was made while the log went on has it already.
  if (sequence <= region->store().sequence()) return {};
  core::CellBlockReader cells(in.rest());
  while (!cells.at_end()) {
    const auto cell = cells.next();
    if (!cell) return kMalformed;
    region->store().restore(StoredCell::copy(*cell), sequence);
  }
  region->store().set_sequence(sequence);
  return {};
}

std::string DataImage::apply_contents(std::string_view body, bool instead) {
  JuteReader in(body);
  const auto region = find(in.string());
  const auto sequence = in.number<std::uint64_t>();
  if (!in.ok()) return kMalformed;
  if (region == nullptr) return kNoRegion;
  if (instead) region->store().clear();
  std::string_view rest = in.rest();
  while (!rest.empty()) {
    if (rest.size() < 12) return kMalformed;
    const auto written = core::load_be<std::uint64_t>(rest.data());
    const std::size_t size = core::load_be<std::uint32_t>(rest.data() + 8);
    if (size > rest.size() - 12) return kMalformed;
    core::CellBlockReader cells(rest.substr(8, 4 + size));
    const auto cell = cells.next();
    if (!cell) return kMalformed;
    region->store().restore(StoredCell::copy(*cell), written);
    rest.remove_prefix(12 + size);
  }
  region->store().set_sequence(sequence);
  return {};
}

}  // namespace hbmux::mini
