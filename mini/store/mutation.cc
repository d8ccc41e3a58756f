#include "mini/store/mutation.h"

#include "core/bytes.h"

namespace hbmux::mini {
namespace {

using Proto = pb::MutationProto;

CellType delete_type(Proto::DeleteType type) {
  switch (type) {
    case Proto::DELETE_ONE_VERSION: return CellType::delete_version;
    case Proto::DELETE_MULTIPLE_VERSIONS: return CellType::delete_column;
    case Proto::DELETE_FAMILY: return CellType::delete_family;
    case Proto::DELETE_FAMILY_VERSION: return CellType::delete_family_version;
  }
  return CellType::delete_column;
}

bool is_known(CellType type) {
  switch (type) {
    case CellType::put:
    case CellType::delete_version:
    case CellType::delete_family_version:
    case CellType::delete_column:
    case CellType::delete_family: return true;
  }
  return false;
}

/// Attributes with a meaning to the server: a time to live for all cells, and whether the result is wanted.
void read_attributes(const Proto& message, Mutation& out, std::string& tags) {
  for (const auto& attribute : message.attribute()) {
    if (attribute.name() == "_ttl" && attribute.value().size() == 8) {
      tags.assign({0, 9, 8});
      tags += attribute.value();
    } else if (attribute.name() == "_rr_") {
      out.return_results = attribute.value().empty() || attribute.value().front() != 0;
    }
  }
}

Answer<void> read_block_cells(const Proto& message, core::CellBlockReader& block, std::string_view tags,
                              Mutation& out) {
  for (std::int32_t i = 0; i < message.associated_cell_count(); ++i) {
    auto cell = block.next();
    if (!cell) {
      return exceptions::do_not_retry("Cell count of " + std::to_string(message.associated_cell_count()) +
                                      " but at index " + std::to_string(i) +
                                      " no cell returned: " + cell.error().message());
    }
    if (!is_known(cell->type())) return exceptions::do_not_retry("Unknown cell type in a mutation");
    if (out.row.empty()) out.row = cell->row();
    if (cell->row() != out.row) {
      return exceptions::of("org.apache.hadoop.hbase.client.WrongRowIOException",
                            "The row in " + core::to_string_binary(cell->row()) + " doesn't match the original one " +
                                core::to_string_binary(out.row),
                            false);
    }
    out.cells.push_back(StoredCell::copy(*cell, tags));
  }
  return {};
}

Answer<void> read_message_cells(const Proto& message, const std::string& tags, Mutation& out) {
  for (const auto& column : message.column_value()) {
    for (const auto& value : column.qualifier_value()) {
      std::int64_t timestamp = out.timestamp;
      if (value.has_timestamp()) timestamp = static_cast<std::int64_t>(value.timestamp());
      CellType type = CellType::put;
      if (out.type == Proto::DELETE) {
        type = value.has_delete_type() ? delete_type(value.delete_type()) : CellType::delete_column;
      } else if (value.has_delete_type() && out.type == Proto::PUT) {
        type = delete_type(value.delete_type());
      }
      if (column.family().size() > core::kMaxFamilyLength) return exceptions::do_not_retry("Family is too long");
      const std::string all_tags = value.tags() + tags;
      if (all_tags.size() > 0xffff) return exceptions::do_not_retry("Tags are too long");
      out.cells.push_back(
          StoredCell::make(out.row, column.family(), value.qualifier(), timestamp, type, value.value(), all_tags));
    }
  }
  return {};
}

Answer<void> check_cell_size(const StoredCell& cell) {
  if (cell.size() + 4 <= kMaxCellSize) return {};
  const std::string timestamp =
      cell.timestamp() == kLatestTimestamp ? "LATEST_TIMESTAMP" : std::to_string(cell.timestamp());
  return exceptions::do_not_retry(
      "Cell[" + core::to_string_binary(cell.row()) + "/" + std::string(cell.family()) + ":" +
      core::to_string_binary(cell.qualifier()) + "/" + timestamp + "/Put/vlen=" + std::to_string(cell.value().size()) +
      "/seqid=0] with size " + std::to_string(cell.size() + 4) + " exceeds limit of " + std::to_string(kMaxCellSize) +
      " bytes");
}

}  // namespace

Answer<void> read_mutation(const Proto& message, core::CellBlockReader& block, Mutation& out) {
  out.type = message.mutate_type();
  out.row = message.row();
  out.cells.clear();
  out.timestamp = message.has_timestamp() ? static_cast<std::int64_t>(message.timestamp()) : kLatestTimestamp;
  out.range = message.has_time_range() ? TimeRange::of(message.time_range()) : TimeRange();
  out.return_results = true;
  out.nonce = message.nonce();
  if (out.row.size() > core::kMaxRowLength) return exceptions::do_not_retry("Row length is bigger than 32767");
  std::string tags;
  if (message.attribute_size() != 0) read_attributes(message, out, tags);
  if (message.associated_cell_count() > 0) {
    if (auto read = read_block_cells(message, block, tags, out); !read) return read;
  } else if (auto read = read_message_cells(message, tags, out); !read) {
    return read;
  }
  if (out.type != Proto::DELETE) {
    for (const CellRef& cell : out.cells) {
      if (auto fits = check_cell_size(*cell); !fits) return fits;
    }
  }
  if (out.row.empty()) return exceptions::do_not_retry("Row buffer is empty");
  if (out.cells.empty() && out.type != Proto::DELETE)
    return exceptions::do_not_retry("No columns to " + std::string(out.type == Proto::PUT      ? "insert"
                                                                   : out.type == Proto::APPEND ? "append"
                                                                                               : "increment"));
  return {};
}

Answer<void> skip_mutation(const Proto& message, core::CellBlockReader& block) {
  for (std::int32_t i = 0; i < message.associated_cell_count(); ++i) {
    if (!block.next()) return exceptions::do_not_retry("The cell block ends before the mutations do");
  }
  return {};
}

}  // namespace hbmux::mini
