// Bodies of AggregationClient: one call a region, and their answers put together.
#include <hbmux/aggregation_client.h>

#include "client/blocking.h"
#include "client/compound_operation.h"
#include "client/request_messages.h"
#include "client/row_operations.h"
#include "client/scan_operation.h"
#include "core/parse_message.h"

#include <hbmux/bytes.h>
#include <hbmux/decimal.h>
#include <hbmux/pb/Aggregate.pb.h>
#include <hbmux/pb/HBase.pb.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hbmux {
namespace client {
namespace {

template <class Number>
inline constexpr std::string_view kInterpreter = "org.apache.hadoop.hbase.client.coprocessor.LongColumnInterpreter";
template <>
inline constexpr std::string_view kInterpreter<double> = "org.apache.hadoop.hbase.client.coprocessor.DoubleColumnInterpreter";
template <>
inline constexpr std::string_view kInterpreter<Decimal> = "org.apache.hadoop.hbase.client.coprocessor.BigDecimalColumnInterpreter";

Error malformed_answer(std::string_view what) { return Error(Errc::protocol_error, "AggregateService: " + std::string(what)); }

Result<std::int64_t> number_from(const std::string& bytes, std::int64_t) {
  pb::LongMsg message;
  if (!core::parse_message(message, bytes)) return malformed_answer("a part of the answer is no LongMsg");
  return message.long_msg();
}
Result<double> number_from(const std::string& bytes, double) {
  pb::DoubleMsg message;
  if (!core::parse_message(message, bytes)) return malformed_answer("a part of the answer is no DoubleMsg");
  return message.double_msg();
}
Result<Decimal> number_from(const std::string& bytes, const Decimal&) {
  pb::BigDecimalMsg message;
  if (!core::parse_message(message, bytes)) return malformed_answer("a part of the answer is no BigDecimalMsg");
  auto number = Decimal::from_bytes(message.bigdecimal_msg());
  if (!number) return malformed_answer(number.error().message());
  return number;
}
Result<std::int64_t> count_from(const std::string& part) {
  const auto count = bytes::to<std::int64_t>(part);
  if (!count) return malformed_answer("the number of rows has not eight bytes");
  return *count;
}

std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
double plus(double a, double b) { return a + b; }
Decimal plus(const Decimal& a, const Decimal& b) { return a + b; }

double as_double(std::int64_t number) { return static_cast<double>(number); }
double as_double(double number) { return number; }
double as_double(const Decimal& number) { return number.to_double(); }

/// As the interpreter reads a cell; nothing when it passes over it.
template <class Number>
std::optional<Number> number_in(std::string_view value) {
  return bytes::to<Number>(value);
}
template <>
std::optional<Decimal> number_in<Decimal>(std::string_view value) {
  auto number = Decimal::from_bytes(value);
  if (!number) return std::nullopt;
  return number->with_scale(2);
}

/// What the interpreters call their smallest number.
template <class Number>
Number least() {
  return std::numeric_limits<Number>::min();
}
template <>
double least<double>() {
  return std::numeric_limits<double>::denorm_min();
}
template <>
Decimal least<Decimal>() {
  return Decimal(49, 325);  // BigDecimal.valueOf(Double.MIN_VALUE)
}

template <class Number>
void add(std::optional<Number>& sum, Number more) {
  sum = sum ? plus(*sum, more) : more;
}
/// What is the matter with it (AggregationHelper.validateParameters); empty when nothing is.
std::string aggregation_problem(const Scan& scan, bool needs_family) {
  if (!scan.start_row().empty() && !scan.stop_row().empty() && scan.start_row() >= scan.stop_row() &&
      !(scan.start_row() == scan.stop_row() && scan.include_start_row() && scan.include_stop_row())) {
    return "the start row of an aggregation must be before its stop row";
  }
  if (needs_family && scan.columns().size() != 1) return "an aggregation needs exactly one column family";
  if (scan.reversed()) return "an aggregation cannot be reversed";
  return {};
}

struct RegionNumbers {
  std::shared_ptr<const RegionInfo> region;
  pb::AggregateResponse response;
};

/// Asks all regions, and leaves it to its kind to make one answer of theirs.
template <class Number, class T>
class Aggregation : public CompoundOperation<T> {
 public:
  Aggregation(TableContextPtr table, std::string_view method, Scan scan, detail::Completion<Result<T>> done)
      : CompoundOperation<T>(std::move(table), std::move(done)), scan_(std::move(scan)), method_(method) {}

