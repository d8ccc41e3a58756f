#include "mini/store/region_store.h"

#include "core/bytes.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

using Proto = pb::MutationProto;

/// Until so much is covered, older versions stay, and show again when the newer one is deleted, as they do in HBase
/// until a flush.
constexpr std::size_t kCoveredBytesMax = std::size_t{16} << 20;
constexpr std::size_t kCellOverhead = 64;
constexpr int kFilesToCompact = 3;  ///< hbase.hstore.compaction.min
constexpr int kFilesMax = 16;       ///< hbase.hstore.blockingStoreFiles

Answer<std::int64_t> long_value(const StoredCell& cell) {
  const std::string_view value = cell.value();
  if (value.size() != 8) {
    return exceptions::do_not_retry("Field is not a long, it's " + std::to_string(value.size()) + " bytes wide");
  }
  return core::load_be<std::int64_t>(value.data());
}

CellRef duplicate(const StoredCell& cell) {
  return StoredCell::make(cell.row(), cell.family(), cell.qualifier(), cell.timestamp(), cell.type(), cell.value(),
                          cell.tags());
}

}  // namespace

bool RegionStore::read_row(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, RowReader& reader,
                           RowCells& out, bool tracks) {
  if (!spec.filter) {
    reader.read(row, spec, read_point, out, RowReader::Part::all, tracks);
    return !out.cells.empty();
  }
  if (reader.first_cell(row, spec, read_point, RowReader::Part::essential) == nullptr) return false;
  const bool kept = read_filtered(row, spec, read_point, reader, out, tracks);
  spec.filter->reset();
  if (!kept) out.clear();
  return kept;
}

/// The order in which RegionScannerImpl.java asks a filter about a row.
bool RegionStore::read_filtered(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, RowReader& reader,
                                RowCells& out, bool tracks) {
  using Part = RowReader::Part;
  Filter& filter = *spec.filter;
  const StoredCell& first = *reader.first_cell(row, spec, read_point, Part::essential);
  if (filter.filter_all_remaining() || filter.filter_row_key(first)) {
    // The filter sees the cells nevertheless, and may send families on; not when the scan goes backwards.
    if (!filter.filter_all_remaining() && !spec.reversed) reader.read(row, spec, read_point, out, Part::essential);
    return false;
  }
  reader.read(row, spec, read_point, out, Part::essential, tracks);
  const bool empty = out.cells.empty();
  if (filter.has_filter_row()) {
    filter.filter_row_cells(out);
    if (!out.cells.empty() && filter.filter_row()) return false;
    if (empty) return false;
  } else if (empty || filter.filter_row()) {
    return false;
  }
  if (spec.has_on_demand && reader.first_cell(row, spec, read_point, Part::on_demand) != nullptr) {
    reader.read(row, spec, read_point, out, Part::on_demand);
    std::stable_sort(out.cells.begin(), out.cells.end(),
                     [](const StoredCell* a, const StoredCell* b) { return CellOrder()(*a, *b); });
  }
  return !out.cells.empty();
}

bool RegionStore::get(std::string_view row, const ReadSpec& spec, RowReader& reader, RowCells& out) {
  StoredRow* stored = rows_.find(row);
  reader.begin();
  return stored != nullptr && read_row(*stored, spec, sequence_, reader, out);
}

void RegionStore::read_column(std::string_view row, const FamilySettings& family, std::string_view qualifier,
                              int versions, TimeRange range, std::int64_t now, RowReader& reader, RowCells& out) {
  out.clear();
  StoredRow* stored = rows_.find(row);
  if (stored == nullptr) return;
  ReadSpec spec;
  spec.now = now;
  spec.max_versions = versions;
  spec.columns.push_back(qualifier);
  spec.families.push_back({&family, range, 0, 1});
  reader.begin();
  reader.read(*stored, spec, sequence_, out);
}

Answer<void> RegionStore::check_families(const Mutation& mutation) const {
  for (const CellRef& cell : mutation.cells) {
    if (!families_->contains(cell->family())) return no_such_family(cell->family(), name_);
  }
  return {};
}

Answer<void> RegionStore::mutate_row(std::span<Mutation> mutations, std::int64_t now, RowReader& reader,
                                     RowCells& results) {
  for (const Mutation& mutation : mutations) {
    if (auto known = check_families(mutation); !known) return known;
  }
  // First everything that can fail and everything that reads.
  for (Mutation& mutation : mutations) {
    switch (mutation.type) {
      case Proto::PUT:
        for (const CellRef& cell : mutation.cells) {
          if (cell->timestamp() == kLatestTimestamp) cell->set_timestamp(now);
        }
        break;
      case Proto::DELETE:
        if (auto prepared = prepare_delete(mutation, now, reader); !prepared) return prepared;
        break;
      case Proto::INCREMENT:
      case Proto::APPEND:
        if (auto reckoned = reckon(mutation, now, reader, results); !reckoned) return reckoned;
        break;
    }
  }
  const std::uint64_t sequence = ++sequence_;
  StoredRow* row = nullptr;
  const std::size_t covered_before = covered_bytes_;
  for (const Mutation& mutation : mutations) {
    if (row == nullptr) row = &rows_.find_or_add(mutation.row);
    for (const CellRef& cell : mutation.cells) insert(*row, cell, sequence);
  }
  if (row != nullptr) bound_row(*row, covered_before, now);
  return {};
}

