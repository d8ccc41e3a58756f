#include "gateway/row_filter.h"

#include "gateway/filter_node.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace hbmux::gateway {
namespace {

class ChainNode final : public RowFilter::Node {
 public:
  explicit ChainNode(std::vector<FilterNode> parts) : parts_(std::move(parts)) {}
  void apply(FilterRun& run, RowCells& cells) const override {
    for (const FilterNode& part : parts_) {
      if (cells.empty()) return;
      part->apply(run, cells);
    }
  }

 private:
  std::vector<FilterNode> parts_;
};

class InterleaveNode final : public RowFilter::Node {
 public:
  explicit InterleaveNode(std::vector<FilterNode> parts) : parts_(std::move(parts)) {}
  void apply(FilterRun& run, RowCells& cells) const override {
    RowCells merged;
    for (const FilterNode& part : parts_) {
      if (!run.may_copy(cells)) return;  // apply() of the whole filter tells
      RowCells copy = cells;
      part->apply(run, copy);
      merged.insert(merged.end(), copy.begin(), copy.end());
    }
    sort_cells(merged);
    cells = std::move(merged);
  }

 private:
  std::vector<FilterNode> parts_;
};

class ConditionNode final : public RowFilter::Node {
 public:
  ConditionNode(FilterNode predicate, FilterNode then, FilterNode otherwise)
      : predicate_(std::move(predicate)), then_(std::move(then)), otherwise_(std::move(otherwise)) {}
  void apply(FilterRun& run, RowCells& cells) const override {
    if (!run.may_copy(cells)) return;
    RowCells copy = cells;
    predicate_->apply(run, copy);
    const FilterNode& branch = copy.empty() ? otherwise_ : then_;
    if (branch == nullptr) {
      cells.clear();
    } else {
      branch->apply(run, cells);
    }
  }

 private:
  FilterNode predicate_;
  FilterNode then_;       // null: nothing comes out
  FilterNode otherwise_;  // null: nothing comes out
};

/// Makes nodes out of messages, and knows where it is.
class FilterCompiler {
 public:
  struct Compiled {
    FilterNode node;
    bool has_label = false;
  };

  Answer<Compiled> compile(const bt::RowFilter& filter, int depth, bool in_condition) {
    if (depth > RowFilter::kDepthMax) {
      return invalid("Filters are nested more than " + std::to_string(RowFilter::kDepthMax) + " deep");
    }
    switch (filter.filter_case()) {
      case bt::RowFilter::kChain: return chain(filter.chain(), depth, in_condition);
      case bt::RowFilter::kInterleave: return interleave(filter.interleave(), depth, in_condition);
      case bt::RowFilter::kCondition: return condition(filter.condition(), depth);
      case bt::RowFilter::kSink:
        if (in_condition) return invalid("sink cannot be used within a condition");
        break;
      default: break;
    }
    auto leaf = make_leaf(filter);
    if (!leaf) return leaf.error();
    return Compiled{std::move(*leaf), filter.has_apply_label_transformer()};
  }

 private:
  struct Parts {
    std::vector<FilterNode> nodes;
    int labels = 0;
  };
  template <class Composite>
  Answer<Parts> parts(const Composite& composite, const char* name, int depth, bool in_condition) {
    if (composite.filters_size() < 2) return invalid(std::string(name) + " must contain at least two RowFilters");
    Parts out;
    for (const bt::RowFilter& part : composite.filters()) {
      auto compiled = compile(part, depth + 1, in_condition);
      if (!compiled) return compiled.error();
      out.nodes.push_back(std::move(compiled->node));
      if (compiled->has_label) ++out.labels;
    }
    return out;
  }

  Answer<Compiled> chain(const bt::RowFilter::Chain& chain, int depth, bool in_condition) {
    auto made = parts(chain, "Chain", depth, in_condition);
    if (!made) return made.error();
    if (made->labels > 1) return invalid("Chain must not contain more than one apply_label_transformer");
    return Compiled{std::make_unique<ChainNode>(std::move(made->nodes)), made->labels != 0};
  }

  Answer<Compiled> interleave(const bt::RowFilter::Interleave& interleave, int depth, bool in_condition) {
    auto made = parts(interleave, "Interleave", depth, in_condition);
    if (!made) return made.error();
    return Compiled{std::make_unique<InterleaveNode>(std::move(made->nodes)), made->labels != 0};
  }

  Answer<Compiled> condition(const bt::RowFilter::Condition& condition, int depth) {
    if (!condition.has_predicate_filter()) return invalid("Condition must contain a predicate_filter");
    if (!condition.has_true_filter() && !condition.has_false_filter()) {
      return invalid("Condition must contain a true_filter or a false_filter");
    }
    auto predicate = compile(condition.predicate_filter(), depth + 1, true);
    if (!predicate) return predicate.error();
    Compiled then, otherwise;
    if (condition.has_true_filter()) {
      auto made = compile(condition.true_filter(), depth + 1, true);
      if (!made) return made.error();
      then = std::move(*made);
    }
    if (condition.has_false_filter()) {
      auto made = compile(condition.false_filter(), depth + 1, true);
      if (!made) return made.error();
      otherwise = std::move(*made);
    }
    const bool labels = predicate->has_label || then.has_label || otherwise.has_label;
    return Compiled{std::make_unique<ConditionNode>(std::move(predicate->node), std::move(then.node), std::move(otherwise.node)),
                    labels};
  }
};

}  // namespace

void sort_cells(RowCells& cells) {
  std::stable_sort(cells.begin(), cells.end(), [](const RowCell& a, const RowCell& b) {
    return std::tie(a.family, a.qualifier, b.timestamp_micros) < std::tie(b.family, b.qualifier, a.timestamp_micros);
  });
}

RowFilter::RowFilter() = default;
RowFilter::RowFilter(RowFilter&&) noexcept = default;
RowFilter& RowFilter::operator=(RowFilter&&) noexcept = default;
RowFilter::~RowFilter() = default;
RowFilter::RowFilter(std::unique_ptr<Node> root, std::uint64_t seed) : root_(std::move(root)), random_(seed) {}

Answer<RowFilter> RowFilter::compile(const bt::RowFilter& filter, std::uint64_t seed) {
  if (filter.filter_case() == bt::RowFilter::FILTER_NOT_SET) return RowFilter();
  if (filter.ByteSizeLong() > kBytesMax) {
    return invalid("The filter has " + std::to_string(filter.ByteSizeLong()) + " bytes; at most " + std::to_string(kBytesMax) +
                   " are allowed");
  }
  auto compiled = FilterCompiler().compile(filter, 1, false);
  if (!compiled) return compiled.error();
  return RowFilter(std::move(compiled->node), seed);
}

Answer<RowCells> RowFilter::apply(std::string_view row_key, RowCells cells) {
  if (root_ == nullptr || cells.empty()) return cells;
  FilterRun run;
  run.row_key = row_key;
  run.random = &random_;
  run.copies_left = std::max(kCopiesMax, kCopiesPerCellMax * cells.size());
  root_->apply(run, cells);
  if (run.failed) return invalid("The filter makes too many copies of a row's cells");
  if (!run.sunk.empty()) {
    cells.insert(cells.end(), run.sunk.begin(), run.sunk.end());
    sort_cells(cells);
  }
  return cells;
}

}  // namespace hbmux::gateway