  void start() {
    if (!this->begin()) return;
    if (auto problem = aggregation_problem(scan_, method_ != "GetRowNum"); !problem.empty()) {
      return this->end_later(Error(Errc::invalid_argument, std::move(problem)));
    }
    detail::Completion<Result<std::vector<CoprocessorAnswer>>> answered;
    answered.cancel = this->part();
    answered.finish = [self = this->shared_from_this(), this](Result<std::vector<CoprocessorAnswer>> answers) {
      if (!answers) return this->end(answers.error());
      std::vector<RegionNumbers> parsed;
      for (const CoprocessorAnswer& answer : *answers) {
        if (!answer.response) return this->end(answer.response.error());
        parsed.push_back({answer.region, {}});
        if (!core::parse_message(parsed.back().response, *answer.response)) {
          return this->end(malformed_answer("the answer is no AggregateResponse"));
        }
      }
      gather(parsed);
    };
    start_coprocessor(this->table(), RowRange{scan_.start_row(), scan_.stop_row(), scan_.include_stop_row()}, call(), {},
                      std::move(answered));
  }

 protected:
  /// Ends it.
  virtual void gather(const std::vector<RegionNumbers>& answers) = 0;

  const Scan& scan() const noexcept { return scan_; }
  static Result<Number> number_of(const RegionNumbers& answer, int part) {
    if (answer.response.first_part_size() <= part) return malformed_answer("the answer has too few parts");
    return number_from(answer.response.first_part(part), Number());
  }

 private:
  std::string describe() const override { return method_ + " in table '" + this->table()->name().to_string() + "'"; }

  CoprocessorCall call() const {
    pb::AggregateRequest request;
    request.set_interpreter_class_name(std::string(kInterpreter<Number>));
    request.set_interpreter_specific_bytes("");  // an EmptyMsg
    pb::Scan& message = *request.mutable_scan();
    fill_selection(message, scan_);
    message.set_start_row(scan_.start_row());
    message.set_include_start_row(scan_.include_start_row());
    message.set_stop_row(scan_.stop_row());
    message.set_include_stop_row(scan_.include_stop_row());
    return {"hbase.pb.AggregateService", method_, request.SerializeAsString()};
  }

  const Scan scan_;
  const std::string method_;
};

/// GetMax, GetMin, GetSum.
template <class Number>
class OneNumber final : public Aggregation<Number, std::optional<Number>> {
 public:
  using Join = void (*)(std::optional<Number>&, Number);
  OneNumber(TableContextPtr table, std::string_view method, Scan scan, Join join,
            detail::Completion<Result<std::optional<Number>>> done)
      : Aggregation<Number, std::optional<Number>>(std::move(table), method, std::move(scan), std::move(done)), join_(join) {}

 private:
  void gather(const std::vector<RegionNumbers>& answers) override {
    std::optional<Number> joined;
    for (const RegionNumbers& answer : answers) {
      if (answer.response.first_part_size() == 0) continue;
      auto number = this->number_of(answer, 0);
      if (!number) return this->end(number.error());
      join_(joined, *number);
    }
    this->end(joined);
  }
  const Join join_;
};

template <class Number>
class RowCount final : public Aggregation<Number, std::uint64_t> {
 public:
  using Aggregation<Number, std::uint64_t>::Aggregation;