/// A row that is written again and again may not grow without bound.
void RegionStore::bound_row(StoredRow& row, std::size_t covered_before, std::int64_t now) {
  if (covered_bytes_ > kCoveredBytesMax && covered_bytes_ != covered_before && !has_readers()) compact_row(row, now);
}

void RegionStore::copy_from(RegionStore& other) {
  for (StoredRow& from : other.rows_) {
    StoredRow& row = rows_.find_or_add(from.key());
    for (const StoredCell& cell : from.cells) insert(row, duplicate(cell), cell.sequence());
  }
  sequence_ = std::max(sequence_, other.sequence_);
  flushed_ = other.flushed_;
  files_ = other.files_;
  unflushed_bytes_ = other.unflushed_bytes_;
}

void RegionStore::replay(std::span<const CellRef> cells, std::uint64_t sequence, std::int64_t now) {
  sequence_ = std::max(sequence_ + 1, sequence);
  StoredRow* row = nullptr;
  const std::size_t covered_before = covered_bytes_;
  for (const CellRef& cell : cells) {
    if (!families_->contains(cell->family())) continue;  // it is gone meanwhile
    if (row == nullptr) row = &rows_.find_or_add(cell->row());
    insert(*row, duplicate(*cell), sequence_);
  }
  if (row != nullptr) bound_row(*row, covered_before, now);
}

/// Puts a cell into its place. Most become a row's first or last cell: those need no search.
CellSet::iterator RegionStore::place(StoredRow& row, StoredCell& cell) {
  const CellOrder before;
  CellSet& cells = row.cells;
  if (cells.empty() || before(cell, *cells.begin())) return cells.insert_before(cells.begin(), cell);
  if (before(*cells.rbegin(), cell)) return cells.insert_before(cells.end(), cell);
  auto [at, inserted] = cells.insert(cell);
  if (!inserted) {  // twice in one atomic change: the last one counts
    RowMap::erase_cell(row, at);
    at = cells.insert(cell).first;
  }
  return at;
}

void RegionStore::insert(StoredRow& row, const CellRef& cell, std::uint64_t sequence) {
  cell->set_sequence(sequence);
  unflushed_bytes_ += cell->size() + kCellOverhead;
  const auto at = place(row, *cell);
  intrusive_ptr_add_ref(cell.get());
  const auto next = std::next(at);
  if (next == row.cells.end() || !same_column(*next, *cell)) return;
  covered_bytes_ += next->size() + kCellOverhead;
}

Answer<void> RegionStore::prepare_delete(Mutation& mutation, std::int64_t now, RowReader& reader) {
  if (mutation.cells.empty()) {
    for (const auto& [name, settings] : *families_) {
      mutation.cells.push_back(
          StoredCell::make(mutation.row, name, {}, mutation.timestamp, CellType::delete_family, {}));
    }
  }
  RowCells versions;
  std::vector<const StoredCell*> newest;  // markers without a time of their own
  for (const CellRef& each : mutation.cells) {
    StoredCell& cell = *each;
    if (cell.timestamp() != kLatestTimestamp) continue;
    cell.set_timestamp(now);
    if (cell.type() != CellType::delete_version) continue;
    // The newest version; with several such markers of one column, as many versions back.
    newest.push_back(&cell);
    const auto count = static_cast<std::size_t>(std::count_if(
        newest.begin(), newest.end(), [&cell](const StoredCell* marker) { return same_column(*marker, cell); }));
    const FamilySettings& family = families_->find(cell.family())->second;
    read_column(mutation.row, family, cell.qualifier(), static_cast<int>(count), TimeRange(), now, reader, versions);
    if (versions.cells.size() >= count) cell.set_timestamp(versions.cells[count - 1]->timestamp());
  }
  return {};
}

