// Requests to the gateway, as bytes: from the message to what HBase is asked, without a server.
#include "gateway/names.h"
#include "gateway/published_names.h"
#include "gateway/push_down.h"
#include "gateway/read_modify_write.h"
#include "gateway/row_change.h"
#include "gateway/row_chunker.h"
#include "gateway/row_filter.h"
#include "gateway/row_guard.h"
#include "gateway/row_set.h"
#include "gateway/table_change.h"
#include "gateway/table_messages.h"
#include "tests/fuzz/fuzz_input.h"

#include <hbmux/bt/bigtable.pb.h>

#include <google/protobuf/stubs/logging.h>

#include <memory>

using namespace hbmux;
using namespace hbmux::gateway;

namespace {

/// A row as HBase has it, of puts; the owner keeps the bytes.
Row row_of(const Put& put) {
  auto block = std::make_shared<std::string>(put.cell_block());
  std::vector<Cell> cells;
  for (std::size_t at = 0; at + 4 <= block->size();) {
    std::uint32_t size = 0;
    for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>((*block)[at + static_cast<std::size_t>(i)]);
    Cell cell;
    fuzz::require(Cell::from_bytes(std::string_view(*block).substr(at + 4, size), cell));
    cells.push_back(cell);
    at += 4 + size;
  }
  return Row(block, cells, true);
}

const TableSchema& schema() {
  static const TableSchema kSchema{{{"f", {true, false}}, {"g", {false, false}}, {"s", {true, true}}}};
  return kSchema;
}

Row existing() {
  Put put("r");
  put.add("f", "", 1, "").add("f", "q", 5, "value").add("f", "q", 3, "old").add("g", "a", 2, std::string(100, 'x'));
  put.add("s+sum", std::string("q") + std::string(7, '\xff') + '\xfe', 9, std::string(7, '\0') + '\5').add("s+sum", "x", 9, "short");
  return row_of(put);
}

template <class Mutations>
void change(std::string_view key, const Mutations& mutations) {
  const auto made = RowChange::of(key, mutations, schema());
  if (!made) return;
  const Row row = existing();
  if (made->needs_row()) {
    (void)made->read_request();
    (void)made->build(&row, 7);
  } else {
    (void)made->build(nullptr, 7);
  }
  (void)RowGuard::of(row, cells_of(row), made->a_written_column());
}

template <class Message>
bool parse(Message& message, std::string_view bytes) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

void read(std::string_view bytes) {
  bt::ReadRowsRequest request;
  if (!parse(request, bytes)) return;
  (void)versions_needed(request.filter());
  if (const auto ranges = key_ranges_of(request.rows())) {
    for (std::size_t i = 1; i < ranges->size(); ++i) fuzz::require(!(*ranges)[i - 1].end.empty() && (*ranges)[i - 1].end <= (*ranges)[i].start);
  }
  auto filter = RowFilter::compile(request.filter(), 1);
  if (!filter) return;
  const Row row = existing();
  auto cells = filter->apply("r", cells_of(row));
  if (!cells || cells->empty()) return;
  RowChunker chunker(64);
  chunker.begin(row, "r", std::move(*cells));
  for (int i = 0; !chunker.is_done(); ++i) {
    fuzz::require(i < 10'000'000);
    bt::ReadRowsResponse message;
    chunker.begin_message();
    chunker.fill(message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  google::protobuf::SetLogHandler(nullptr);
  fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  const std::string_view bytes = input.rest();
  switch (choice % 8) {
    case 0: read(bytes); break;
    case 1: {
      bt::MutateRowsRequest request;
      if (!parse(request, bytes)) break;
      for (const auto& entry : request.entries()) change(entry.row_key(), entry.mutations());
      break;
    }
    case 2: {
      bt::CheckAndMutateRowRequest request;
      if (!parse(request, bytes)) break;
      change(request.row_key(), request.true_mutations());
      change(request.row_key(), request.false_mutations());
      break;
    }
    case 3: {
      bt::ReadModifyWriteRowRequest request;
      if (parse(request, bytes)) (void)ReadModifyWrite::of(request.row_key(), request.rules(), schema());
      break;
    }
    case 4: {
      bt::admin::CreateTableRequest request;
      if (!parse(request, bytes)) break;
      if (const auto made = new_table_of({}, request)) (void)table_message(made->name, made->descriptor, bt::admin::Table::FULL);
      break;
    }
    case 5: {
      bt::admin::ModifyColumnFamiliesRequest request;
      if (!parse(request, bytes)) break;
      TableDescriptor table(TableName::parse("t").value());
      table.family("f").family("s+sum");
      if (const auto steps = changed_families(table, request)) {
        for (const auto& step : *steps) fuzz::require(!step.families.empty());
      }
      break;
    }
    case 6: {
      served::reflection::ServerReflectionRequest request;
      if (parse(request, bytes)) (void)reflect(request);
      break;
    }
    case 7:
      if (const auto rules = NameRules::parse(bytes)) (void)rules->table(std::string(bytes));
      break;
  }
  return 0;
}
