// One cell as the store keeps it.
#pragma once

#include "core/bytes.h"

#include <hbmux/cell.h>

#include <boost/intrusive/set.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::mini {

/// A cell in one allocation: links of its row's tree, the write that made it, and its bytes just as a cell block wants
/// them
/// (`int32 size | KeyValue`), so that answering with it is one memcpy.
///
/// Counted: the tree holds one reference, and scanners hold others on cells that did not fit into an answer. Its bytes
/// change only before it is shared.
class StoredCell : public boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>,
                                                          boost::intrusive::link_mode<boost::intrusive::normal_link>> {
 public:
  StoredCell(const StoredCell&) = delete;
  StoredCell& operator=(const StoredCell&) = delete;

  static boost::intrusive_ptr<StoredCell> make(std::string_view row, std::string_view family,
                                               std::string_view qualifier, std::int64_t timestamp, CellType type,
                                               std::string_view value, std::string_view tags = {});
  /// A copy of a cell out of a request; `more_tags` are added to its tags.
  static boost::intrusive_ptr<StoredCell> copy(const Cell& cell, std::string_view more_tags = {});

  std::string_view row() const noexcept { return {key() + 2, row_length()}; }
  /// The row and all that is stored behind it: the family's length, the family, and so on.
  std::string_view from_row() const noexcept { return {key() + 2, std::size_t{key_length()} - 2}; }
  std::string_view family() const noexcept { return {key() + 3 + row_length(), family_length()}; }
  std::string_view qualifier() const noexcept {
    const std::size_t before = 3u + row_length() + family_length();
    return {key() + before, key_length() - before - 9};
  }
  std::int64_t timestamp() const noexcept { return core::load_be<std::int64_t>(key() + key_length() - 9); }
  CellType type() const noexcept { return static_cast<CellType>(key()[key_length() - 1]); }
  bool is_delete() const noexcept { return type() != CellType::put; }
  std::string_view value() const noexcept { return {key() + key_length(), value_length()}; }
  /// Encoded tags without their length.
  std::string_view tags() const noexcept {
    const std::size_t untagged = untagged_size();
    return size_ == untagged ? std::string_view() : std::string_view(bytes() + 4 + untagged + 2, size_ - untagged - 2);
  }
  /// Bytes of the KeyValue.
  std::uint32_t size() const noexcept { return size_; }
  std::uint64_t sequence() const noexcept { return sequence_; }

  /// Appends `int32 size | KeyValue`, without tags where the codec has none.
  void append_to(std::string& block, bool with_tags) const;

  // Only before the cell is in a store.
  void set_timestamp(std::int64_t timestamp) noexcept { core::store_be(key() + key_length() - 9, timestamp); }
  void set_sequence(std::uint64_t sequence) noexcept { sequence_ = sequence; }

  friend void intrusive_ptr_add_ref(const StoredCell* cell) noexcept {
    cell->references_.fetch_add(1, std::memory_order_relaxed);
  }
  friend void intrusive_ptr_release(const StoredCell* cell) noexcept {
    if (cell->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(cell);
  }

 private:
  explicit StoredCell(std::uint32_t size) noexcept : size_(size) {}
  ~StoredCell() = default;
  static StoredCell* allocate(std::size_t size);
  static void destroy(const StoredCell* cell) noexcept;

  char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  char* key() noexcept { return bytes() + 12; }
  const char* key() const noexcept { return bytes() + 12; }
  std::uint32_t key_length() const noexcept { return core::load_be<std::uint32_t>(bytes() + 4); }
  std::uint32_t value_length() const noexcept { return core::load_be<std::uint32_t>(bytes() + 8); }
  std::uint16_t row_length() const noexcept { return core::load_be<std::uint16_t>(key()); }
  std::uint8_t family_length() const noexcept { return static_cast<std::uint8_t>(key()[2 + row_length()]); }
  std::size_t untagged_size() const noexcept { return std::size_t{8} + key_length() + value_length(); }

  std::uint64_t sequence_ = 0;
  mutable std::atomic<std::uint32_t> references_{0};
  std::uint32_t size_;
};

using CellRef = boost::intrusive_ptr<StoredCell>;

/// The order within a row: family, qualifier, newest timestamp first, then type (deletes before puts), then the latest
/// write first.
struct CellOrder {
  bool operator()(const StoredCell& a, const StoredCell& b) const noexcept;
};

/// A place within a row: the first key that is not before (qualifier, timestamp, type).
struct CellPlace {
  std::string_view family;
  std::string_view qualifier;
  std::int64_t timestamp;
  std::uint8_t type;
};

/// All cells of a column, whether it exists or not: for searches in a row.
struct ColumnPlace {
  std::string_view family;
  std::string_view qualifier;
};
struct PlaceOrder {
  bool operator()(const StoredCell& cell, const ColumnPlace& place) const noexcept;
  bool operator()(const ColumnPlace& place, const StoredCell& cell) const noexcept;
  bool operator()(const StoredCell& cell, const CellPlace& place) const noexcept { return compare(cell, place) < 0; }
  bool operator()(const CellPlace& place, const StoredCell& cell) const noexcept { return compare(cell, place) > 0; }
  static int compare(const StoredCell& cell, const CellPlace& place) noexcept;
};

using CellSet = boost::intrusive::set<StoredCell, boost::intrusive::compare<CellOrder>,
                                      boost::intrusive::constant_time_size<false>>;

inline bool same_column(const StoredCell& a, const StoredCell& b) noexcept {
  return a.family() == b.family() && a.qualifier() == b.qualifier();
}
/// Where a scan leaves a cell of the column without a name, it seeks what has the next lower type at the same time
/// (PrivateCellUtil.createNextOnRowCol), with the sequence number 0: a cell that is just so has a higher one, and is passed, too.
inline bool goes_with(const StoredCell& from, const StoredCell& next) noexcept {
  if (next.timestamp() != from.timestamp()) return false;
  if (next.type() == from.type()) return true;
  switch (from.type()) {
    case CellType::put: return false;
    case CellType::delete_version: return next.type() == CellType::put;
    case CellType::delete_family_version: return next.type() == CellType::delete_version;
    case CellType::delete_column: return next.type() == CellType::delete_family_version;
    case CellType::delete_family: return next.type() == CellType::delete_column;
  }
  return false;
}

}  // namespace hbmux::mini
