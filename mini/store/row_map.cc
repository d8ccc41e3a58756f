#include "mini/store/row_map.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>

namespace hbmux::mini {

int compare_rows(std::string_view a, std::string_view b) noexcept { return a.compare(b); }

StoredRow* RowMap::find(std::string_view key) noexcept {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : *found;
}

StoredRow& RowMap::find_or_add(std::string_view key) {
  if (StoredRow* row = find(key)) return *row;
  void* memory = ::operator new(sizeof(StoredRow) + key.size());
  auto* row = new (memory) StoredRow();
  row->key_size_ = static_cast<std::uint32_t>(key.size());
  if (!key.empty()) std::memcpy(reinterpret_cast<char*>(row + 1), key.data(), key.size());
  index_.insert(row);
  tree_.insert(*row);
  return *row;
}

void RowMap::erase_cells(std::string_view key, std::span<const std::string> qualifiers) noexcept {
  StoredRow* row = find(key);
  if (row == nullptr) return;
  if (qualifiers.empty()) return erase(*row);
  for (auto at = row->cells.begin(); at != row->cells.end();) {
    const bool named = std::ranges::any_of(qualifiers, [&](const std::string& name) { return name == at->qualifier(); });
    at = named ? erase_cell(*row, at) : std::next(at);
  }
}

CellSet::iterator RowMap::erase_cell(StoredRow& row, CellSet::iterator at) noexcept {
  return row.cells.erase_and_dispose(at, [](StoredCell* cell) { intrusive_ptr_release(cell); });
}

void RowMap::destroy(StoredRow& row) noexcept {
  row.cells.clear_and_dispose([](StoredCell* cell) { intrusive_ptr_release(cell); });
  row.~StoredRow();
  ::operator delete(&row);
}

void RowMap::erase(StoredRow& row) noexcept {
  index_.erase(index_.find(row.key()));
  tree_.erase(tree_.iterator_to(row));
  destroy(row);
}

void RowMap::move_to(StoredRow& row, RowMap& other) {
  index_.erase(index_.find(row.key()));
  tree_.erase(tree_.iterator_to(row));
  other.index_.insert(&row);
  other.tree_.insert(row);
}

void RowMap::clear() noexcept {
  index_.clear();
  tree_.clear_and_dispose([](StoredRow* row) { destroy(*row); });
}

}  // namespace hbmux::mini
