// Filters that compare a part of a cell with a value.
#include "mini/parse.h"
#include "mini/store/comparator.h"
#include "mini/store/filter.h"

#include <set>

namespace hbmux::mini {
namespace {

using Operator = pb::CompareType;

class CompareFilter : public Filter {
 public:
  CompareFilter(Operator op, std::unique_ptr<Comparator> comparator) : op_(op), comparator_(std::move(comparator)) {}

 protected:
  bool excludes(std::string_view bytes) const {
    return op_ == pb::NO_OP || comparator_ == nullptr || is_excluded(op_, comparator_->compare(bytes));
  }
  bool has_comparator() const noexcept { return comparator_ != nullptr; }

 private:
  Operator op_;
  std::unique_ptr<Comparator> comparator_;
};

class RowFilter final : public CompareFilter {
 public:
  using CompareFilter::CompareFilter;
  void reset() override { out_ = false; }
  bool filter_row_key(const StoredCell& first) override {
    if (excludes(first.row())) out_ = true;
    return out_;
  }
  FilterCode filter_cell(const StoredCell&) override { return out_ ? FilterCode::next_row : FilterCode::include; }
  bool filter_row() override { return out_; }

 private:
  bool out_ = false;
};

class FamilyFilter final : public CompareFilter {
 public:
  using CompareFilter::CompareFilter;
  FilterCode filter_cell(const StoredCell& cell) override {
    return excludes(cell.family()) ? FilterCode::next_row : FilterCode::include;
  }
};

class QualifierFilter final : public CompareFilter {
 public:
  using CompareFilter::CompareFilter;
  FilterCode filter_cell(const StoredCell& cell) override {
    return excludes(cell.qualifier()) ? FilterCode::skip : FilterCode::include;
  }
};

class ValueFilter final : public CompareFilter {
 public:
  using CompareFilter::CompareFilter;
  FilterCode filter_cell(const StoredCell& cell) override {
    return excludes(cell.value()) ? FilterCode::skip : FilterCode::include;
  }
};

/// Only cells with the timestamp of a cell of one column.
class DependentColumnFilter final : public CompareFilter {
 public:
  DependentColumnFilter(const pb::DependentColumnFilter& message, std::unique_ptr<Comparator> comparator)
      : CompareFilter(message.compare_filter().compare_op(), std::move(comparator)),
        family_(message.column_family()),
        qualifier_(message.column_qualifier()),
        drop_(message.drop_dependent_column()) {}
  void reset() override { timestamps_.clear(); }
  bool filter_row_key(const StoredCell&) override { return false; }
  FilterCode filter_cell(const StoredCell& cell) override {
    if (cell.family() != family_ || cell.qualifier() != qualifier_) return FilterCode::include;
    if (has_comparator() && excludes(cell.value())) return FilterCode::skip;
    timestamps_.insert(cell.timestamp());
    return drop_ ? FilterCode::skip : FilterCode::include;
  }
  bool has_filter_row() const override { return true; }
  void filter_row_cells(RowCells& row) override {
    std::erase_if(row.cells, [this](const StoredCell* cell) { return !timestamps_.contains(cell->timestamp()); });
  }

 private:
  std::string family_, qualifier_;
  bool drop_;
  std::set<std::int64_t> timestamps_;
};

class SingleColumnValueFilter : public CompareFilter {
 public:
  SingleColumnValueFilter(const pb::SingleColumnValueFilter& message, std::unique_ptr<Comparator> comparator)
      : CompareFilter(message.compare_op(), std::move(comparator)),
        family_(message.column_family()),
        qualifier_(message.column_qualifier()),
        filter_if_missing_(message.filter_if_missing()),
        latest_only_(message.has_latest_version_only() ? message.latest_version_only() : true) {}
  void reset() override { found_ = matched_ = false; }
  bool filter_row_key(const StoredCell&) override { return false; }
  bool is_essential(std::string_view family) const override { return !filter_if_missing_ || family == family_; }
  FilterCode filter_cell(const StoredCell& cell) override {
    if (matched_) return FilterCode::include;
    if (latest_only_ && found_) return FilterCode::next_row;
    if (!is_column(cell)) return FilterCode::include;
    found_ = true;
    if (excludes(cell.value())) return latest_only_ ? FilterCode::next_row : FilterCode::include;
    matched_ = true;
    return FilterCode::include;
  }
  bool has_filter_row() const override { return true; }
  bool filter_row() override { return found_ ? !matched_ : filter_if_missing_; }