 private:
  void gather(const std::vector<RegionNumbers>& answers) override {
    std::uint64_t rows = 0;
    for (const RegionNumbers& answer : answers) {
      if (answer.response.first_part_size() == 0) return this->end(malformed_answer("the answer has no number of rows"));
      auto count = count_from(answer.response.first_part(0));
      if (!count) return this->end(count.error());
      rows += static_cast<std::uint64_t>(*count);
    }
    this->end(rows);
  }
};

/// GetAvg, GetStd: sums, and for the latter sums of squares, and numbers of rows.
template <class Number>
class Mean final : public Aggregation<Number, double> {
 public:
  Mean(TableContextPtr table, bool deviation, Scan scan, detail::Completion<Result<double>> done)
      : Aggregation<Number, double>(std::move(table), deviation ? "GetStd" : "GetAvg", std::move(scan), std::move(done)),
        deviation_(deviation) {}

 private:
  void gather(const std::vector<RegionNumbers>& answers) override {
    std::optional<Number> sum, squares;
    std::int64_t rows = 0;
    for (const RegionNumbers& answer : answers) {
      if (answer.response.first_part_size() == 0) continue;
      auto part = this->number_of(answer, 0);
      if (!part) return this->end(part.error());
      auto count = count_from(answer.response.second_part());
      if (!count) return this->end(count.error());
      add(sum, *part);
      rows += *count;
      if (!deviation_) continue;
      auto square = this->number_of(answer, 1);
      if (!square) return this->end(square.error());
      add(squares, *square);
    }
    if (!sum || rows == 0) return this->end(std::numeric_limits<double>::quiet_NaN());
    const double mean = as_double(*sum) / static_cast<double>(rows);
    if (!deviation_) return this->end(mean);
    this->end(std::sqrt(as_double(*squares) / static_cast<double>(rows) - mean * mean));
  }
  const bool deviation_;
};

/// The region where half of the sum is exceeded, and then a scan of it for the row.
template <class Number>
class Median final : public Aggregation<Number, std::optional<Number>> {
 public:
  Median(TableContextPtr table, Scan scan, detail::Completion<Result<std::optional<Number>>> done)
      : Aggregation<Number, std::optional<Number>>(std::move(table), "GetMedian", std::move(scan), std::move(done)) {}

 private:
  void gather(const std::vector<RegionNumbers>& answers) override {
    const auto& [family, qualifiers] = *this->scan().columns().begin();
    if (qualifiers.empty()) return this->end(Error(Errc::invalid_argument, "a median needs a column"));
    family_ = family;
    value_ = *qualifiers.begin();
    weight_ = *qualifiers.rbegin();
    const int part = static_cast<int>(std::min<std::size_t>(qualifiers.size(), 2)) - 1;

    std::vector<Number> sums;
    std::optional<Number> all;
    for (const RegionNumbers& answer : answers) {
      auto sum = this->number_of(answer, part);
      if (!sum) return this->end(sum.error());
      // A region without any answers with the least number there is.
      sums.push_back(*sum == least<Number>() ? Number() : *sum);
      add(all, sums.back());
    }
    if (!all) return this->end(std::optional<Number>());
    half_ = as_double(*all) / 2;
    std::size_t at = 0;
    while (at + 1 < sums.size() && as_double(plus(sum_, sums[at])) <= half_) sum_ = plus(sum_, sums[at++]);
    Scan scan = this->scan();
    if (answers[at].region->start_key() > scan.start_row()) scan.start_row(answers[at].region->start_key());
    scanner_.emplace(Scanner(make_scan(this->table(), std::move(scan))));
    look_further();
  }
  void look_further() {
    if (this->is_over()) return;  // cancelled
    scanner_->async_next([self = this->shared_from_this(), this](Scanner::NextResult next) {
      if (!next) return this->end(next.error());
      if (!*next) return this->end(std::optional<Number>());
      const Row& row = **next;
      if (const auto weight = number_of_row(row, weight_)) sum_ = plus(sum_, *weight);
      if (as_double(sum_) > half_) return this->end(median_);
      median_ = number_of_row(row, value_);
      look_further();
    });
  }
  std::optional<Number> number_of_row(const Row& row, const std::string& qualifier) const {
    const auto value = row.value(family_, qualifier);
    return value ? number_in<Number>(*value) : std::nullopt;
  }

