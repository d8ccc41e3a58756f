// Rows of hbase:meta with any bytes in their columns, and lookups over them.
#include "core/meta_rows.h"
#include "core/bytes.h"
#include "core/cell_block.h"
#include "core/region_map.h"
#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;

namespace {

constexpr std::string_view kColumns[] = {
    "regioninfo", "server",      "serverstartcode",      "seqnumDuringOpen",     "sn",
    "state",      "server_0001", "serverstartcode_0001", "seqnumDuringOpen_0001"};

// Input: the number of cells, then of each the column (or one of its own) and the value.
Row read_row(fuzz::Input& input) {
  auto block = std::make_shared<std::string>();
  const std::string row(input.text());
  for (int cells = input.byte() % 16; cells > 0 && !input.empty(); --cells) {
    const std::size_t column = input.byte() % (std::size(kColumns) + 2);
    const std::string_view family = column == std::size(kColumns) + 1 ? "table" : "info";
    const std::string_view qualifier = column < std::size(kColumns)    ? kColumns[column]
                                       : column == std::size(kColumns) ? input.text()
                                                                       : "state";
    const std::string_view value = input.part();
    core::append_cell(*block, row, family, qualifier, 1, CellType::put, value);
  }
  std::vector<Cell> cells;
  core::CellBlockReader reader(*block);
  while (!reader.at_end()) cells.push_back(reader.next().value());
  return Row(block, std::move(cells), false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto type = input.flag() ? core::LocateType::before : core::LocateType::current;
  core::MetaLookup lookup(TableName::parse("t").value(), std::string(input.text()), type);
  std::shared_ptr<const TableName> table;
  while (!input.empty()) {
    const Row row = read_row(input);
    auto meta = core::parse_meta_row(row, table);
    if (!meta) {
      fuzz::require(meta.error().code() == Errc::protocol_error);
    } else if (meta->state == core::MetaRow::State::usable) {
      fuzz::require(meta->locations && meta->locations->get() != nullptr && meta->region != nullptr);
    }
    if (auto state = core::parse_table_state(row); !state) fuzz::require(state.error().code() == Errc::protocol_error);
    lookup.add(row);
  }
  auto found = lookup.finish();
  fuzz::require(found ? *found != nullptr : !found.error().message().empty());
  // What a map makes of the regions: whatever they are, it holds no two that share a row.
  if (auto map = core::RegionMap().with(lookup.seen())) {
    const auto all = map->all();
    for (std::size_t i = 1; i < all.size(); ++i) {
      fuzz::require(all[i - 1]->region->start_key() < all[i]->region->start_key() &&
                    !all[i - 1]->region->overlaps(*all[i]->region));
    }
  }
  return 0;
}
