#include "mini/store/stored_cell.h"

#include "core/cell_block.h"

#include <cstring>
#include <new>

namespace hbmux::mini {

StoredCell* StoredCell::allocate(std::size_t size) {
  void* memory = ::operator new(sizeof(StoredCell) + 4 + size);
  auto* cell = new (memory) StoredCell(static_cast<std::uint32_t>(size));
  core::store_be(cell->bytes(), static_cast<std::uint32_t>(size));
  return cell;
}

void StoredCell::destroy(const StoredCell* cell) noexcept {
  auto* memory = const_cast<StoredCell*>(cell);
  memory->~StoredCell();
  ::operator delete(memory);
}

CellRef StoredCell::make(std::string_view row, std::string_view family, std::string_view qualifier,
                         std::int64_t timestamp, CellType type, std::string_view value, std::string_view tags) {
  const std::size_t untagged = core::key_value_size(row.size(), family.size(), qualifier.size(), value.size());
  StoredCell* cell = allocate(untagged + (tags.empty() ? 0 : 2 + tags.size()));
  char* at = cell->bytes() + 4;
  auto put = [&at](std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    at += bytes.size();
  };
  core::store_be(at, static_cast<std::uint32_t>(untagged - 8 - value.size()));
  core::store_be(at + 4, static_cast<std::uint32_t>(value.size()));
  core::store_be(at + 8, static_cast<std::uint16_t>(row.size()));
  at += 10;
  put(row);
  *at++ = static_cast<char>(family.size());
  put(family);
  put(qualifier);
  core::store_be(at, timestamp);
  at += 8;
  *at++ = static_cast<char>(type);
  put(value);
  if (!tags.empty()) {
    core::store_be(at, static_cast<std::uint16_t>(tags.size()));
    at += 2;
    put(tags);
  }
  return cell;
}

CellRef StoredCell::copy(const Cell& from, std::string_view more_tags) {
  if (!more_tags.empty()) {
    const std::string tags = std::string(from.tags()).append(more_tags);
    return make(from.row(), from.family(), from.qualifier(), from.timestamp(), from.type(), from.value(), tags);
  }
  const std::string_view bytes = from.encoded();
  StoredCell* cell = allocate(bytes.size());
  std::memcpy(cell->bytes() + 4, bytes.data(), bytes.size());
  return cell;
}

void StoredCell::append_to(std::string& block, bool with_tags) const {
  const std::size_t untagged = untagged_size();
  if (with_tags ? size_ != untagged + 2 : size_ == untagged) {
    block.append(bytes(), 4 + size_);
    return;
  }
  core::append_be(block, static_cast<std::uint32_t>(untagged));
  block.append(bytes() + 4, untagged);
}

bool CellOrder::operator()(const StoredCell& a, const StoredCell& b) const noexcept {
  if (const int c = a.family().compare(b.family())) return c < 0;
  if (const int c = a.qualifier().compare(b.qualifier())) return c < 0;
  if (a.timestamp() != b.timestamp()) return a.timestamp() > b.timestamp();
  if (a.type() != b.type()) return a.type() > b.type();
  return a.sequence() > b.sequence();
}

bool PlaceOrder::operator()(const StoredCell& cell, const ColumnPlace& place) const noexcept {
  if (const int c = cell.family().compare(place.family)) return c < 0;
  return cell.qualifier() < place.qualifier;
}

bool PlaceOrder::operator()(const ColumnPlace& place, const StoredCell& cell) const noexcept {
  if (const int c = place.family.compare(cell.family())) return c < 0;
  return place.qualifier < cell.qualifier();
}

int PlaceOrder::compare(const StoredCell& cell, const CellPlace& place) noexcept {
  if (const int c = cell.family().compare(place.family)) return c;
  if (const int c = cell.qualifier().compare(place.qualifier)) return c;
  if (cell.timestamp() != place.timestamp) return cell.timestamp() > place.timestamp ? -1 : 1;
  return static_cast<int>(place.type) - static_cast<int>(cell.type());
}

}  // namespace hbmux::mini
