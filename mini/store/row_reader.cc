#include "mini/store/row_reader.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

constexpr char kTtlTag = 8;

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

// ---------------------------------------------------------------- which families take part in a row

RowReader::Way& RowReader::way(std::size_t family) {
  if (ways_.empty()) ways_.resize(spec_->families.size());
  return ways_[family];
}

bool RowReader::reads(std::size_t family, std::string_view row) const noexcept {
  if (ways_.empty()) return true;
  const Way& way = ways_[family];
  if (way.ended) return false;
  if (!way.waits) return true;
  const int c = compare_rows(row, way.row);
  return spec_->reversed ? c <= 0 : c >= 0;
}

bool RowReader::is_done(const ReadSpec& spec) const noexcept {
  if (ways_.empty()) return false;
  for (std::size_t i = 0; i < spec.families.size(); ++i) {
    if (!ways_[i].ended && !spec.families[i].on_demand) return false;
  }
  return true;
}

CellSet::iterator RowReader::begin_of(std::string_view family) {
  const auto first = row_->cells.begin();
  if (first == row_->cells.end() || first->family() == family) return first;
  return row_->cells.lower_bound(ColumnPlace{family, {}}, PlaceOrder());
}

bool RowReader::has_visible(CellSet::iterator at, std::string_view family) const {
  for (; at != row_->cells.end() && at->family() == family; ++at) {
    if (at->sequence() <= read_point_) return true;
  }
  return false;
}

/// Whether a family behind this one has anything in the row.
bool RowReader::has_visible_behind(std::size_t family) const {
  for (std::size_t i = family + 1; i < spec_->families.size(); ++i) {
    const ReadSpec::Family& other = spec_->families[i];
    if (!is_wanted(other, part_) || !reads(i, row_->key())) continue;
    const auto at = row_->cells.lower_bound(ColumnPlace{other.settings->name, {}}, PlaceOrder());
    if (has_visible(at, other.settings->name)) return true;
  }
  return false;
}

const StoredCell* RowReader::first_cell(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, Part part) {
  row_ = &row;
  spec_ = &spec;
  for (std::size_t i = 0; i < spec.families.size(); ++i) {
    const ReadSpec::Family& family = spec.families[i];
    if (!is_wanted(family, part) || !reads(i, row.key())) continue;
    for (auto at = begin_of(family.settings->name);
         at != row.cells.end() && at->family() == family.settings->name; ++at) {
      if (at->sequence() <= read_point) return &*at;
    }
  }
  return nullptr;
}

void RowReader::read(StoredRow& row, const ReadSpec& spec, std::uint64_t read_point, RowCells& out, Part part,
                     bool tracks) {
  row_ = &row;
  spec_ = &spec;
  out_ = &out;
  read_point_ = read_point;
  part_ = part;
  tracks_ = tracks;
  if (tracks) more_behind_.clear();
  for (std::size_t i = 0; i < spec.families.size(); ++i) {
    if (is_wanted(spec.families[i], part) && reads(i, row.key())) read_family(i);
  }
}

// ---------------------------------------------------------------- one family of a row

void RowReader::read_family(std::size_t index) {
  family_ = &spec_->families[index];
  family_index_ = index;
  const FamilySettings& settings = *family_->settings;
  answered_versions_ = spec_->raw ? spec_->max_versions : std::min(spec_->max_versions, settings.max_versions);
  checked_versions_ = !spec_->filter ? answered_versions_
                      : spec_->raw   ? std::numeric_limits<int>::max()
                                     : settings.max_versions;
  // A raw scan sees what has expired.
  oldest_unexpired_ = spec_->raw ? 0 : settings.oldest_unexpired(spec_->now);
  deletes_.reset(settings.orders_deletes);
  wanted_ = 0;
  column_ = filtered_column_ = nullptr;
  has_last_ = false;
  versions_ = filtered_versions_ = per_family_ = 0;

  bool came_by = false;
  for (auto at = begin_of(settings.name); at != row_->cells.end() && at->family() == settings.name;) {
    if (at->sequence() > read_point_) {
      ++at;
      continue;
    }
    came_by = true;
    Step step = match(*at);
    bool included = false, limited = false;
    if (step <= Step::include_next_row) {
      const std::size_t before = out_->cells.size();
      limited = !include(*at);
      if (limited) step = Step::next_row;
      included = out_->cells.size() != before;
    }
    const bool goes_on = advance(at, step);
    if (included) {
      last_family_ = index;
      last_at_ = goes_on ? at : row_->cells.end();
      if (tracks_) more_behind_.push_back(has_more_behind_last());
    }
    if (limited) return;
    if (!goes_on) break;
  }
  // The next row's first cell is looked at before its row is.
  if (came_by && spec_->filter && spec_->filter->filter_all_remaining()) way(index).ended = true;
}

