#include "mini/store/row_reader.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

constexpr char kTtlTag = 8;
constexpr int kLinearSteps = 4;  ///< So many cells are passed one by one before the tree is searched.

}  // namespace

bool is_cell_expired(const StoredCell& cell, std::int64_t now) noexcept {
  for (std::string_view tags = cell.tags(); tags.size() >= 3;) {
    const std::size_t length = core::load_be<std::uint16_t>(tags.data());
    if (length < 1 || length > tags.size() - 2) return false;
    if (tags[2] == kTtlTag && length == 9) return cell.timestamp() + core::load_be<std::int64_t>(tags.data() + 3) < now;
    tags.remove_prefix(2 + length);
  }
  return false;
}

void RowReader::read(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, RowCells& out) {
  row_ = &row;
  spec_ = &spec;
  out_ = &out;
  read_point_ = read_point;
  for (const auto& family : spec.families) read_family(row, spec, family);
}

void RowReader::read_family(StoredRow& row, const ReadSpec& spec, const ReadSpec::Family& family) {
  family_ = &family;
  const FamilySettings& settings = *family.settings;
  answered_versions_ = spec.raw ? spec.max_versions : std::min(spec.max_versions, settings.max_versions);
  checked_versions_ = !spec.filter ? answered_versions_
                      : spec.raw   ? std::numeric_limits<int>::max()
                                   : settings.max_versions;
  oldest_unexpired_ = settings.oldest_unexpired(spec.now);
  deletes_.reset();
  wanted_ = 0;
  column_ = nullptr;
  counted_ = nullptr;
  versions_ = filtered_versions_ = per_family_ = 0;

  auto at = row.cells.begin();
  if (at == row.cells.end()) return;
  if (at->family() != settings.name) {
    at = row.cells.lower_bound(ColumnPlace{settings.name, {}}, PlaceOrder());
  }
  while (at != row.cells.end() && at->family() == settings.name) {
    if (at->sequence() > read_point_) {
      ++at;
      continue;
    }
    has_hint_ = false;
    switch (match(*at)) {
      case Step::next_cell: ++at; break;
      case Step::next_family: return;
      case Step::next_column: at = has_hint_ ? seek(at, hint_.qualifier) : skip_column(at); break;
    }
  }
}

RowReader::Step RowReader::match(const StoredCell& cell) {
  const std::int64_t timestamp = cell.timestamp();
  if (family_->settings->min_versions <= 0 && timestamp < oldest_unexpired_) return after_column(cell.qualifier());
  if (!cell.tags().empty() && is_cell_expired(cell, spec_->now)) return Step::next_cell;
  if (spec_->raw) return match_column(cell);
  const bool keeps_deleted = family_->settings->keeps_deleted();
  if (cell.is_delete()) {
    // With KEEP_DELETED_CELLS a reader of the past sees past markers that were set later.
    const int place = family_->range.compare(timestamp);
    if (keeps_deleted ? place == 0 : place >= 0) deletes_.add(cell);
    return Step::next_cell;
  }
  switch (deletes_.check(cell)) {
    case DeleteTracker::Verdict::visible: return match_column(cell);
    case DeleteTracker::Verdict::cell_deleted: return Step::next_cell;
    case DeleteTracker::Verdict::column_deleted: return after_column(cell.qualifier());
  }
  return Step::next_cell;
}

RowReader::Step RowReader::match_column(const StoredCell& cell) {
  const int place = family_->range.compare(cell.timestamp());
  if (place > 0) return Step::next_cell;
  if (place < 0) return after_column(cell.qualifier());
  if (explicit_columns()) {
    if (!next_wanted(cell.qualifier())) return Step::next_family;
    if (cell.qualifier() != wanted()) return Step::next_column;
  }
  if (column_ == nullptr || column_->qualifier() != cell.qualifier()) {
    column_ = &cell;
    counted_ = nullptr;
    versions_ = filtered_versions_ = 0;
  }
  // The same version written again: the latest write came first and counts.
  if (counted_ != nullptr && counted_->timestamp() == cell.timestamp() && counted_->type() == cell.type()) {
    return Step::next_cell;
  }
  if (!cell.is_delete()) ++versions_;
  const bool expired = cell.timestamp() < oldest_unexpired_;
  if (versions_ > checked_versions_ || (expired && versions_ > family_->settings->min_versions)) {
    return after_column(cell.qualifier());
  }
  counted_ = &cell;
  Step step = Step::next_cell;
  // With the last version the column is complete, except that a raw read shows the markers that follow.
  if (!spec_->raw && (versions_ >= checked_versions_ || (expired && versions_ >= family_->settings->min_versions))) {
    step = after_column(cell.qualifier());
  }
  return spec_->filter ? apply_filter(cell, step) : include(cell, step);
}

