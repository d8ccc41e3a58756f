// Numbers over a column, worked out inside the servers.
#pragma once

#include <hbmux/decimal.h>
#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/scan.h>
#include <hbmux/table.h>

#include <cstdint>
#include <optional>
#include <utility>

namespace hbmux {

/// HBase's AggregationClient and AsyncAggregationClient. The servers need its endpoint: the table, or hbase.coprocessor.region.classes, names
/// org.apache.hadoop.hbase.coprocessor.AggregateImplementation; without it every call is Errc::server_error. (The embedded cluster always has it.)
///
/// `Number` says how values are read: std::int64_t for the eight bytes of Put::add's numbers and of increments (Java:
/// LongColumnInterpreter), double for Bytes.toBytes(double) (DoubleColumnInterpreter), Decimal for Bytes.toBytes(BigDecimal)
/// (BigDecimalColumnInterpreter, which rounds each value and each square to two digits behind the point). Values of another length do not
/// count; among decimals, those of less than five bytes make HBase 2.6 fail. Sums of integers wrap, as in Java.
///
/// The scan names one family, and in it the column; without a column all of the family's are taken, a row at a time. Its rows, time range,
/// and filter are heeded. Each region is asked once; those that move meanwhile are asked again. A value type, as cheap as a Table, whose
/// rules about threads, cancellation and time hold here.
template <class Number>
class AggregationClient {
 public:
  using Value = std::optional<Number>;

  explicit AggregationClient(Table table) : table_(std::move(table)) {}

  /// Nothing when there is no value.
  Result<Value> max(Scan scan) const;
  Result<Value> min(Scan scan) const;
  Result<Value> sum(Scan scan) const;
  /// Rows of the range, as the endpoint counts them: HBase 2.6 also counts those that have none of the columns asked for.
  Result<std::uint64_t> row_count(Scan scan) const;
  /// The sum of a row, on average; NaN without a row. HBase 2.6 counts one row more in a region whose last rows have none of the columns.
  Result<double> avg(Scan scan) const;
  /// The standard deviation of the sums of rows; NaN without a row.
  Result<double> std(Scan scan) const;
  /// Of the values in the order of the rows: the last one before half of the sum of all is exceeded; as in Java, it says something only when
  /// values rise with the rows. With two columns the lesser one has the values, the greater one their weights; HBase 2.6 adds up all cells of a row as
  /// its weight, so that nothing may be found. Without any value HBase 2.6 fails, and so does the embedded cluster.
  /// (As AsyncAggregationClient; Java's blocking one begins to look a region too early.)
  Result<Value> median(Scan scan) const;

  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_max(Scan scan, Token&& token = Token()) const {
    return begin<Value>(&AggregationClient::start_max, std::move(scan), std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_min(Scan scan, Token&& token = Token()) const {
    return begin<Value>(&AggregationClient::start_min, std::move(scan), std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_sum(Scan scan, Token&& token = Token()) const {
    return begin<Value>(&AggregationClient::start_sum, std::move(scan), std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_row_count(Scan scan, Token&& token = Token()) const {
    return begin<std::uint64_t>(&AggregationClient::start_row_count, std::move(scan), std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_avg(Scan scan, Token&& token = Token()) const {
    return begin<double>(&AggregationClient::start_avg, std::move(scan), std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_std(Scan scan, Token&& token = Token()) const {
    return begin<double>(&AggregationClient::start_std, std::move(scan), std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_median(Scan scan, Token&& token = Token()) const {
    return begin<Value>(&AggregationClient::start_median, std::move(scan), std::forward<Token>(token));
  }

 private:
  template <class T>
  using Done = detail::Completion<Result<T>>;

  template <class T, class Token>
  auto begin(void (AggregationClient::*start)(Scan, Done<T>) const, Scan scan, Token&& token) const {
    return detail::initiate<Result<T>>(
        [self = *this, start, scan = std::move(scan)](Done<T> done) mutable { (self.*start)(std::move(scan), std::move(done)); },
        std::forward<Token>(token));
  }
  void start_max(Scan scan, Done<Value> done) const;
  void start_min(Scan scan, Done<Value> done) const;
  void start_sum(Scan scan, Done<Value> done) const;
  void start_row_count(Scan scan, Done<std::uint64_t> done) const;
  void start_avg(Scan scan, Done<double> done) const;
  void start_std(Scan scan, Done<double> done) const;
  void start_median(Scan scan, Done<Value> done) const;

  Table table_;
};

extern template class AggregationClient<std::int64_t>;
extern template class AggregationClient<double>;
extern template class AggregationClient<Decimal>;

}  // namespace hbmux
