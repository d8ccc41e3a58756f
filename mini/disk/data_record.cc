#include "mini/disk/data_record.h"

#include "core/bytes.h"
#include "mini/zookeeper/jute.h"

namespace hbmux::mini::data_record {
namespace {

std::string begin(RecordType type) { return std::string(1, static_cast<char>(type)); }

std::string with_text(RecordType type, std::string_view text) {
  std::string record = begin(type);
  append_jute(record, text);
  return record;
}

void append_region(std::string& record, const Region& region) {
  append_jute(record, region.start_key());
  append_jute(record, region.end_key());
  core::append_be(record, region.id());
}

}  // namespace

std::string cluster(std::string_view id) { return with_text(RecordType::cluster, id); }

std::string name_space(const pb::NamespaceDescriptor& descriptor) {
  return with_text(RecordType::name_space, descriptor.SerializeAsString());
}

std::string drop_namespace(std::string_view name) { return with_text(RecordType::drop_namespace, name); }

std::string table(const pb::TableSchema& schema, TableState state) {
  std::string record = with_text(RecordType::table, schema.SerializeAsString());
  return record += static_cast<char>(state);
}

std::string drop_table(std::string_view name) { return with_text(RecordType::drop_table, name); }

std::string regions(std::string_view table, std::span<const std::shared_ptr<Region>> regions) {
  std::string record = with_text(RecordType::regions, table);
  core::append_be(record, static_cast<std::int32_t>(regions.size()));
  for (const auto& region : regions) append_region(record, *region);
  return record;
}

std::string split(const Region& parent, const Region& first, const Region& second) {
  std::string record = with_text(RecordType::split, parent.encoded_name());
  append_region(record, first);
  append_region(record, second);
  return record;
}

std::string merge(std::span<const std::shared_ptr<Region>> parents, const Region& merged) {
  std::string record = begin(RecordType::merge);
  core::append_be(record, static_cast<std::int32_t>(parents.size()));
  for (const auto& parent : parents) append_jute(record, parent->encoded_name());
  append_region(record, merged);
  return record;
}

void cells(const Region& region, std::span<const Mutation> mutations, std::uint64_t sequence, std::string& out) {
  out += static_cast<char>(RecordType::cells);
  append_jute(out, region.encoded_name());
  core::append_be(out, sequence);
  for (const Mutation& mutation : mutations) {
    for (const CellRef& cell : mutation.cells) cell->append_to(out, true);
  }
}

std::string begin_contents(RecordType type, Region& region) {
  std::string record = with_text(type, region.encoded_name());
  core::append_be(record, region.store().sequence());
  return record;
}

void append_cell(std::string& record, const StoredCell& cell) {
  core::append_be(record, cell.sequence());
  cell.append_to(record, true);
}

std::string switches(bool balancer, bool split, bool merge) {
  std::string record = begin(RecordType::switches);
  for (const bool on : {balancer, split, merge}) record += on ? '\1' : '\0';
  return record;
}

std::string end() { return begin(RecordType::end); }

}  // namespace hbmux::mini::data_record