RowReader::Step RowReader::apply_filter(const StoredCell& cell, Step step) {
  switch (spec_->filter->filter_cell(cell)) {
    case FilterCode::skip: return step;
    case FilterCode::next_column: return step == Step::next_family ? step : after_column(cell.qualifier());
    case FilterCode::next_row: return Step::next_family;
    case FilterCode::seek_hint: {
      hint_ = spec_->filter->next_hint(cell);
      if (hint_.kind == SeekHint::Kind::row) return Step::next_family;
      if (hint_.kind == SeekHint::Kind::none || hint_.qualifier <= cell.qualifier()) return Step::next_cell;
      has_hint_ = true;
      return Step::next_column;
    }
    case FilterCode::include: break;
    case FilterCode::include_and_next_column:
      if (step == Step::next_cell) step = Step::next_column;
      break;
    case FilterCode::include_and_next_row: step = Step::next_family; break;
  }
  if (++filtered_versions_ > answered_versions_) {
    return step == Step::next_family ? step : after_column(cell.qualifier());
  }
  if (step == Step::next_column) step = after_column(cell.qualifier());
  return include(cell, step);
}

RowReader::Step RowReader::include(const StoredCell& cell, Step step) {
  CellRef changed = spec_->filter ? spec_->filter->transform(cell) : nullptr;
  if (++per_family_ > spec_->store_offset) {
    out_->cells.push_back(changed ? changed.get() : &cell);
    if (changed) out_->made.push_back(std::move(changed));
    if (spec_->store_limit > -1 && per_family_ >= spec_->store_limit + spec_->store_offset) return Step::next_family;
  }
  return step;
}

/// Nothing more is wanted of the column `qualifier`.
RowReader::Step RowReader::after_column(std::string_view qualifier) {
  if (explicit_columns()) {
    while (wanted_ < family_->column_count && wanted() <= qualifier) ++wanted_;
    if (wanted_ == family_->column_count) return Step::next_family;
  }
  return Step::next_column;
}

/// Passes the wanted columns before `qualifier`; false when none is left.
bool RowReader::next_wanted(std::string_view qualifier) {
  while (wanted_ < family_->column_count && wanted() < qualifier) ++wanted_;
  return wanted_ < family_->column_count;
}

CellSet::iterator RowReader::skip_column(CellSet::iterator at) {
  const StoredCell& from = *at;
  if (from.qualifier().empty()) return skip_empty_column(at);
  if (explicit_columns() && wanted() > from.qualifier()) return seek(at, wanted());
  if (++at == row_->cells.end() || !same_column(*at, from)) return at;
  // Older versions follow, perhaps many.
  if (same_column(*row_->cells.rbegin(), from)) return row_->cells.end();
  return row_->cells.upper_bound(ColumnPlace{from.family(), from.qualifier()}, PlaceOrder());
}

/// Markers of the whole family are stored at the empty qualifier; none of them may be missed.
CellSet::iterator RowReader::skip_empty_column(CellSet::iterator at) {
  const StoredCell& from = *at;
  const auto end = row_->cells.end();
  for (++at; at != end && same_column(*at, from); ++at) {
    if (!at->is_delete()) continue;
    if (spec_->raw) return at;
    if (at->sequence() <= read_point_) match(*at);
  }
  return at;
}

CellSet::iterator RowReader::seek(CellSet::iterator at, std::string_view qualifier) {
  const auto end = row_->cells.end();
  const std::string_view family = family_->settings->name;
  // A seek from the empty qualifier on must still pass the family's markers.
  for (int steps = 0; at != end; ++at) {
    if (at->family() != family || at->qualifier() >= qualifier) return at;
    if (at->qualifier().empty()) {
      if (!spec_->raw && at->is_delete() && at->sequence() <= read_point_) match(*at);
    } else if (++steps == kLinearSteps) {  // a wide row
      return row_->cells.lower_bound(ColumnPlace{family, qualifier}, PlaceOrder());
    }
  }
  return at;
}

}  // namespace hbmux::mini