/// Turns the deltas of an increment or append into the cells to write.
Answer<void> RegionStore::reckon(Mutation& mutation, std::int64_t now, RowReader& reader, RowCells& results) {
  std::stable_sort(mutation.cells.begin(), mutation.cells.end(),
                   [](const CellRef& a, const CellRef& b) { return CellOrder()(*a, *b); });
  RowCells current;
  for (CellRef& delta : mutation.cells) {
    const FamilySettings& family = families_->find(delta->family())->second;
    read_column(mutation.row, family, delta->qualifier(), 1, mutation.range, now, reader, current);
    const StoredCell* old = current.cells.empty() ? nullptr : current.cells.front();
    std::string value(delta->value());
    std::int64_t timestamp = delta->timestamp() == kLatestTimestamp ? now : delta->timestamp();
    if (mutation.type == Proto::INCREMENT) {
      auto amount = long_value(*delta);
      if (!amount) return amount.error();
      std::uint64_t sum = static_cast<std::uint64_t>(*amount);
      if (old != nullptr) {
        auto before = long_value(*old);
        if (!before) return before.error();
        sum += static_cast<std::uint64_t>(*before);
      }
      core::store_be(value.data(), sum);
    } else if (old != nullptr) {
      value.insert(0, old->value());
    }
    if (old != nullptr) timestamp = std::max(old->timestamp() + 1, now);
    delta = StoredCell::make(mutation.row, delta->family(), delta->qualifier(), timestamp, CellType::put, value,
                             delta->tags());
    if (const std::size_t size = delta->size() + 4; size > kMaxCellSize) {
      return exceptions::do_not_retry("Cell with size " + std::to_string(size) + " exceeds limit of " +
                                      std::to_string(kMaxCellSize) + " bytes in region " + std::string(name_));
    }
    if (mutation.return_results) {
      results.cells.push_back(delta.get());
      results.made.push_back(delta);
    }
  }
  return {};
}

Answer<bool> RegionStore::check(const pb::Condition& condition, std::string_view row, std::int64_t now,
                                RowReader& reader, std::int64_t& latest) {
  const TimeRange range = condition.has_time_range() ? TimeRange::of(condition.time_range()) : TimeRange();
  RowCells found;
  if (condition.has_filter()) {
    pb::Get get;
    get.set_row(std::string(row));
    *get.mutable_filter() = condition.filter();
    if (condition.has_time_range()) *get.mutable_time_range() = condition.time_range();
    get.set_load_column_families_on_demand(false);  // HRegion.checkAndMutateInternal makes its Scan by itself, without the region's default
    ReadSpec spec;
    if (auto made = read_spec_of(get, *families_, name_, now, spec); !made) return made.error();
    if (!this->get(row, spec, reader, found)) return false;
    latest = std::max(latest, found.cells.front()->timestamp());
    return true;
  }
  const auto family = families_->find(condition.family());
  if (family == families_->end()) return no_such_family(condition.family(), name_);
  std::string expected;
  if (!condition.comparator().name().ends_with(".NullComparator")) {
    pb::BinaryComparator comparator;  // all comparators that carry a value carry it in the same field
    if (!comparator.ParsePartialFromString(condition.comparator().serialized_comparator())) {
      return exceptions::do_not_retry("Malformed comparator");
    }
    expected = comparator.comparable().value();
  }
  read_column(row, family->second, condition.qualifier(), 1, range, now, reader, found);
  const auto op = condition.has_compare_type() ? condition.compare_type() : pb::EQUAL;
  if (found.cells.empty()) return expected.empty() && op != pb::NOT_EQUAL;
  const StoredCell& cell = *found.cells.front();
  latest = std::max(latest, cell.timestamp());
  if (expected.empty()) return cell.value().empty() == (op != pb::NOT_EQUAL);
  const int c = std::string_view(expected).compare(cell.value());
  switch (op) {
    case pb::LESS: return c < 0;
    case pb::LESS_OR_EQUAL: return c <= 0;
    case pb::EQUAL: return c == 0;
    case pb::NOT_EQUAL: return c != 0;
    case pb::GREATER_OR_EQUAL: return c >= 0;
    case pb::GREATER: return c > 0;
    case pb::NO_OP: break;
  }
  return exceptions::do_not_retry("Unknown Compare op NO_OP");
}

void RegionStore::flush(std::int64_t now) {
  if (has_readers() || sequence_ == flushed_) return;
  run(Compaction(*families_, {.memory = true}, flushed_, now));
  flushed_ = sequence_;
  unflushed_bytes_ = 0;
  if (!rows_.empty() && ++files_ >= kFilesMax) compact(now, true);
}

void RegionStore::compact(std::int64_t now, bool major) {
  if (has_readers() || (!major && files_ < kFilesToCompact)) return;
  run(Compaction(*families_, {.files = true, .drops_deletes = true}, flushed_, now));
  files_ = rows_.empty() ? 0 : 1;
}

void RegionStore::drop_lost_families() {
  if (has_readers()) return;
  run(Compaction(*families_, {}, flushed_, 0));
}

void RegionStore::run(Compaction compaction) {
  for (StoredRow& row : rows_) compaction.look_at(row);
  for (auto at = rows_.begin(); at != rows_.end();) {
    StoredRow& row = *at++;
    compaction.pass(row);
    if (row.cells.empty()) rows_.erase(row);
  }
  covered_bytes_ = 0;
  purges_ += compaction.dropped_markers();
}

void RegionStore::compact_row(StoredRow& row, std::int64_t now) {
  Compaction compaction(*families_, {.memory = true, .files = true, .drops_deletes = true}, flushed_, now);
  compaction.look_at(row);
  compaction.pass(row);
  covered_bytes_ -= std::min(covered_bytes_, compaction.freed_bytes() + kCellOverhead);
  purges_ += compaction.dropped_markers();
  if (row.cells.empty()) rows_.erase(row);
}

}  // namespace hbmux::mini