bool RowReader::has_more_behind_last() const {
  return has_visible(last_at_, spec_->families[last_family_].settings->name) || has_visible_behind(last_family_);
}

/// Goes where a step leads; false when that is out of the row.
bool RowReader::advance(CellSet::iterator& at, Step step) {
  switch (step) {
    case Step::include:
    case Step::skip: ++at; return true;
    case Step::include_next_column:
    case Step::next_column: at = skip_column(at); return true;
    case Step::include_next_row:
    case Step::next_row: return false;
    case Step::hint: return follow_hint(at);
    case Step::end_family: way(family_index_).ended = true; return false;
  }
  return false;
}

bool RowReader::follow_hint(CellSet::iterator& at) {
  const std::optional<SeekHint> hint = spec_->filter->next_hint(*at);
  const int c = hint ? hint->compare(*at) : 0;
  if (spec_->reversed ? c >= 0 : c <= 0) {  // none, or one that leads back
    ++at;
    return true;
  }
  if (hint->row == row_->key()) {
    // Reversed, that is back to where the row begins: HBase would not get any further. Taken as: nothing in this row.
    if (spec_->reversed || hint->family != family_->settings->name) return false;
    at = row_->cells.lower_bound(CellPlace{hint->family, hint->qualifier, hint->timestamp, hint->type}, PlaceOrder());
    return true;
  }
  Way& way = this->way(family_index_);
  way.waits = true;
  way.row = hint->row;
  return false;
}

RowReader::Step RowReader::match(const StoredCell& cell) {
  if (spec_->filter && spec_->filter->filter_all_remaining()) return Step::end_family;
  if (explicit_columns() && !columns_left()) return Step::next_row;
  const std::int64_t timestamp = cell.timestamp();
  if (family_->settings->min_versions <= 0 && timestamp < oldest_unexpired_) return after_column(cell.qualifier());
  if (!cell.tags().empty() && is_cell_expired(cell, spec_->now)) return Step::skip;
  if (spec_->raw) return match_column(cell);
  if (cell.is_delete()) {
    // With KEEP_DELETED_CELLS a reader of the past sees past markers that were set later.
    const int place = family_->range.compare(timestamp);
    if (family_->settings->keeps_deleted() ? place == 0 : place >= 0) deletes_.add(cell);
    return Step::skip;
  }
  switch (deletes_.check(cell)) {
    case DeleteTracker::Verdict::visible: return match_column(cell);
    case DeleteTracker::Verdict::cell_deleted: return Step::skip;
    case DeleteTracker::Verdict::column_deleted: return after_column(cell.qualifier());
  }
  return Step::skip;
}

RowReader::Step RowReader::match_column(const StoredCell& cell) {
  const int place = family_->range.compare(cell.timestamp());
  if (place > 0) return Step::skip;
  if (place < 0) return after_column(cell.qualifier());
  if (explicit_columns()) {
    if (const Step step = check_column(cell.qualifier()); step != Step::include) return step;
  }
  const Step step = check_versions(cell);
  if (step > Step::include_next_row || !spec_->filter) return step;
  return apply_filter(cell, step);
}

/// Whether the column is one of the explicit ones.
RowReader::Step RowReader::check_column(std::string_view qualifier) {
  while (columns_left()) {
    const int c = qualifier.compare(wanted());
    if (c == 0) return Step::include;
    forget_version();
    if (c < 0) return Step::next_column;
    ++wanted_;
    versions_ = 0;
  }
  return Step::next_row;
}

