// The rows of a region: in order for scans, hashed for gets.
#pragma once

#include "mini/store/stored_cell.h"

#include <boost/intrusive/set.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace hbmux::mini {

/// One row's key and cells, in one allocation beside the cells'.
class StoredRow : public boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>,
                                                         boost::intrusive::link_mode<boost::intrusive::normal_link>> {
 public:
  std::string_view key() const noexcept { return {reinterpret_cast<const char*>(this + 1), key_size_}; }
  CellSet cells;

 private:
  friend class RowMap;
  StoredRow() = default;
  ~StoredRow() = default;
  std::uint32_t key_size_ = 0;
};

/// Compares two row keys as strcmp does. hbase:meta has an order of its own.
using RowCompare = int (*)(std::string_view, std::string_view) noexcept;
int compare_rows(std::string_view a, std::string_view b) noexcept;

/// Not synchronised; owns its rows and holds one reference on each of their cells.
class RowMap {
 private:
  struct KeyOf {
    using type = std::string_view;
    std::string_view operator()(const StoredRow& row) const noexcept { return row.key(); }
  };
  struct Less {
    RowCompare compare;
    bool operator()(std::string_view a, std::string_view b) const noexcept { return compare(a, b) < 0; }
  };
  using Tree = boost::intrusive::set<StoredRow, boost::intrusive::key_of_value<KeyOf>, boost::intrusive::compare<Less>,
                                     boost::intrusive::constant_time_size<false>>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const noexcept { return std::hash<std::string_view>()(key); }
    std::size_t operator()(const StoredRow* row) const noexcept { return (*this)(row->key()); }
  };
  struct Equal {
    using is_transparent = void;
    static std::string_view key(std::string_view key) noexcept { return key; }
    static std::string_view key(const StoredRow* row) noexcept { return row->key(); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
      return key(a) == key(b);
    }
  };

 public:
  using iterator = Tree::iterator;

  explicit RowMap(RowCompare compare = compare_rows) : tree_(Less{compare}) {}
  RowMap(const RowMap&) = delete;
  RowMap& operator=(const RowMap&) = delete;
  ~RowMap() { clear(); }

  StoredRow* find(std::string_view key) noexcept;
  StoredRow& find_or_add(std::string_view key);
  iterator begin() noexcept { return tree_.begin(); }
  iterator end() noexcept { return tree_.end(); }
  iterator lower_bound(std::string_view key) noexcept { return tree_.lower_bound(key); }
  iterator upper_bound(std::string_view key) noexcept { return tree_.upper_bound(key); }
  iterator at(StoredRow& row) noexcept { return tree_.iterator_to(row); }
  /// Removes a row with its cells.
  void erase(StoredRow& row) noexcept;
  /// Takes a cell out of its row and gives up the reference that the row held.
  static CellSet::iterator erase_cell(StoredRow& row, CellSet::iterator at) noexcept;
  /// Takes the cells of a row in these columns, whatever their family; the whole row when none is named.
  void erase_cells(std::string_view key, std::span<const std::string> qualifiers) noexcept;
  /// Moves a row into another map that lacks its key.
  void move_to(StoredRow& row, RowMap& other);
  void clear() noexcept;
  bool empty() const noexcept { return tree_.empty(); }
  std::size_t size() const noexcept { return index_.size(); }
  RowCompare row_compare() const noexcept { return tree_.key_comp().compare; }
  int compare(std::string_view a, std::string_view b) const noexcept { return tree_.key_comp().compare(a, b); }

 private:
  static void destroy(StoredRow& row) noexcept;

  Tree tree_;
  boost::unordered_flat_set<StoredRow*, Hash, Equal> index_;
};

}  // namespace hbmux::mini
