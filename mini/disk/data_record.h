// What is written down of a cluster: one record for each change.
#pragma once

#include "mini/server/catalog.h"
#include "mini/server/region.h"
#include "mini/store/mutation.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

enum class RecordType : std::uint8_t {
  cluster = 1,     ///< id
  name_space = 2,  ///< descriptor
  drop_namespace = 3,
  table = 4,  ///< schema, state: made or changed
  drop_table = 5,
  regions = 6,    ///< of a table, new and empty
  split = 7,      ///< of a region into two others
  merge = 8,      ///< of regions into another
  cells = 9,      ///< written to a region, all of one write
  contents = 10,  ///< all that a region holds, instead of what it held
  more_contents = 11,
  switches = 12,
  end = 13,  ///< of a snapshot: what has it is whole
};

/// The bytes of records. Strings have an int32 length in front.
namespace data_record {

std::string cluster(std::string_view id);
std::string name_space(const pb::NamespaceDescriptor& descriptor);
std::string drop_namespace(std::string_view name);
std::string table(const pb::TableSchema& schema, TableState state);
std::string drop_table(std::string_view name);
std::string regions(std::string_view table, std::span<const std::shared_ptr<Region>> regions);
std::string split(const Region& parent, const Region& first, const Region& second);
std::string merge(std::span<const std::shared_ptr<Region>> parents, const Region& merged);
/// Appends to `out`. The mutations have been applied: their cells have their timestamps.
void cells(const Region& region, std::span<const Mutation> mutations, std::uint64_t sequence, std::string& out);
/// A region's cells in one record or several, each given to `put`. With the region's mutex held.
template <class Put>
void contents(Region& region, Put&& put);
std::string switches(bool balancer, bool split, bool merge);
std::string end();

/// For contents: `type | region | sequence`, and one cell behind it with the write that made it.
std::string begin_contents(RecordType type, Region& region);
void append_cell(std::string& record, const StoredCell& cell);

/// Records of contents are cut at this size.
inline constexpr std::size_t kContentsMax = std::size_t{1} << 20;

template <class Put>
void contents(Region& region, Put&& put) {
  std::string record = begin_contents(RecordType::contents, region);
  for (auto at = region.store().rows().begin(); at != region.store().rows().end(); ++at) {
    for (const StoredCell& cell : at->cells) {
      append_cell(record, cell);
      if (record.size() < kContentsMax) continue;
      put(record);
      record = begin_contents(RecordType::more_contents, region);
    }
  }
  put(record);
}

}  // namespace data_record
}  // namespace hbmux::mini
