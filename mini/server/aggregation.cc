#include "mini/server/aggregation.h"

#include "core/bytes.h"
#include "mini/parse.h"
#include "mini/store/region_scanner.h"

#include <hbmux/decimal.h>
#include <hbmux/pb/Aggregate.pb.h>
#include <hbmux/pb/HBase.pb.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <variant>

namespace hbmux::mini {
namespace {

using Number = std::variant<std::int64_t, double, Decimal>;

Number add(const Number& a, const Number& b) {
  if (const auto* x = std::get_if<double>(&a)) return *x + std::get<double>(b);
  if (const auto* x = std::get_if<Decimal>(&a)) return *x + std::get<Decimal>(b);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(std::get<std::int64_t>(a)) +
                                   static_cast<std::uint64_t>(std::get<std::int64_t>(b)));
}
Number square(const Number& a) {
  if (const auto* x = std::get_if<double>(&a)) return *x * *x;
  if (const auto* x = std::get_if<Decimal>(&a)) return (*x * *x).with_scale(2);
  const auto x = static_cast<std::uint64_t>(std::get<std::int64_t>(a));
  return static_cast<std::int64_t>(x * x);
}
/// Nothing and a number are the number.
void accumulate(std::optional<Number>& sum, const std::optional<Number>& more) {
  if (more) sum = sum ? add(*sum, *more) : *more;
}

/// A LongMsg, a DoubleMsg or a BigDecimalMsg.
std::string message_of(const Number& number) {
  if (const auto* x = std::get_if<double>(&number)) {
    pb::DoubleMsg message;
    message.set_double_msg(*x);
    return message.SerializeAsString();
  }
  if (const auto* x = std::get_if<Decimal>(&number)) {
    pb::BigDecimalMsg message;
    message.set_bigdecimal_msg(x->to_bytes());
    return message.SerializeAsString();
  }
  pb::LongMsg message;
  message.set_long_msg(std::get<std::int64_t>(number));
  return message.SerializeAsString();
}
std::string count_of(std::int64_t count) {
  std::string bytes;
  core::append_be(bytes, count);
  return bytes;
}

enum class Interpreter : std::uint8_t { longs, doubles, decimals };

std::optional<Interpreter> interpreter_of(std::string_view java_class) {
  if (java_class == "LongColumnInterpreter") return Interpreter::longs;
  if (java_class == "DoubleColumnInterpreter") return Interpreter::doubles;
  if (java_class == "BigDecimalColumnInterpreter") return Interpreter::decimals;
  return std::nullopt;
}

/// As AggregateImplementation.java does it, which is not always what its names promise: rows are counted without their first column, a mean
/// counts the last look for a row that found none, and weights are the values over again.
class Aggregation {
 public:
  Aggregation(std::string_view method, Interpreter interpreter, const pb::Column& column)
      : method_(method), interpreter_(interpreter), has_weights_(column.qualifier_size() > 1) {}

  void row(std::span<const StoredCell* const> cells) {
    ++looks_;
    if (!cells.empty()) ++rows_;
    std::optional<Number> of_row;
    for (const StoredCell* cell : cells) {
      if (interpreter_ == Interpreter::decimals && cell->value().size() < 5) null_pointer_ = true;
      const std::optional<Number> number = read(*cell);
      if (!number) continue;
      accumulate(of_row, number);
      if (!largest_ || *number > *largest_) largest_ = number;
      if (!smallest_ || *number < *smallest_) smallest_ = number;
    }
    accumulate(sum_, of_row);
    if (of_row) accumulate(squares_, square(*of_row));
  }

  Answer<EndpointReply> response() const {
    if (null_pointer_) {
      return exceptions::io("Cannot invoke \"java.math.BigDecimal.setScale(int, java.math.RoundingMode)\" because the return value of "
                            "\"org.apache.hadoop.hbase.PrivateCellUtil.getValueAsBigDecimal(org.apache.hadoop.hbase.Cell)\" is null");
    }
    if (method_ == "GetMedian" && !sum_) return exceptions::io(null_sum());
    pb::AggregateResponse out;
    auto first = [&out](const std::optional<Number>& number) {
      if (number) out.add_first_part(message_of(*number));
    };
    if (method_ == "GetMax") first(largest_);
    if (method_ == "GetMin") first(smallest_);
    if (method_ == "GetSum") first(sum_);
    if (method_ == "GetRowNum") out.add_first_part(count_of(rows_));
    if (method_ == "GetMedian") {
      first(sum_);
      first(has_weights_ ? *sum_ : least());
    }
    if ((method_ == "GetAvg" || method_ == "GetStd") && sum_) {
      first(sum_);
      if (method_ == "GetStd") first(squares_);
      out.set_second_part(count_of(looks_));
    }
    return EndpointReply{out.SerializeAsString(), "org.apache.hadoop.hbase.protobuf.generated.AggregateProtos$AggregateResponse"};
  }