RowReader::Step RowReader::check_versions(const StoredCell& cell) {
  const bool expired = cell.timestamp() < oldest_unexpired_;
  const int least = family_->settings->min_versions;
  if (explicit_columns()) {
    if (has_last_ && last_timestamp_ == cell.timestamp()) return Step::skip;
    ++versions_;
    if (versions_ >= checked_versions_ || (versions_ >= least && expired)) {
      ++wanted_;
      versions_ = 0;
      forget_version();
      return columns_left() ? Step::include_next_column : Step::include_next_row;
    }
  } else {
    if (column_ == nullptr || column_->qualifier() != cell.qualifier()) {
      column_ = &cell;
      versions_ = 0;
      forget_version();
    } else if (has_last_ && last_timestamp_ == cell.timestamp() && last_type_ == cell.type()) {
      return Step::skip;  // the same version written again: the latest write came first and counts
    }
    if (!cell.is_delete()) ++versions_;
    if (versions_ > checked_versions_ || (versions_ > least && expired)) return Step::next_column;
  }
  has_last_ = true;
  last_timestamp_ = cell.timestamp();
  last_type_ = cell.type();
  return Step::include;
}

/// What the filter says, joined with what columns and versions say.
RowReader::Step RowReader::apply_filter(const StoredCell& cell, Step step) {
  switch (spec_->filter->filter_cell(cell)) {
    case FilterCode::skip:
      return step == Step::include               ? Step::skip
             : step == Step::include_next_column ? Step::next_column
                                                 : Step::next_row;
    case FilterCode::next_column:
      return step == Step::include_next_row ? Step::next_row : after_column(cell.qualifier());
    case FilterCode::next_row: return Step::next_row;
    case FilterCode::seek_hint: return Step::hint;
    case FilterCode::include: break;
    case FilterCode::include_and_next_column:
      if (step == Step::include) step = Step::include_next_column;
      break;
    case FilterCode::include_and_next_row: step = Step::include_next_row; break;
  }
  if (filtered_column_ == nullptr || filtered_column_->qualifier() != cell.qualifier()) {
    filtered_column_ = &cell;
    filtered_versions_ = 0;
  }
  if (++filtered_versions_ > answered_versions_) {
    step = step == Step::include_next_row ? Step::next_row : Step::next_column;
  }
  if (explicit_columns() && (step == Step::include_next_column || step == Step::next_column)) {
    done_with_column(cell.qualifier());
  }
  return step;
}

/// Takes the cell into the answer, unless it lies before the family's offset. False when the family's limit is reached.
bool RowReader::include(const StoredCell& cell) {
  CellRef changed = spec_->filter ? spec_->filter->transform(cell) : nullptr;
  if (++per_family_ <= spec_->store_offset) return true;
  out_->cells.push_back(changed ? changed.get() : &cell);
  if (changed) out_->made.push_back(std::move(changed));
  return spec_->store_limit < 0 || per_family_ < spec_->store_limit + spec_->store_offset;
}

// ---------------------------------------------------------------- on to another column

/// Nothing more is wanted of the column `qualifier`.
RowReader::Step RowReader::after_column(std::string_view qualifier) {
  if (!explicit_columns()) return Step::next_column;
  done_with_column(qualifier);
  return columns_left() ? Step::next_column : Step::next_row;
}

void RowReader::done_with_column(std::string_view qualifier) {
  while (columns_left()) {
    forget_version();
    const int c = qualifier.compare(wanted());
    if (c < 0) return;
    ++wanted_;
    versions_ = 0;
    if (c == 0) return;
  }
}

CellSet::iterator RowReader::skip_column(CellSet::iterator at) {
  const StoredCell& from = *at;
  const auto end = row_->cells.end();
  if (from.qualifier().empty()) {
    // Markers of the whole family are stored at the empty qualifier, so that its versions are passed one by one.
    do {
      ++at;
    } while (at != end && same_column(*at, from) && goes_with(from, *at));
    return at;
  }
  if (explicit_columns() && columns_left() && wanted() > from.qualifier()) {
    // The next one is often the wanted one, or behind it.
    if (++at == end || at->family() != from.family() || at->qualifier() >= wanted()) return at;
    return row_->cells.lower_bound(ColumnPlace{from.family(), wanted()}, PlaceOrder());
  }
  if (++at == end || !same_column(*at, from)) return at;
  // Older versions follow, perhaps many.
  if (same_column(*row_->cells.rbegin(), from)) return end;
  return row_->cells.upper_bound(ColumnPlace{from.family(), from.qualifier()}, PlaceOrder());
}

}  // namespace hbmux::mini
