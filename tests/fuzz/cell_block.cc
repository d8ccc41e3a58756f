// A cell block: every cell that is read lies in it, and writes back to the same bytes.
#include "core/cell_block.h"
#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view block(reinterpret_cast<const char*>(data), size);
  core::CellBlockReader reader(block);
  std::string written;
  Cell last;
  bool first = true;
  while (!reader.at_end()) {
    auto cell = reader.next();
    if (!cell) {
      fuzz::require(cell.error().code() == Errc::protocol_error);
      break;
    }
    const std::size_t before = written.size();
    core::append_cell(written, cell->row(), cell->family(), cell->qualifier(), cell->timestamp(), cell->type(),
                      cell->value(), cell->tags());
    // An empty set of tags is written without its length: those two bytes are the only ones that may be missing.
    const std::string_view again = std::string_view(written).substr(before + 4);
    fuzz::require(again == cell->encoded() || (cell->tags().empty() && cell->encoded().size() == again.size() + 2));
    if (!first) {
      const int order = core::compare_cells(last, *cell), reverse = core::compare_cells(*cell, last);
      fuzz::require((order < 0) == (reverse > 0) && (order == 0) == (reverse == 0));
    }
    last = *cell;
    first = false;
  }
  return 0;
}
