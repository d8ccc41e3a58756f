#include "client/reply_rows.h"

#include "rpc/wire/delimited.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstring>
#include <string>

namespace hbmux::client {
namespace {

// The shortest cell in a block: its size, two lengths, row length, family length, timestamp, type.
constexpr std::size_t kSmallestCell = 4 + 8 + 2 + 1 + 8 + 1;

Error cells_missing(std::uint32_t expected, const Error& why) {
  return Error(Errc::protocol_error, "a row should have " + std::to_string(expected) + " cells: " + why.message());
}

}  // namespace

std::optional<RowShape> read_row_shape(std::string_view message) noexcept {
  RowShape shape;
  if (message.empty()) return shape;
  std::string_view result;
  if (message[0] != (pb::GetResponse::kResultFieldNumber << 3 | 2)) return std::nullopt;
  message.remove_prefix(1);
  if (!rpc::wire::read_delimited(message, result) || !message.empty()) return std::nullopt;
  bool says_exists = false;
  while (!result.empty()) {
    const int key = static_cast<unsigned char>(result[0]);
    result.remove_prefix(1);
    std::uint64_t value = 0;
    if ((key & 7) != 0 || !rpc::wire::read_varint(result, value)) return std::nullopt;
    switch (key >> 3) {
      case pb::Result::kAssociatedCellCountFieldNumber:
        if (value > INT32_MAX) return std::nullopt;
        shape.cells = static_cast<std::uint32_t>(value);
        break;
      case pb::Result::kExistsFieldNumber:
        shape.exists = value != 0;
        says_exists = true;
        break;
      case pb::Result::kPartialFieldNumber: shape.partial = value != 0; break;
      case pb::Result::kStaleFieldNumber: shape.stale = value != 0; break;
      default: return std::nullopt;
    }
  }
  if (!says_exists) shape.exists = shape.cells > 0;
  return shape;
}

/// Never grows beyond its capacity: rows point into it.
struct ReplyRows::Cells {
  std::shared_ptr<const void> bytes;
  boost::container::small_vector<Cell, 4> cells;  // nearly all gets have no more
};

ReplyRows::ReplyRows(const rpc::CallReply& reply, std::size_t cells)
    : expected_(cells), cells_max_(reply.cells.size() / kSmallestCell) {
  if (reply.cells.empty()) return;
  if (reply.owner) {
    owner_ = reply.owner;
    reader_ = core::CellBlockReader(reply.cells);
    return;
  }
  auto copy = std::make_shared_for_overwrite<char[]>(reply.cells.size());
  std::memcpy(copy.get(), reply.cells.data(), reply.cells.size());
  reader_ = core::CellBlockReader({copy.get(), reply.cells.size()});
  owner_ = std::shared_ptr<const void>(copy, copy.get());
}

Result<std::span<const Cell>> ReplyRows::take(std::uint32_t count) {
  if (count == 0) return std::span<const Cell>();
  if (!cells_ || cells_->cells.capacity() - cells_->cells.size() < count) {
    cells_ = std::make_shared<Cells>();
    cells_->bytes = owner_;
    cells_->cells.reserve(std::min(std::max<std::size_t>(count, expected_), cells_max_));
  }
  auto& cells = cells_->cells;
  const std::size_t first = cells.size();
  for (std::uint32_t i = 0; i < count; ++i) {
    auto cell = reader_.next();
    if (!cell) return cells_missing(count, cell.error());
    cells.push_back(*cell);
  }
  return std::span<const Cell>(cells.data() + first, count);
}

Result<Row> ReplyRows::next(const RowShape& shape) {
  auto cells = take(shape.cells);
  if (!cells) return cells.error();
  Row row(cells_, *cells, shape.exists, shape.partial);
  row.set_stale(shape.stale);
  return row;
}

Result<Row> ReplyRows::next(std::uint32_t count, bool partial) { return next(RowShape{count, count > 0, partial}); }

Result<Row> ReplyRows::next(const pb::Result& result) {
  if (result.associated_cell_count() < 0) return Error(Errc::protocol_error, "a row with a negative number of cells");
  const auto count = static_cast<std::uint32_t>(result.associated_cell_count());
  auto cells = take(count);
  if (!cells) return cells.error();
  if (result.cell_size() > 0) return from_messages(result, *cells);
  Row row(cells_, *cells, result.has_exists() ? result.exists() : count > 0, result.partial());
  row.set_stale(result.stale());
  if (result.has_metrics()) row.set_metrics(metrics_from(result.metrics()));
  return row;
}

Result<Row> ReplyRows::from_messages(const pb::Result& result, std::span<const Cell> before) {
  auto block = std::make_shared<std::string>();
  for (const Cell& cell : before) {
    core::append_cell(*block, cell.row(), cell.family(), cell.qualifier(), cell.timestamp(), cell.type(), cell.value(),
                      cell.tags());
  }
  for (const pb::Cell& cell : result.cell()) {
    const std::size_t size = core::key_value_size(cell.row().size(), cell.family().size(), cell.qualifier().size(),
                                                  cell.value().size() + cell.tags().size());
    if (cell.row().size() > core::kMaxRowLength || cell.family().size() > core::kMaxFamilyLength ||
        cell.tags().size() > 0xffff || size > 0x7fffffff) {
      return Error(Errc::protocol_error, "a cell in a message has parts that are too long");
    }
    core::append_cell(*block, cell.row(), cell.family(), cell.qualifier(), static_cast<std::int64_t>(cell.timestamp()),
                      static_cast<CellType>(cell.cell_type()), cell.value(), cell.tags());
  }
  core::CellBlockReader reader(*block);
  std::vector<Cell> cells;
  cells.reserve(before.size() + static_cast<std::size_t>(result.cell_size()));
  while (!reader.at_end()) {
    auto cell = reader.next();
    if (!cell) return cell.error();
    cells.push_back(*cell);
  }
  Row row(std::move(block), std::move(cells), true, result.partial());
  row.set_stale(result.stale());
  if (result.has_metrics()) row.set_metrics(metrics_from(result.metrics()));
  return row;
}

QueryMetrics metrics_from(const pb::QueryMetrics& message) { return {message.block_bytes_scanned()}; }

Row join_rows(std::vector<Row> rows) {
  if (rows.empty()) return {};
  if (rows.size() == 1) return std::move(rows.front());
  auto owners = std::make_shared<std::vector<Row>>(std::move(rows));
  std::vector<Cell> cells;
  for (const Row& row : *owners) cells.insert(cells.end(), row.begin(), row.end());
  std::ranges::stable_sort(cells, [](const Cell& a, const Cell& b) {
    if (const int c = a.family().compare(b.family()); c != 0) return c < 0;
    if (const int c = a.qualifier().compare(b.qualifier()); c != 0) return c < 0;
    return a.timestamp() > b.timestamp();
  });
  return Row(std::move(owners), std::move(cells), true);
}

}  // namespace hbmux::client
