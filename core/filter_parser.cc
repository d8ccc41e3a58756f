// The text form of filters, as the HBase shell and Thrift have it (ParseFilter.java).
#include <hbmux/filters.h>

#include <charconv>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hbmux {
namespace {

constexpr int kDepthMax = 100;

/// What is wrong, and where; thrown and caught within this file.
struct Wrong {
  std::size_t at;
  std::string what;
};

struct Argument {
  std::string text;  // without quotes
  bool quoted;
  std::size_t at;
};

/// The arguments of one filter, read as what they should be.
class Arguments {
 public:
  Arguments(std::string_view filter, std::size_t at, std::vector<Argument> arguments)
      : filter_(filter), at_(at), arguments_(std::move(arguments)) {}

  std::size_t size() const noexcept { return arguments_.size(); }

  void expect(std::initializer_list<std::size_t> counts) const {
    std::string wanted;
    for (const std::size_t count : counts) {
      if (count == size()) return;
      wanted += (wanted.empty() ? "" : " or ") + std::to_string(count);
    }
    throw Wrong{at_, std::string(filter_) + " takes " + wanted + " arguments, not " + std::to_string(size())};
  }

  const std::string& text(std::size_t i) const {
    if (!arguments_[i].quoted) throw Wrong{arguments_[i].at, "expected a text in single quotes, not " + arguments_[i].text};
    return arguments_[i].text;
  }

  template <class Number>
  Number number(std::size_t i) const {
    const Argument& argument = arguments_[i];
    Number value{};
    const char* end = argument.text.data() + argument.text.size();
    const auto read = std::from_chars(argument.text.data(), end, value);
    if (argument.quoted || read.ec != std::errc() || read.ptr != end) {
      throw Wrong{argument.at, "expected a whole number, not " + shown(argument)};
    }
    return value;
  }

  bool boolean(std::size_t i) const {
    std::string lower = arguments_[i].text;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (arguments_[i].quoted || (lower != "true" && lower != "false")) {
      throw Wrong{arguments_[i].at, "expected true or false, not " + shown(arguments_[i])};
    }
    return lower == "true";
  }

  CompareOperator op(std::size_t i) const {
    static const std::map<std::string_view, CompareOperator> kOperators = {
        {"<", CompareOperator::less},           {"<=", CompareOperator::less_or_equal}, {"=", CompareOperator::equal},
        {"!=", CompareOperator::not_equal},     {">", CompareOperator::greater},        {">=", CompareOperator::greater_or_equal}};
    const auto found = arguments_[i].quoted ? kOperators.end() : kOperators.find(arguments_[i].text);
    if (found == kOperators.end()) {
      throw Wrong{arguments_[i].at, "expected one of < <= = != > >=, not " + shown(arguments_[i])};
    }
    return found->second;
  }

  Comparator comparator(std::size_t i) const {
    const std::string& whole = text(i);
    const std::size_t colon = whole.find(':');
    const std::string_view kind = std::string_view(whole).substr(0, colon);
    const std::string_view value = colon == std::string::npos ? std::string_view() : std::string_view(whole).substr(colon + 1);
    if (colon != std::string::npos) {
      if (kind == "binary") return BinaryComparator(value);
      if (kind == "binaryprefix") return BinaryPrefixComparator(value);
      if (kind == "regexstring") return RegexStringComparator(value);
      if (kind == "regexstringnocase") {
        return RegexStringComparator(value, RegexStringComparator::kCaseInsensitive | RegexStringComparator::kDotAll);
      }
      if (kind == "substring") return SubstringComparator(value);
    }
    throw Wrong{arguments_[i].at,
                "expected 'binary:', 'binaryprefix:', 'regexstring:', 'regexstringnocase:' or 'substring:' and a value, not " +
                    shown(arguments_[i])};
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < size(); ++i) all.push_back(text(i));
    return all;
  }

  std::size_t at() const noexcept { return at_; }

