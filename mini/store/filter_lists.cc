// Filters made of filters.
#include "mini/parse.h"
#include "mini/store/comparator.h"
#include "mini/store/filter.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

using Filters = std::vector<std::unique_ptr<Filter>>;

bool is_include(FilterCode code) {
  return code == FilterCode::include || code == FilterCode::include_and_next_column ||
         code == FilterCode::include_and_next_row;
}

/// How far a code lets a reader skip within the current family: not at all, the column, or all the rest.
int reach(FilterCode code) {
  switch (code) {
    case FilterCode::include_and_next_column:
    case FilterCode::next_column: return 1;
    case FilterCode::include_and_next_row:
    case FilterCode::next_row: return 2;
    default: return 0;
  }
}

FilterCode code_of(bool include, int reach) {
  constexpr FilterCode kInclude[] = {FilterCode::include, FilterCode::include_and_next_column,
                                     FilterCode::include_and_next_row};
  constexpr FilterCode kExclude[] = {FilterCode::skip, FilterCode::next_column, FilterCode::next_row};
  return include ? kInclude[reach] : kExclude[reach];
}

class FilterList : public Filter {
 public:
  explicit FilterList(Filters filters) : filters_(std::move(filters)), included_(filters_.size(), 1) {}
  bool has_filter_row() const override {
    return std::any_of(filters_.begin(), filters_.end(), [](const auto& filter) { return filter->has_filter_row(); });
  }
  void filter_row_cells(RowCells& row) override {
    for (const auto& filter : filters_) filter->filter_row_cells(row);
  }
  CellRef transform(const StoredCell& cell) override {
    CellRef changed;
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      if (included_[i] == 0) continue;
      if (CellRef next = filters_[i]->transform(changed ? *changed : cell)) changed = std::move(next);
    }
    return changed;
  }
  void set_reversed(bool reversed) override {
    Filter::set_reversed(reversed);
    for (const auto& filter : filters_) filter->set_reversed(reversed);
  }

  bool is_essential(std::string_view family) const override {
    return filters_.empty() || std::any_of(filters_.begin(), filters_.end(),
                                           [family](const auto& filter) { return filter->is_essential(family); });
  }

 protected:
  // In the direction of the scan.
  bool is_before(const SeekHint& a, const SeekHint& b) const {
    return is_reversed() ? a.compare(b) > 0 : a.compare(b) < 0;
  }
  bool is_before(const StoredCell& cell, const SeekHint& hint) const {
    return is_reversed() ? hint.compare(cell) < 0 : hint.compare(cell) > 0;
  }

  Filters filters_;
  std::vector<char> included_;
};

/// MUST_PASS_ALL.
class AndList final : public FilterList {
 public:
  using FilterList::FilterList;
  void reset() override {
    for (const auto& filter : filters_) filter->reset();
    hinting_.clear();
  }
  bool filter_row_key(const StoredCell& first) override {
    bool out = false, hints = false;
    for (const auto& filter : filters_) {
      if (filter->filter_all_remaining()) return true;
      if (filter->filter_row_key(first)) {
        out = true;
      } else if (filter->is_hinting()) {
        hints = true;
      }
    }
    return out && !hints;  // one that hints is asked about the cells, where it may send the reader on
  }
  bool filter_all_remaining() override {
    return std::any_of(filters_.begin(), filters_.end(),
                       [](const auto& filter) { return filter->filter_all_remaining(); });
  }
  FilterCode filter_cell(const StoredCell& cell) override {
    hinting_.clear();
    FilterCode all = FilterCode::include;
    std::size_t i = 0;
    for (; i < filters_.size(); ++i) {
      if (filters_[i]->filter_all_remaining()) {
        all = FilterCode::next_row;
        break;
      }
      const FilterCode code = filters_[i]->filter_cell(cell);
      if (code == FilterCode::seek_hint) {
        hinting_.push_back(filters_[i].get());
        all = code;
      } else {
        all = code_of(is_include(all) && is_include(code), std::max(reach(all), reach(code)));
      }
      if (!is_include(all)) break;
    }
    for (++i; i < filters_.size(); ++i) {
      Filter& filter = *filters_[i];
      if (filter.is_hinting() && filter.filter_cell(cell) == FilterCode::seek_hint) hinting_.push_back(&filter);
    }
    return hinting_.empty() ? all : FilterCode::seek_hint;
  }
  bool filter_row() override {
    return std::any_of(filters_.begin(), filters_.end(), [](const auto& filter) { return filter->filter_row(); });
  }
  std::optional<SeekHint> next_hint(const StoredCell& cell) override {
    std::optional<SeekHint> last;
    for (Filter* filter : hinting_) {
      if (filter->filter_all_remaining()) continue;
      std::optional<SeekHint> hint = filter->next_hint(cell);
      if (!last || (hint && is_before(*last, *hint))) last = std::move(hint);
    }
    return last;
  }

 private:
  std::vector<Filter*> hinting_;
};

