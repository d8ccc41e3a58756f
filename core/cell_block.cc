#include "core/cell_block.h"

#include "core/bytes.h"

namespace hbmux {

bool Cell::from_bytes(std::string_view bytes, Cell& out) noexcept {
  constexpr std::size_t kFixed = 2 + 1 + 8 + 1;  // row length, family length, timestamp, type
  if (bytes.size() < 8 + kFixed || bytes.size() > 0x7fffffff) return false;
  const std::size_t key = core::load_be<std::uint32_t>(bytes.data());
  const std::size_t value = core::load_be<std::uint32_t>(bytes.data() + 4);
  if (key < kFixed || key > bytes.size() - 8 || value > bytes.size() - 8 - key) return false;
  const std::size_t row = core::load_be<std::uint16_t>(bytes.data() + 8);
  if (row > core::kMaxRowLength || row + kFixed > key) return false;
  const std::size_t family = static_cast<std::uint8_t>(bytes[10 + row]);
  if (family > core::kMaxFamilyLength || row + family + kFixed > key) return false;
  const std::size_t rest = bytes.size() - 8 - key - value;
  if (rest != 0) {  // tags
    if (rest < 2 || core::load_be<std::uint16_t>(bytes.data() + 8 + key + value) != rest - 2) return false;
  }
  out.data_ = bytes.data();
  out.size_ = static_cast<std::uint32_t>(bytes.size());
  return true;
}

namespace core {

void append_cell(std::string& block, std::string_view row, std::string_view family, std::string_view qualifier,
                 std::int64_t timestamp, CellType type, std::string_view value, std::string_view tags) {
  const std::size_t key = 2 + row.size() + 1 + family.size() + qualifier.size() + 8 + 1;
  const std::size_t size = 8 + key + value.size() + (tags.empty() ? 0 : 2 + tags.size());
  const std::size_t start = block.size();
  block.resize(start + 4 + size);
  char* p = block.data() + start;
  auto put = [&p](std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
    p += bytes.size();
  };
  store_be(p, static_cast<std::uint32_t>(size));
  store_be(p + 4, static_cast<std::uint32_t>(key));
  store_be(p + 8, static_cast<std::uint32_t>(value.size()));
  store_be(p + 12, static_cast<std::uint16_t>(row.size()));
  p += 14;
  put(row);
  *p++ = static_cast<char>(family.size());
  put(family);
  put(qualifier);
  store_be(p, timestamp);
  p += 8;
  *p++ = static_cast<char>(type);
  put(value);
  if (!tags.empty()) {
    store_be(p, static_cast<std::uint16_t>(tags.size()));
    p += 2;
    put(tags);
  }
}

Result<Cell> CellBlockReader::next() {
  if (rest_.size() < 4) return Error(Errc::protocol_error, "cell block ends before a cell's length");
  const std::size_t size = load_be<std::uint32_t>(rest_.data());
  if (size > rest_.size() - 4) {
    return Error(Errc::protocol_error, "cell of " + std::to_string(size) + " bytes in a cell block that has only " +
                                           std::to_string(rest_.size() - 4) + " left");
  }
  Cell cell;
  if (!Cell::from_bytes(rest_.substr(4, size), cell)) {
    return Error(Errc::protocol_error, "cell block holds a cell whose lengths contradict each other");
  }
  rest_.remove_prefix(4 + size);
  return cell;
}

int compare_cells(const Cell& a, const Cell& b) noexcept {
  if (int c = a.row().compare(b.row())) return c;
  if (int c = a.family().compare(b.family())) return c;
  if (int c = a.qualifier().compare(b.qualifier())) return c;
  if (a.timestamp() != b.timestamp()) return a.timestamp() > b.timestamp() ? -1 : 1;
  return static_cast<int>(b.type()) - static_cast<int>(a.type());
}

}  // namespace core
}  // namespace hbmux