 private:
  static std::string shown(const Argument& argument) { return argument.quoted ? "'" + argument.text + "'" : argument.text; }

  std::string_view filter_;
  std::size_t at_;
  std::vector<Argument> arguments_;
};

template <class T>
Filter make_compare(const Arguments& arguments) {
  arguments.expect({2});
  return T(arguments.op(0), arguments.comparator(1));
}

template <class T>
Filter make_of_text(const Arguments& arguments) {
  arguments.expect({1});
  return T(arguments.text(0));
}

template <class T>
Filter make_single_column_value(const Arguments& arguments) {
  arguments.expect({4, 6});
  T filter(arguments.text(0), arguments.text(1), arguments.op(2), arguments.comparator(3));
  if (arguments.size() == 6) filter.filter_if_missing(arguments.boolean(4)).latest_version_only(arguments.boolean(5));
  return filter;
}

Filter make_dependent_column(const Arguments& arguments) {
  arguments.expect({2, 3, 5});
  const bool drop = arguments.size() > 2 && arguments.boolean(2);
  if (arguments.size() < 5) return DependentColumnFilter(arguments.text(0), arguments.text(1), drop);
  return DependentColumnFilter(arguments.text(0), arguments.text(1), drop, arguments.op(3), arguments.comparator(4));
}

Filter make_timestamps(const Arguments& arguments) {
  std::vector<std::int64_t> timestamps;
  for (std::size_t i = 0; i < arguments.size(); ++i) timestamps.push_back(arguments.number<std::int64_t>(i));
  return TimestampsFilter(std::move(timestamps));
}

Filter make_key_only(const Arguments& arguments) {
  arguments.expect({0, 1});
  return KeyOnlyFilter(arguments.size() == 1 && arguments.boolean(0));
}

Filter make_column_range(const Arguments& arguments) {
  arguments.expect({4});
  return ColumnRangeFilter(arguments.text(0), arguments.boolean(1), arguments.text(2), arguments.boolean(3));
}

Filter make_column_value(const Arguments& arguments) {
  arguments.expect({4});
  return ColumnValueFilter(arguments.text(0), arguments.text(1), arguments.op(2), arguments.comparator(3));
}

using Make = Filter (*)(const Arguments&);

const std::map<std::string_view, Make>& makers() {
  static const std::map<std::string_view, Make> kMakers = {
      {"KeyOnlyFilter", make_key_only},
      {"FirstKeyOnlyFilter", [](const Arguments& a) -> Filter { return a.expect({0}), FirstKeyOnlyFilter(); }},
      {"PrefixFilter", make_of_text<PrefixFilter>},
      {"ColumnPrefixFilter", make_of_text<ColumnPrefixFilter>},
      {"MultipleColumnPrefixFilter", [](const Arguments& a) -> Filter { return MultipleColumnPrefixFilter(a.texts()); }},
      {"ColumnCountGetFilter", [](const Arguments& a) -> Filter { return a.expect({1}), ColumnCountGetFilter(a.number<int>(0)); }},
      {"PageFilter", [](const Arguments& a) -> Filter { return a.expect({1}), PageFilter(a.number<std::int64_t>(0)); }},
      {"ColumnPaginationFilter",
       [](const Arguments& a) -> Filter { return a.expect({2}), ColumnPaginationFilter(a.number<int>(0), a.number<int>(1)); }},
      {"InclusiveStopFilter", make_of_text<InclusiveStopFilter>},
      {"TimestampsFilter", make_timestamps},
      {"RowFilter", make_compare<RowFilter>},
      {"FamilyFilter", make_compare<FamilyFilter>},
      {"QualifierFilter", make_compare<QualifierFilter>},
      {"ValueFilter", make_compare<ValueFilter>},
      {"ColumnRangeFilter", make_column_range},
      {"SingleColumnValueFilter", make_single_column_value<SingleColumnValueFilter>},
      {"SingleColumnValueExcludeFilter", make_single_column_value<SingleColumnValueExcludeFilter>},
      {"DependentColumnFilter", make_dependent_column},
      {"ColumnValueFilter", make_column_value}};
  return kMakers;
}