 private:
  std::optional<Number> read(const StoredCell& cell) const {
    if (interpreter_ == Interpreter::decimals) {
      auto number = Decimal::from_bytes(cell.value());
      return number ? std::optional<Number>(number->with_scale(2)) : std::nullopt;
    }
    if (cell.value().size() != 8) return std::nullopt;
    const auto bits = core::load_be<std::int64_t>(cell.value().data());
    return interpreter_ == Interpreter::doubles ? Number(std::bit_cast<double>(bits)) : Number(bits);
  }
  /// What HBase's interpreters call their smallest value.
  Number least() const {
    switch (interpreter_) {
      case Interpreter::doubles: return std::numeric_limits<double>::denorm_min();
      case Interpreter::decimals: return Decimal(49, 325);
      case Interpreter::longs: break;
    }
    return std::numeric_limits<std::int64_t>::min();
  }

  /// The text of Java's NullPointerException for it.
  std::string null_sum() const {
    switch (interpreter_) {
      case Interpreter::longs: break;
      case Interpreter::doubles: return "Cannot invoke \"java.lang.Double.doubleValue()\" because \"s\" is null";
      case Interpreter::decimals: return "Cannot invoke \"java.math.BigDecimal.unscaledValue()\" because \"val\" is null";
    }
    return "Cannot invoke \"java.lang.Long.longValue()\" because \"s\" is null";
  }

  std::string_view method_;
  Interpreter interpreter_;
  bool has_weights_, null_pointer_ = false;
  std::optional<Number> largest_, smallest_, sum_, squares_;
  std::int64_t rows_ = 0, looks_ = 0;
};

}  // namespace

bool is_aggregation(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods = {"GetMax", "GetMin", "GetSum",   "GetRowNum",
                                                        "GetAvg", "GetStd", "GetMedian"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

Answer<EndpointReply> aggregate(Region& region, std::string_view method, const std::string& request,
                                std::int64_t now) {
  pb::AggregateRequest parsed;
  if (!parse(request, parsed)) return exceptions::do_not_retry("Malformed AggregateRequest");
  constexpr std::string_view kPackage = "org.apache.hadoop.hbase.client.coprocessor.";
  std::string_view interpreter = parsed.interpreter_class_name();
  if (interpreter.starts_with(kPackage)) interpreter.remove_prefix(kPackage.size());
  const auto reads = interpreter_of(interpreter);
  if (!reads) {
    return exceptions::unsupported(
        "The embedded cluster aggregates with LongColumnInterpreter, DoubleColumnInterpreter and BigDecimalColumnInterpreter, not with " +
        parsed.interpreter_class_name());
  }
  if (parsed.scan().column_size() == 0) return exceptions::do_not_retry("Agg client Exception: no column family");
  Aggregation aggregation(method, *reads, parsed.scan().column(0));
  const std::shared_lock lock(region.mutex());
  if (method == "GetRowNum" && parsed.scan().column(0).qualifier_size() > 0) {
    auto& qualifiers = *parsed.mutable_scan()->mutable_column(0)->mutable_qualifier();
    qualifiers.erase(std::min_element(qualifiers.begin(), qualifiers.end()));
  }
  auto scanner = RegionScanner::open(parsed.scan(), region.store(), now);
  if (!scanner) return scanner.error();
  ScanLimits limits;
  limits.results = 1;
  limits.bytes = std::numeric_limits<std::size_t>::max();
  ScanBatch batch;
  do {
    (*scanner)->next(region.store(), limits, batch);
    aggregation.row(batch.cells.cells);
  } while (batch.more_in_region && batch.more_results);
  return aggregation.response();
}

}  // namespace hbmux::mini
