// Values as bytes that sort as the values do, in HBase's form: for keys of several parts.
#pragma once

#include <hbmux/decimal.h>
#include <hbmux/error.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hbmux {

/// Which way values of a part sort.
enum class Order : std::uint8_t { ascending, descending };

/// Writes a key, part by part, byte for byte as org.apache.hadoop.hbase.util.OrderedBytes does:
///
///     auto key = OrderedBytes().text("ada").int64(-7).numeric(2.5, Order::descending).take();
///
/// Keys whose parts are of the same kinds sort by the first part, then by the second ... Among kinds: null, numeric, integers, floats, text, blobs.
/// NaN is the greatest of its kind. A value type, for one thread at a time.
class OrderedBytes {
 public:
  /// No value; sorts first.
  OrderedBytes& null(Order order = Order::ascending) &;
  // Of fixed width.
  OrderedBytes& int8(std::int8_t value, Order order = Order::ascending) &;
  OrderedBytes& int16(std::int16_t value, Order order = Order::ascending) &;
  OrderedBytes& int32(std::int32_t value, Order order = Order::ascending) &;
  OrderedBytes& int64(std::int64_t value, Order order = Order::ascending) &;
  OrderedBytes& float32(float value, Order order = Order::ascending) &;
  OrderedBytes& float64(double value, Order order = Order::ascending) &;
  /// A decimal number, as wide as its digits need: integers and fractions sort among each other. Of a double the shortest digits that mean it.
  OrderedBytes& numeric(std::int64_t value, Order order = Order::ascending) &;
  OrderedBytes& numeric(double value, Order order = Order::ascending) &;
  /// Rounded to 31 digits, as HBase does.
  OrderedBytes& numeric(const Decimal& value, Order order = Order::ascending) &;
  /// UTF-8; without a zero byte, or take() is Errc::invalid_argument.
  OrderedBytes& text(std::string_view value, Order order = Order::ascending) &;
  /// Any bytes (OrderedBytes.encodeBlobVar): eight for seven.
  OrderedBytes& blob(std::string_view value, Order order = Order::ascending) &;
  /// Any bytes as they are (encodeBlobCopy): only as the last part. Descending without a zero byte, or take() is Errc::invalid_argument.
  OrderedBytes& blob_copy(std::string_view value, Order order = Order::ascending) &;

  OrderedBytes&& null(Order o = Order::ascending) && { return std::move(null(o)); }
  OrderedBytes&& int8(std::int8_t v, Order o = Order::ascending) && { return std::move(int8(v, o)); }
  OrderedBytes&& int16(std::int16_t v, Order o = Order::ascending) && { return std::move(int16(v, o)); }
  OrderedBytes&& int32(std::int32_t v, Order o = Order::ascending) && { return std::move(int32(v, o)); }
  OrderedBytes&& int64(std::int64_t v, Order o = Order::ascending) && { return std::move(int64(v, o)); }
  OrderedBytes&& float32(float v, Order o = Order::ascending) && { return std::move(float32(v, o)); }
  OrderedBytes&& float64(double v, Order o = Order::ascending) && { return std::move(float64(v, o)); }
  OrderedBytes&& numeric(std::int64_t v, Order o = Order::ascending) && { return std::move(numeric(v, o)); }
  OrderedBytes&& numeric(double v, Order o = Order::ascending) && { return std::move(numeric(v, o)); }
  OrderedBytes&& numeric(const Decimal& v, Order o = Order::ascending) && { return std::move(numeric(v, o)); }
  OrderedBytes&& text(std::string_view v, Order o = Order::ascending) && { return std::move(text(v, o)); }
  OrderedBytes&& blob(std::string_view v, Order o = Order::ascending) && { return std::move(blob(v, o)); }
  OrderedBytes&& blob_copy(std::string_view v, Order o = Order::ascending) && { return std::move(blob_copy(v, o)); }

  /// What was written, or the first thing that was wrong; empty again afterwards.
  Result<std::string> take();

 private:
  void refuse(std::string problem);
  template <class Unsigned>
  OrderedBytes& fixed(unsigned char header, Unsigned bits, Order order);

  std::string bytes_;
  std::optional<Error> error_;
};

/// Reads such a key, part by part; each part says itself which way it sorts. What cannot be read as what is asked for is Errc::invalid_argument, and the
/// reader stays where it is. The bytes have to outlive it.
class OrderedBytesReader {
 public:
  enum class Kind : std::uint8_t { null, numeric, int8, int16, int32, int64, float32, float64, text, blob, blob_copy };

  explicit OrderedBytesReader(std::string_view bytes) noexcept : rest_(bytes) {}

  bool at_end() const noexcept { return rest_.empty(); }
  /// Of the next part; nothing at the end, and for bytes that begin no part.
  std::optional<Kind> kind() const noexcept;
  /// Passes over a null.
  bool skip_null() noexcept;

  Result<std::int8_t> int8();
  Result<std::int16_t> int16();
  Result<std::int32_t> int32();
  Result<std::int64_t> int64();
  Result<float> float32();
  Result<double> float64();
  /// Of a numeric part that is an integer of 64 bits.
  Result<std::int64_t> numeric_int64();
  /// Of any numeric part: the nearest double.
  Result<double> numeric_double();
  /// Of any numeric part but NaN and the infinities, exactly; with as many digits behind the point as it needs.
  Result<Decimal> numeric_decimal();
  Result<std::string> text();
  Result<std::string> blob();
  /// To the end of the bytes, or (descending) but for the last one.
  Result<std::string> blob_copy();

 private:
  struct Digits;
  bool descending() const noexcept { return static_cast<unsigned char>(rest_[0]) >= 0x80; }
  unsigned char at(std::size_t i) const noexcept;
  Error refusal(std::string_view what) const;
  template <class Unsigned>
  Result<Unsigned> fixed(Kind kind, std::string_view what);
  Result<Digits> digits();
  std::optional<std::uint64_t> varuint(std::size_t& position, bool complement) const noexcept;

  std::string_view rest_;
};

}  // namespace hbmux