/// or := and (OR and)*, and := one (AND one)*, one := (SKIP | WHILE) one | '(' or ')' | Name(argument, ...)
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Filter parse() {
    Filter filter = list(FilterList::Operator::must_pass_one);
    if (!at_end()) throw Wrong{at_, "expected AND, OR or the end"};
    return filter;
  }

 private:
  bool at_end() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return at_ == text_.size();
  }
  static bool ends_word(char c) { return c == ' ' || c == '\t' || c == '(' || c == ')' || c == ','; }
  std::string_view word_ahead() {
    if (at_end()) return {};
    std::size_t end = at_;
    while (end < text_.size() && !ends_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view word) {
    if (word_ahead() != word) return false;
    at_ += word.size();
    return true;
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Filter list(FilterList::Operator op) {
    const bool ors = op == FilterList::Operator::must_pass_one;
    auto operand = [&] { return ors ? list(FilterList::Operator::must_pass_all) : one(); };
    std::vector<Filter> filters{operand()};
    while (take_word(ors ? "OR" : "AND")) filters.push_back(operand());
    return filters.size() == 1 ? filters.front() : Filter(FilterList(op, std::move(filters)));
  }

  Filter one() {
    if (++depth_ > kDepthMax) throw Wrong{at_, "filters are nested deeper than " + std::to_string(kDepthMax)};
    const Filter filter = wrapped_or_simple();
    --depth_;
    return filter;
  }

  Filter wrapped_or_simple() {
    if (take_word("SKIP")) return SkipFilter(one());
    if (take_word("WHILE")) return WhileMatchFilter(one());
    if (!take('(')) return simple();
    const std::size_t opened = at_;
    Filter filter = list(FilterList::Operator::must_pass_one);
    if (!take(')')) throw Wrong{at_, "expected ')' for the '(' at position " + std::to_string(opened)};
    return filter;
  }

  Filter simple() {
    const std::string_view name = word_ahead();
    const std::size_t began = at_;
    if (name.empty()) throw Wrong{at_, "expected a filter"};
    const auto maker = makers().find(name);
    if (maker == makers().end()) throw Wrong{at_, "there is no filter '" + std::string(name) + "'"};
    at_ += name.size();
    if (!take('(')) throw Wrong{at_, "expected '(' after " + std::string(name)};
    const Arguments arguments(name, began, read_arguments());
    Filter filter = maker->second(arguments);
    if (!filter.problem().empty()) throw Wrong{began, filter.problem()};
    return filter;
  }

  std::vector<Argument> read_arguments() {
    std::vector<Argument> arguments;
    for (;;) {
      if (at_end()) throw Wrong{at_, "expected ')' behind the arguments"};
      if (take(')')) return arguments;
      if (take(',')) continue;
      arguments.push_back(text_[at_] == '\'' ? quoted() : bare());
    }
  }

  Argument quoted() {
    Argument argument{{}, true, at_};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '\'') {
        argument.text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
        argument.text += text_[at_++];
      } else {
        ++at_;
        return argument;
      }
    }
    throw Wrong{argument.at, "the quoted text does not end"};
  }

  Argument bare() {
    Argument argument{{}, false, at_};
    while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != ',' && text_[at_] != ')') {
      argument.text += text_[at_++];
    }
    return argument;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<Filter> Filter::parse(std::string_view text) {
  try {
    return Parser(text).parse();
  } catch (const Wrong& wrong) {
    return Error(Errc::invalid_argument,
                 "filter text, position " + std::to_string(wrong.at + 1) + ": " + wrong.what + " (in: " + std::string(text) + ")");
  }
}

}  // namespace hbmux
