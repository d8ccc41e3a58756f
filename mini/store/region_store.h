// The cells of one region, and everything that HBase does with them on one row.
#pragma once

#include "mini/store/compaction.h"
#include "mini/store/mutation.h"
#include "mini/store/row_map.h"
#include "mini/store/row_reader.h"

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// Pure: it has no socket, no thread and no clock ("now" comes with each call). Not synchronised, except that read
/// points may be opened and closed by readers: the owner lets many readers or one writer in.
class RegionStore {
 public:
  /// `families` must live as long as the store and may be changed only while nobody is inside; `name` is used in
  /// exceptions.
  RegionStore(const Families& families, std::string_view name, RowCompare compare = compare_rows)
      : families_(&families), name_(name), rows_(compare) {}

  const Families& families() const noexcept { return *families_; }
  void set_families(const Families& families) noexcept { families_ = &families; }
  std::string_view name() const noexcept { return name_; }
  RowMap& rows() noexcept { return rows_; }
  /// The last write. A reader that remembers it sees nothing newer.
  std::uint64_t sequence() const noexcept { return sequence_; }
  /// Of the last write that is in a file.
  std::uint64_t flushed_sequence() const noexcept { return flushed_; }
  void advance_sequence(std::uint64_t least) noexcept { sequence_ = std::max(sequence_ + 1, least); }

  /// Reads a row with the spec's filter, if any. False when nothing is left of it. `tracks` as for RowReader::read.
  bool read_row(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, RowReader& reader, RowCells& out,
                bool tracks = false);
  bool get(std::string_view row, const ReadSpec& spec, RowReader& reader, RowCells& out);

  /// That all its families exist.
  Answer<void> check_families(const Mutation& mutation) const;
  /// Applies changes of one row all at once, or none of them. Increments and appends read what was there before, and
  /// leave what they made in `results` unless their client wants none.
  Answer<void> mutate_row(std::span<Mutation> mutations, std::int64_t now, RowReader& reader, RowCells& results);
  /// Whether the condition of a checkAndMutate holds. `latest` is raised to the timestamp of the cell that was looked
  /// at.
  Answer<bool> check(const pb::Condition& condition, std::string_view row, std::int64_t now, RowReader& reader,
                     std::int64_t& latest);

  // These do nothing while a read point is open.
  /// What HBase does when it writes its memory into a file: of what was written since the last flush, versions that
  /// are too many and deleted cells go; delete markers stay.
  void flush(std::int64_t now);
  /// Of what was flushed, drops what nobody can see, and delete markers. Unless it is a major one, nothing happens
  /// before three flushes; at the sixteenth it happens by itself.
  void compact(std::int64_t now, bool major);
  /// Drops the cells of families that do not exist any more.
  void drop_lost_families();
  void clear() noexcept { rows_.clear(); }

  // For what was written down: a cell as it was, with the write that made it; and how often delete markers, which hide
  // what may still be written, were dropped.
  void restore(const CellRef& cell, std::uint64_t sequence) { insert(rows_.find_or_add(cell->row()), cell, sequence); }
  void set_sequence(std::uint64_t sequence) noexcept { sequence_ = std::max(sequence_, sequence); }
  std::uint64_t purges() const noexcept { return purges_; }

  // For replicas: the cells of another store, which keeps its own; and writes that were made there, in their order.
  void copy_from(RegionStore& other);
  void replay(std::span<const CellRef> cells, std::uint64_t sequence, std::int64_t now);

  /// Bytes that were written since the last flush, about as HBase counts them in memory.
  std::size_t unflushed_bytes() const noexcept { return unflushed_bytes_; }

  // What scanners see stays as long as their read point is open.
  void begin_reading() noexcept { readers_.fetch_add(1, std::memory_order_relaxed); }
  void end_reading() noexcept { readers_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  bool read_filtered(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, RowReader& reader, RowCells& out,
                     bool tracks);
  Answer<void> reckon(Mutation& mutation, std::int64_t now, RowReader& reader, RowCells& results);
  Answer<void> prepare_delete(Mutation& mutation, std::int64_t now, RowReader& reader);
  void read_column(std::string_view row, const FamilySettings& family, std::string_view qualifier, int versions,
                   TimeRange range, std::int64_t now, RowReader& reader, RowCells& out);
  static CellSet::iterator place(StoredRow& row, StoredCell& cell);
  void insert(StoredRow& row, const CellRef& cell, std::uint64_t sequence);
  void run(Compaction compaction);
  void compact_row(StoredRow& row, std::int64_t now);
  void bound_row(StoredRow& row, std::size_t covered_before, std::int64_t now);
  bool has_readers() const noexcept { return readers_.load(std::memory_order_relaxed) != 0; }

  const Families* families_;
  std::string_view name_;
  RowMap rows_;
  std::uint64_t sequence_ = 1;
  std::uint64_t flushed_ = 0;  ///< Writes up to this one are in files.
  int files_ = 0;
  std::uint64_t purges_ = 0;
  /// Bytes of versions that a newer version covers. Past a bound, rows are compacted as they are written.
  std::size_t covered_bytes_ = 0;
  std::size_t unflushed_bytes_ = 0;
  std::atomic<int> readers_{0};  ///< Whose read points are open.
};

}  // namespace hbmux::mini