  std::string family_, value_, weight_;
  double half_ = 0;
  Number sum_{};
  std::optional<Number> median_;
  std::optional<Scanner> scanner_;
};

/// The last of `args` is who is told.
template <class Operation, class... Args>
void start_aggregation(const std::shared_ptr<const TableBackend>& table, Args&&... args) {
  if (auto native = std::dynamic_pointer_cast<const TableContext>(table)) {
    return std::make_shared<Operation>(std::move(native), std::forward<Args>(args)...)->start();
  }
  auto& done = std::get<sizeof...(Args) - 1>(std::tie(args...));
  table->post([done = std::move(done)]() mutable {
    done.finish(Error(Errc::unsupported, "AggregationClient: only HBase's region servers have its endpoint"));
  });
}

}  // namespace
}  // namespace client

using client::add;
using client::start_aggregation;

template <class Number>
void AggregationClient<Number>::start_max(Scan scan, Done<Value> done) const {
  start_aggregation<client::OneNumber<Number>>(
      table_.backend_, "GetMax", std::move(scan), [](Value& a, Number b) { a = a ? std::max(*a, b) : b; }, std::move(done));
}
template <class Number>
void AggregationClient<Number>::start_min(Scan scan, Done<Value> done) const {
  start_aggregation<client::OneNumber<Number>>(
      table_.backend_, "GetMin", std::move(scan), [](Value& a, Number b) { a = a ? std::min(*a, b) : b; }, std::move(done));
}
template <class Number>
void AggregationClient<Number>::start_sum(Scan scan, Done<Value> done) const {
  start_aggregation<client::OneNumber<Number>>(
      table_.backend_, "GetSum", std::move(scan), [](Value& a, Number b) { add(a, b); }, std::move(done));
}
template <class Number>
void AggregationClient<Number>::start_row_count(Scan scan, Done<std::uint64_t> done) const {
  start_aggregation<client::RowCount<Number>>(table_.backend_, "GetRowNum", std::move(scan), std::move(done));
}
template <class Number>
void AggregationClient<Number>::start_avg(Scan scan, Done<double> done) const {
  start_aggregation<client::Mean<Number>>(table_.backend_, false, std::move(scan), std::move(done));
}
template <class Number>
void AggregationClient<Number>::start_std(Scan scan, Done<double> done) const {
  start_aggregation<client::Mean<Number>>(table_.backend_, true, std::move(scan), std::move(done));
}
template <class Number>
void AggregationClient<Number>::start_median(Scan scan, Done<Value> done) const {
  start_aggregation<client::Median<Number>>(table_.backend_, std::move(scan), std::move(done));
}

template <class Number>
auto AggregationClient<Number>::max(Scan scan) const -> Result<Value> {
  return client::block<Result<Value>>([&](auto done) { start_max(std::move(scan), std::move(done)); });
}
template <class Number>
auto AggregationClient<Number>::min(Scan scan) const -> Result<Value> {
  return client::block<Result<Value>>([&](auto done) { start_min(std::move(scan), std::move(done)); });
}
template <class Number>
auto AggregationClient<Number>::sum(Scan scan) const -> Result<Value> {
  return client::block<Result<Value>>([&](auto done) { start_sum(std::move(scan), std::move(done)); });
}
template <class Number>
Result<std::uint64_t> AggregationClient<Number>::row_count(Scan scan) const {
  return client::block<Result<std::uint64_t>>([&](auto done) { start_row_count(std::move(scan), std::move(done)); });
}
template <class Number>
Result<double> AggregationClient<Number>::avg(Scan scan) const {
  return client::block<Result<double>>([&](auto done) { start_avg(std::move(scan), std::move(done)); });
}
template <class Number>
Result<double> AggregationClient<Number>::std(Scan scan) const {
  return client::block<Result<double>>([&](auto done) { start_std(std::move(scan), std::move(done)); });
}
template <class Number>
auto AggregationClient<Number>::median(Scan scan) const -> Result<Value> {
  return client::block<Result<Value>>([&](auto done) { start_median(std::move(scan), std::move(done)); });
}

template class AggregationClient<std::int64_t>;
template class AggregationClient<double>;
template class AggregationClient<Decimal>;

}  // namespace hbmux
