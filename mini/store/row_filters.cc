// Filters that choose rows.
#include "mini/parse.h"
#include "mini/store/comparator.h"
#include "mini/store/filter.h"
#include "mini/store/row_map.h"

#include <algorithm>
#include <random>

namespace hbmux::mini {
namespace {

class PrefixFilter final : public Filter {
 public:
  explicit PrefixFilter(std::string prefix) : prefix_(std::move(prefix)), behind_(increased_bytes(prefix_)) {}
  void reset() override { out_ = true; }
  bool filter_row_key(const StoredCell& first) override {
    if (passed_) return true;
    // A row that is shorter than the prefix is compared together with the bytes that are stored behind it.
    const int c = first.from_row().substr(0, prefix_.size()).compare(prefix_);
    if (is_reversed() ? c < 0 : c > 0) passed_ = true;
    out_ = c != 0;
    hints_ = is_reversed() ? c > 0 : c < 0;
    return passed_;
  }
  FilterCode filter_cell(const StoredCell&) override {
    return hints_ ? FilterCode::seek_hint : out_ ? FilterCode::next_row : FilterCode::include;
  }
  bool filter_row() override { return out_; }
  bool filter_all_remaining() override { return passed_; }
  bool is_hinting() const override { return true; }
  std::optional<SeekHint> next_hint(const StoredCell&) override {
    return SeekHint::first_on_row(is_reversed() ? behind_ : prefix_);
  }

 private:
  std::string prefix_, behind_;
  bool passed_ = false, out_ = true, hints_ = false;
};

class PageFilter final : public Filter {
 public:
  explicit PageFilter(std::int64_t size) : size_(size) {}
  bool has_filter_row() const override { return true; }
  bool filter_row() override { return ++accepted_ > size_; }
  bool filter_all_remaining() override { return accepted_ >= size_; }

 private:
  std::int64_t size_, accepted_ = 0;
};

class InclusiveStopFilter final : public Filter {
 public:
  explicit InclusiveStopFilter(std::string stop) : stop_(std::move(stop)) {}
  bool filter_row_key(const StoredCell& first) override {
    if (done_) return true;
    const int c = compare_rows(first.row(), stop_);
    done_ = is_reversed() ? c < 0 : c > 0;
    return done_;
  }
  FilterCode filter_cell(const StoredCell&) override { return done_ ? FilterCode::next_row : FilterCode::include; }
  bool filter_all_remaining() override { return done_; }

 private:
  std::string stop_;
  bool done_ = false;
};

class RandomRowFilter final : public Filter {
 public:
  explicit RandomRowFilter(float chance) : chance_(chance) {}
  void reset() override { out_ = false; }
  bool filter_row_key(const StoredCell&) override {
    out_ = chance_ < 0 || (chance_ <= 1 && !(std::uniform_real_distribution<float>(0, 1)(random_) < chance_));
    return out_;
  }
  FilterCode filter_cell(const StoredCell&) override { return out_ ? FilterCode::next_row : FilterCode::include; }
  bool has_filter_row() const override { return true; }
  bool filter_row() override { return out_; }

 private:
  float chance_;
  bool out_ = false;
  std::minstd_rand random_{12345};
};

class FirstKeyOnlyFilter : public Filter {
 public:
  void reset() override { found_ = false; }
  bool filter_row_key(const StoredCell&) override { return false; }
  FilterCode filter_cell(const StoredCell&) override {
    if (found_) return FilterCode::next_row;
    found_ = true;
    return FilterCode::include;
  }

 protected:
  bool found_ = false;
};

class FirstKeyValueMatchingQualifiersFilter final : public FirstKeyOnlyFilter {
 public:
  explicit FirstKeyValueMatchingQualifiersFilter(std::vector<std::string> qualifiers)
      : qualifiers_(std::move(qualifiers)) {}
  FilterCode filter_cell(const StoredCell& cell) override {
    if (found_) return FilterCode::next_row;
    found_ = std::find(qualifiers_.begin(), qualifiers_.end(), cell.qualifier()) != qualifiers_.end();
    return FilterCode::include;
  }

 private:
  std::vector<std::string> qualifiers_;
};

class KeyOnlyFilter final : public Filter {
 public:
  explicit KeyOnlyFilter(bool length_as_value) : length_as_value_(length_as_value) {}
  bool filter_row_key(const StoredCell&) override { return false; }
  CellRef transform(const StoredCell& cell) override {
    std::string value;
    if (length_as_value_) core::append_be(value, static_cast<std::uint32_t>(cell.value().size()));
    return StoredCell::make(cell.row(), cell.family(), cell.qualifier(), cell.timestamp(), cell.type(), value);
  }

 private:
  bool length_as_value_;
};

}  // namespace

MadeFilter make_row_filter(std::string_view name, const std::string& serialized) {
  using Made = std::unique_ptr<Filter>;
  if (name == "PrefixFilter") {
    pb::PrefixFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<PrefixFilter>(message.prefix()));
  }
  if (name == "PageFilter") {
    pb::PageFilter message;
    if (!parse(serialized, message) || message.page_size() < 0) return malformed(name);
    return Made(std::make_unique<PageFilter>(message.page_size()));
  }
  if (name == "InclusiveStopFilter") {
    pb::InclusiveStopFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<InclusiveStopFilter>(message.stop_row_key()));
  }
  if (name == "RandomRowFilter") {
    pb::RandomRowFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<RandomRowFilter>(message.chance()));
  }
  if (name == "FirstKeyOnlyFilter") return Made(std::make_unique<FirstKeyOnlyFilter>());
  if (name == "FirstKeyValueMatchingQualifiersFilter") {
    pb::FirstKeyValueMatchingQualifiersFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<FirstKeyValueMatchingQualifiersFilter>(
        std::vector<std::string>(message.qualifiers().begin(), message.qualifiers().end())));
  }
  if (name == "KeyOnlyFilter") {
    pb::KeyOnlyFilter message;
    if (!parse(serialized, message)) return malformed(name);
    return Made(std::make_unique<KeyOnlyFilter>(message.len_as_val()));
  }
  return Made();
}

}  // namespace hbmux::mini