 protected:
  bool is_column(const StoredCell& cell) const { return cell.family() == family_ && cell.qualifier() == qualifier_; }

 private:
  std::string family_, qualifier_;
  bool filter_if_missing_, latest_only_;
  bool found_ = false, matched_ = false;
};

class SingleColumnValueExcludeFilter final : public SingleColumnValueFilter {
 public:
  using SingleColumnValueFilter::SingleColumnValueFilter;
  void filter_row_cells(RowCells& row) override {
    std::erase_if(row.cells, [this](const StoredCell* cell) { return is_column(*cell); });
  }
};

class ColumnValueFilter final : public CompareFilter {
 public:
  ColumnValueFilter(const pb::ColumnValueFilter& message, std::unique_ptr<Comparator> comparator)
      : CompareFilter(message.compare_op(), std::move(comparator)),
        family_(message.family()),
        qualifier_(message.qualifier()) {}
  void reset() override { found_ = false; }
  bool is_essential(std::string_view family) const override { return family == family_; }
  bool filter_row_key(const StoredCell&) override { return false; }
  FilterCode filter_cell(const StoredCell& cell) override {
    if (cell.family() != family_ || cell.qualifier() != qualifier_)
      return found_ ? FilterCode::next_row : FilterCode::next_column;
    found_ = true;
    return excludes(cell.value()) ? FilterCode::skip : FilterCode::include;
  }

 private:
  std::string family_, qualifier_;
  bool found_ = false;
};

template <class Made>
MadeFilter make_compare(const pb::CompareFilter& message) {
  std::unique_ptr<Comparator> comparator;
  if (message.has_comparator()) {
    auto made = make_comparator(message.comparator());
    if (!made) return made.error();
    comparator = std::move(*made);
  }
  return std::unique_ptr<Filter>(std::make_unique<Made>(message.compare_op(), std::move(comparator)));
}

template <class Made, class Message>
MadeFilter make_with_comparator(const Message& message, const pb::Comparator& comparator) {
  auto made = make_comparator(comparator);
  if (!made) return made.error();
  return std::unique_ptr<Filter>(std::make_unique<Made>(message, std::move(*made)));
}

}  // namespace

MadeFilter make_value_filter(std::string_view name, const std::string& serialized) {
  // The four plain ones have messages of the same layout: a CompareFilter as field 1.
  if (name == "RowFilter" || name == "FamilyFilter" || name == "QualifierFilter" || name == "ValueFilter") {
    pb::RowFilter message;
    if (!parse(serialized, message)) return malformed(name);
    if (name == "RowFilter") return make_compare<RowFilter>(message.compare_filter());
    if (name == "FamilyFilter") return make_compare<FamilyFilter>(message.compare_filter());
    if (name == "QualifierFilter") return make_compare<QualifierFilter>(message.compare_filter());
    return make_compare<ValueFilter>(message.compare_filter());
  }
  if (name == "DependentColumnFilter") {
    pb::DependentColumnFilter message;
    if (!parse(serialized, message)) return malformed(name);
    if (message.compare_filter().has_comparator()) {
      return make_with_comparator<DependentColumnFilter>(message, message.compare_filter().comparator());
    }
    return std::unique_ptr<Filter>(std::make_unique<DependentColumnFilter>(message, nullptr));
  }
  if (name == "SingleColumnValueFilter") {
    pb::SingleColumnValueFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return make_with_comparator<SingleColumnValueFilter>(message, message.comparator());
  }
  if (name == "SingleColumnValueExcludeFilter") {
    pb::SingleColumnValueExcludeFilter message;
    if (!parse(serialized, message)) return malformed(name);
    const auto& inner = message.single_column_value_filter();
    return make_with_comparator<SingleColumnValueExcludeFilter>(inner, inner.comparator());
  }
  if (name == "ColumnValueFilter") {
    pb::ColumnValueFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return make_with_comparator<ColumnValueFilter>(message, message.comparator());
  }
  return std::unique_ptr<Filter>();
}

}  // namespace hbmux::mini