/// MUST_PASS_ONE. A member that said "not before the next column (row, hint)" is not asked again until then, as if it
/// were alone.
class OrList final : public FilterList {
 public:
  explicit OrList(Filters filters) : FilterList(std::move(filters)), last_(filters_.size()) {}
  void reset() override {
    for (const auto& filter : filters_) filter->reset();
    std::fill(included_.begin(), included_.end(), 0);
    for (Last& last : last_) last = {};
  }
  bool filter_row_key(const StoredCell& first) override {
    if (filters_.empty()) return false;
    bool out = true;
    for (const auto& filter : filters_) {  // all of them: some learn of a new row only here
      if (!filter->filter_all_remaining() && !filter->filter_row_key(first)) out = false;
    }
    return out;
  }
  bool filter_all_remaining() override {
    return !filters_.empty() && std::all_of(filters_.begin(), filters_.end(),
                                            [](const auto& filter) { return filter->filter_all_remaining(); });
  }
  FilterCode filter_cell(const StoredCell& cell) override {
    if (filters_.empty()) return FilterCode::include;
    std::optional<FilterCode> all;
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      included_[i] = 0;
      if (filters_[i]->filter_all_remaining()) continue;
      std::optional<FilterCode> code = still(i, cell);
      if (!code) code = filters_[i]->filter_cell(cell);
      last_[i] = {*code, *code == FilterCode::include || *code == FilterCode::skip
                             ? CellRef()
                             : CellRef(const_cast<StoredCell*>(&cell))};
      all = all ? merge(*all, *code) : *code;
      included_[i] = is_include(*code);
    }
    return all.value_or(FilterCode::skip);
  }
  bool filter_row() override {
    return !filters_.empty() &&
           std::all_of(filters_.begin(), filters_.end(), [](const auto& filter) { return filter->filter_row(); });
  }
  std::optional<SeekHint> next_hint(const StoredCell& cell) override {
    std::optional<SeekHint> first;
    for (const auto& filter : filters_) {
      if (filter->filter_all_remaining()) continue;
      std::optional<SeekHint> hint = filter->next_hint(cell);
      if (!hint) return std::nullopt;
      if (!first || is_before(*hint, *first)) first = std::move(hint);
    }
    return first;
  }

 private:
  struct Last {
    FilterCode code = FilterCode::include;
    CellRef cell;
  };

  /// What a member still says because of what it said before.
  std::optional<FilterCode> still(std::size_t i, const StoredCell& cell) {
    const Last& last = last_[i];
    if (!last.cell) return std::nullopt;
    switch (last.code) {
      case FilterCode::seek_hint: {
        const std::optional<SeekHint> hint = filters_[i]->next_hint(*last.cell);
        if (hint && is_before(cell, *hint)) return FilterCode::seek_hint;
        return std::nullopt;
      }
      case FilterCode::next_column:
      case FilterCode::include_and_next_column:
        if (same_column(*last.cell, cell)) return FilterCode::next_column;
        return std::nullopt;
      case FilterCode::next_row:
      case FilterCode::include_and_next_row:
        if (last.cell->family() == cell.family()) return FilterCode::next_row;
        return std::nullopt;
      default: return std::nullopt;
    }
  }

  static FilterCode merge(FilterCode a, FilterCode b) {
    if (a == FilterCode::seek_hint && b == FilterCode::seek_hint) return a;
    return code_of(is_include(a) || is_include(b), std::min(reach(a), reach(b)));
  }

  std::vector<Last> last_;
};

/// Passes all on to one filter, but hints and the scan's direction.
class Wrapper : public Filter {
 public:
  explicit Wrapper(std::unique_ptr<Filter> filter) : filter_(std::move(filter)) {}
  void reset() override { filter_->reset(); }
  CellRef transform(const StoredCell& cell) override { return filter_->transform(cell); }
  bool has_filter_row() const override { return true; }
  bool is_essential(std::string_view family) const override { return filter_->is_essential(family); }

 protected:
  std::unique_ptr<Filter> filter_;
};

/// Ends the scan with the first thing that its filter leaves out.
class WhileMatchFilter final : public Wrapper {
 public:
  using Wrapper::Wrapper;
  bool filter_all_remaining() override { return done_ || filter_->filter_all_remaining(); }
  bool filter_row_key(const StoredCell& first) override {
    if (filter_all_remaining()) return true;
    const bool out = filter_->filter_row_key(first);
    done_ = done_ || out;
    return out;
  }
  FilterCode filter_cell(const StoredCell& cell) override {
    const FilterCode code = filter_->filter_cell(cell);
    done_ = done_ || code != FilterCode::include;
    return code;
  }
  bool filter_row() override {
    const bool out = filter_->filter_row();
    done_ = done_ || out;
    return out;
  }

 private:
  bool done_ = false;
};

/// Leaves a row out when its filter leaves out any of the row's cells.
class SkipFilter final : public Wrapper {
 public:
  using Wrapper::Wrapper;
  void reset() override {
    filter_->reset();
    out_ = false;
  }
  bool filter_row_key(const StoredCell&) override { return false; }
  FilterCode filter_cell(const StoredCell& cell) override {
    const FilterCode code = filter_->filter_cell(cell);
    out_ = out_ || code != FilterCode::include;
    return code;
  }
  bool filter_row() override { return out_; }

 private:
  bool out_ = false;
};

}  // namespace

MadeFilter make_filter_list(std::string_view name, const std::string& serialized, int depth) {
  using Made = std::unique_ptr<Filter>;
  if (name == "FilterList") {
    pb::FilterList message;
    if (!parse(serialized, message)) return malformed(name);
    Filters filters;
    for (const auto& each : message.filters()) {
      auto made = make_filter(each, depth + 1);
      if (!made) return made;
      filters.push_back(std::move(*made));
    }
    if (message.operator_() == pb::FilterList::MUST_PASS_ONE) return Made(std::make_unique<OrList>(std::move(filters)));
    return Made(std::make_unique<AndList>(std::move(filters)));
  }
  if (name == "WhileMatchFilter" || name == "SkipFilter" || name == "FilterWrapper") {
    pb::FilterWrapper message;  // the three have messages of the same layout
    if (!parse(serialized, message)) return malformed(name);
    auto inner = make_filter(message.filter(), depth + 1);
    if (!inner || name == "FilterWrapper") return inner;
    if (name == "SkipFilter") return Made(std::make_unique<SkipFilter>(std::move(*inner)));
    return Made(std::make_unique<WhileMatchFilter>(std::move(*inner)));
  }
  return Made();
}

}  // namespace hbmux::mini
