#include <hbmux/ordered_bytes.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

namespace hbmux {
namespace {

using Byte = unsigned char;

// What each part begins with (descending: the complement).
constexpr Byte kNull = 0x05, kNegInf = 0x07, kNegLarge = 0x08, kNegMedMin = 0x09, kNegMedMax = 0x13, kNegSmall = 0x14, kZero = 0x15,
               kPosSmall = 0x16, kPosMedMin = 0x17, kPosMedMax = 0x21, kPosLarge = 0x22, kPosInf = 0x23, kNan = 0x26, kInt8 = 0x29,
               kInt16 = 0x2a, kInt32 = 0x2b, kInt64 = 0x2c, kFloat32 = 0x30, kFloat64 = 0x31, kText = 0x34, kBlob = 0x37, kBlobCopy = 0x38;
constexpr Byte kEnd = 0;
constexpr int kMediumMax = 10;  // powers of 100 whose exponent stands in the first byte

void complement(std::string& bytes, std::size_t from) {
  for (std::size_t i = from; i < bytes.size(); ++i) bytes[i] = static_cast<char>(~bytes[i]);
}
void put(std::string& out, Byte byte) { out.push_back(static_cast<char>(byte)); }

/// SQLite4's variable-length integers: shorter ones sort before longer ones.
void put_varuint(std::string& out, std::uint64_t value, bool complemented) {
  const std::size_t from = out.size();
  if (value <= 240) {
    put(out, static_cast<Byte>(value));
  } else if (value <= 2287) {
    put(out, static_cast<Byte>((value - 240) / 256 + 241));
    put(out, static_cast<Byte>((value - 240) % 256));
  } else if (value <= 67823) {
    put(out, 249);
    put(out, static_cast<Byte>((value - 2288) / 256));
    put(out, static_cast<Byte>((value - 2288) % 256));
  } else {
    int bytes = 3;
    while (bytes < 8 && value >> (8 * bytes) != 0) ++bytes;
    put(out, static_cast<Byte>(247 + bytes));
    for (int i = bytes - 1; i >= 0; --i) put(out, static_cast<Byte>(value >> (8 * i)));
  }
  if (complemented) complement(out, from);
}

/// Appends 0.DIGITS * 10^point, without zeroes at either end of the digits.
void put_decimal(std::string& out, bool negative, std::string_view digits, int point, Order order) {
  const std::size_t from = out.size();
  const bool large = point >= 1;
  // Digits go by two: a power of 100 is split off, and a zero takes the place that is left over.
  const int exponent = large ? (point + 1) / 2 : -point / 2;
  const bool odd = (large ? point : -point) % 2 != 0;
  if (large && exponent <= kMediumMax) {
    put(out, static_cast<Byte>(negative ? kNegMedMax - exponent : kPosMedMin + exponent));
  } else if (large) {
    put(out, negative ? kNegLarge : kPosLarge);
    put_varuint(out, static_cast<std::uint64_t>(exponent), negative);
  } else {
    put(out, negative ? kNegSmall : kPosSmall);
    put_varuint(out, static_cast<std::uint64_t>(exponent), !negative);
  }
  const std::size_t mantissa = out.size();
  std::string padded = (odd ? "0" : "") + std::string(digits);
  if (padded.size() % 2 != 0) padded += '0';
  for (std::size_t i = 0; i < padded.size(); i += 2) {
    const int two = (padded[i] - '0') * 10 + (padded[i + 1] - '0');
    put(out, static_cast<Byte>(2 * two + (i + 2 < padded.size() ? 1 : 0)));  // even: the last one
  }
  if (negative) complement(out, mantissa);
  if (order == Order::descending) complement(out, from);
}

/// `text`: digits, perhaps with a point among them and an exponent behind.
void put_number(std::string& out, std::string_view text, Order order) {
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  int exponent = 0;
  if (const auto e = text.find('e'); e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.front() == '+') power.remove_prefix(1);
    std::from_chars(power.data(), power.data() + power.size(), exponent);
    text = text.substr(0, e);
  }
  std::string digits;
  int point = exponent;
  bool behind_point = false;
  for (const char c : text) {
    if (c == '.') {
      behind_point = true;
      continue;
    }
    digits += c;
    if (!behind_point) ++point;
  }
  const std::size_t first = digits.find_first_not_of('0'), last = digits.find_last_not_of('0');
  put_decimal(out, negative, std::string_view(digits).substr(first, last - first + 1), point - static_cast<int>(first), order);
}

template <class Float>
auto sortable_bits(Float value) {
  using Unsigned = std::conditional_t<sizeof(Float) == 4, std::uint32_t, std::uint64_t>;
  constexpr int kSign = sizeof(Float) * 8 - 1;
  if (std::isnan(value)) value = std::numeric_limits<Float>::quiet_NaN();  // all are one, and positive
  const auto bits = std::bit_cast<Unsigned>(value);
  return static_cast<Unsigned>(bits >> kSign != 0 ? ~bits : bits | Unsigned{1} << kSign);
}
template <class Float, class Unsigned>
Float from_sortable_bits(Unsigned bits) {
  constexpr int kSign = sizeof(Float) * 8 - 1;
  return std::bit_cast<Float>(static_cast<Unsigned>(bits >> kSign == 0 ? ~bits : bits & ~(Unsigned{1} << kSign)));
}

}  // namespace

// ---------------------------------------------------------------- writing

void OrderedBytes::refuse(std::string problem) {
  if (!error_) error_ = Error(Errc::invalid_argument, std::move(problem));
}

Result<std::string> OrderedBytes::take() {
  std::string bytes = std::exchange(bytes_, {});
  if (auto error = std::exchange(error_, std::nullopt)) return std::move(*error);
  return bytes;
}

template <class Unsigned>
OrderedBytes& OrderedBytes::fixed(Byte header, Unsigned bits, Order order) {
  const std::size_t from = bytes_.size();
  put(bytes_, header);
  for (int shift = static_cast<int>(sizeof(Unsigned)) * 8 - 8; shift >= 0; shift -= 8) put(bytes_, static_cast<Byte>(bits >> shift));
  if (order == Order::descending) complement(bytes_, from);
  return *this;
}

OrderedBytes& OrderedBytes::null(Order order) & {
  put(bytes_, static_cast<Byte>(order == Order::ascending ? kNull : ~kNull));
  return *this;
}
OrderedBytes& OrderedBytes::int8(std::int8_t value, Order order) & {
  return fixed<std::uint8_t>(kInt8, static_cast<std::uint8_t>(static_cast<std::uint8_t>(value) ^ 0x80), order);
}
OrderedBytes& OrderedBytes::int16(std::int16_t value, Order order) & {
  return fixed<std::uint16_t>(kInt16, static_cast<std::uint16_t>(static_cast<std::uint16_t>(value) ^ 0x8000), order);
}
OrderedBytes& OrderedBytes::int32(std::int32_t value, Order order) & {
  return fixed<std::uint32_t>(kInt32, static_cast<std::uint32_t>(value) ^ 0x80000000U, order);
}
OrderedBytes& OrderedBytes::int64(std::int64_t value, Order order) & {
  return fixed<std::uint64_t>(kInt64, static_cast<std::uint64_t>(value) ^ std::uint64_t{1} << 63, order);
}
OrderedBytes& OrderedBytes::float32(float value, Order order) & { return fixed<std::uint32_t>(kFloat32, sortable_bits(value), order); }
OrderedBytes& OrderedBytes::float64(double value, Order order) & { return fixed<std::uint64_t>(kFloat64, sortable_bits(value), order); }

OrderedBytes& OrderedBytes::numeric(std::int64_t value, Order order) & {
  if (value == 0) {
    put(bytes_, static_cast<Byte>(order == Order::ascending ? kZero : ~kZero));
  } else {
    put_number(bytes_, std::to_string(value), order);
  }
  return *this;
}
OrderedBytes& OrderedBytes::numeric(double value, Order order) & {
  Byte only = 0;
  if (value == 0) only = kZero;
  if (std::isnan(value)) only = kNan;
  if (std::isinf(value)) only = value < 0 ? kNegInf : kPosInf;
  if (only != 0) {
    put(bytes_, static_cast<Byte>(order == Order::ascending ? only : ~only));
    return *this;
  }
  std::array<char, 64> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  static_cast<void>(error);  // 64 characters hold every double
  put_number(bytes_, {text.data(), static_cast<std::size_t>(end - text.data())}, order);
  return *this;
}
// OrderedBytes.DEFAULT_MATH_CONTEXT
constexpr std::size_t kDigitsMax = 31;

OrderedBytes& OrderedBytes::numeric(const Decimal& value, Order order) & {
  if (value.sign() == 0) return numeric(std::int64_t{0}, order);
  // The digits without a point, of which HBase keeps 31.
  const std::size_t sign = value.sign() < 0 ? 1 : 0;
  Decimal digits = Decimal::from_bytes(std::string(4, '\0') + value.unscaled()).value();
  std::string text = digits.to_string();
  std::int64_t exponent = -value.scale();
  if (text.size() > kDigitsMax + sign) {
    const std::size_t dropped = text.size() - kDigitsMax - sign;
    const bool up = text[kDigitsMax + sign] >= '5';  // HALF_UP
    digits = Decimal::parse(text.substr(0, kDigitsMax + sign)).value();
    if (up) digits = digits + Decimal(value.sign());
    text = digits.to_string();
    exponent += static_cast<std::int64_t>(dropped);
  }
  put_number(bytes_, text + "e" + std::to_string(exponent), order);
  return *this;
}
OrderedBytes& OrderedBytes::text(std::string_view value, Order order) & {
  if (value.find('\0') != std::string_view::npos) return refuse("text in a key may not have a zero byte"), *this;
  const std::size_t from = bytes_.size();
  put(bytes_, kText);
  bytes_ += value;
  put(bytes_, kEnd);
  if (order == Order::descending) complement(bytes_, from);
  return *this;
}
OrderedBytes& OrderedBytes::blob(std::string_view value, Order order) & {
  const std::size_t from = bytes_.size();
  put(bytes_, kBlob);
  if (value.empty()) put(bytes_, kEnd);
  // Seven bits a byte, the highest one says that more follow.
  unsigned bits = 0, have = 0;
  for (const char c : value) {
    bits = bits << 8 | static_cast<Byte>(c);
    have += 8;
    while (have >= 7) {
      have -= 7;
      put(bytes_, static_cast<Byte>(0x80 | (bits >> have & 0x7f)));
    }
    bits &= (1U << have) - 1;
  }
  if (have != 0) {
    put(bytes_, static_cast<Byte>(bits << (7 - have) & 0x7f));
  } else if (!value.empty()) {
    bytes_.back() = static_cast<char>(bytes_.back() & 0x7f);
  }
  if (order == Order::descending) complement(bytes_, from);
  return *this;
}
OrderedBytes& OrderedBytes::blob_copy(std::string_view value, Order order) & {
  const bool descending = order == Order::descending;
  if (descending && value.find('\0') != std::string_view::npos) {
    return refuse("a descending blob_copy in a key may not have a zero byte"), *this;
  }
  const std::size_t from = bytes_.size();
  put(bytes_, kBlobCopy);
  bytes_ += value;
  if (!descending) return *this;
  put(bytes_, kEnd);
  complement(bytes_, from);
  return *this;
}

// ---------------------------------------------------------------- reading

struct OrderedBytesReader::Digits {
  std::string text;  // for from_chars; empty: `special`
  double special = 0;
  bool integer = false;
};

Byte OrderedBytesReader::at(std::size_t i) const noexcept {
  const auto byte = static_cast<Byte>(rest_[i]);
  return descending() ? static_cast<Byte>(~byte) : byte;
}

std::optional<OrderedBytesReader::Kind> OrderedBytesReader::kind() const noexcept {
  if (rest_.empty()) return std::nullopt;
  switch (const Byte header = at(0)) {
    case kNull: return Kind::null;
    case kInt8: return Kind::int8;
    case kInt16: return Kind::int16;
    case kInt32: return Kind::int32;
    case kInt64: return Kind::int64;
    case kFloat32: return Kind::float32;
    case kFloat64: return Kind::float64;
    case kText: return Kind::text;
    case kBlob: return Kind::blob;
    case kBlobCopy: return Kind::blob_copy;
    default:
      if ((header >= kNegInf && header <= kPosInf) || header == kNan) return Kind::numeric;
      return std::nullopt;
  }
}

bool OrderedBytesReader::skip_null() noexcept {
  if (kind() != Kind::null) return false;
  rest_.remove_prefix(1);
  return true;
}

Error OrderedBytesReader::refusal(std::string_view what) const {
  std::string text = "the next part of the key is no " + std::string(what);
  if (rest_.empty()) text += ": it is at its end";
  return Error(Errc::invalid_argument, std::move(text));
}

template <class Unsigned>
Result<Unsigned> OrderedBytesReader::fixed(Kind wanted, std::string_view what) {
  if (kind() != wanted || rest_.size() < 1 + sizeof(Unsigned)) return refusal(what);
  std::uint64_t bits = 0;
  for (std::size_t i = 1; i <= sizeof(Unsigned); ++i) bits = bits << 8 | at(i);
  rest_.remove_prefix(1 + sizeof(Unsigned));
  return static_cast<Unsigned>(bits);
}

Result<std::int8_t> OrderedBytesReader::int8() {
  auto bits = fixed<std::uint8_t>(Kind::int8, "int8");
  if (!bits) return bits.error();
  return static_cast<std::int8_t>(*bits ^ 0x80);
}
Result<std::int16_t> OrderedBytesReader::int16() {
  auto bits = fixed<std::uint16_t>(Kind::int16, "int16");
  if (!bits) return bits.error();
  return static_cast<std::int16_t>(*bits ^ 0x8000);
}
Result<std::int32_t> OrderedBytesReader::int32() {
  auto bits = fixed<std::uint32_t>(Kind::int32, "int32");
  if (!bits) return bits.error();
  return static_cast<std::int32_t>(*bits ^ 0x80000000U);
}
Result<std::int64_t> OrderedBytesReader::int64() {
  auto bits = fixed<std::uint64_t>(Kind::int64, "int64");
  if (!bits) return bits.error();
  return static_cast<std::int64_t>(*bits ^ std::uint64_t{1} << 63);
}
Result<float> OrderedBytesReader::float32() {
  auto bits = fixed<std::uint32_t>(Kind::float32, "float32");
  if (!bits) return bits.error();
  return from_sortable_bits<float>(*bits);
}
Result<double> OrderedBytesReader::float64() {
  auto bits = fixed<std::uint64_t>(Kind::float64, "float64");
  if (!bits) return bits.error();
  return from_sortable_bits<double>(*bits);
}

std::optional<std::uint64_t> OrderedBytesReader::varuint(std::size_t& position, bool complemented) const noexcept {
  const auto next = [&]() -> std::uint64_t { return complemented ? static_cast<Byte>(~at(position++)) : at(position++); };
  if (position >= rest_.size()) return std::nullopt;
  const std::uint64_t first = next();
  if (first <= 240) return first;
  const std::size_t more = first <= 248 ? 1 : first == 249 ? 2 : static_cast<std::size_t>(first) - 247;
  if (rest_.size() - position < more) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < more; ++i) value = value << 8 | next();
  if (first <= 248) return (first - 241) * 256 + value + 240;
  return first == 249 ? value + 2288 : value;
}

Result<OrderedBytesReader::Digits> OrderedBytesReader::digits() {
  constexpr std::uint64_t kExponentMax = 100'000;  // far beyond any double
  if (kind() != Kind::numeric) return refusal("numeric");
  const Byte header = at(0);
  const auto special = [&](double value) {
    rest_.remove_prefix(1);
    return Digits{{}, value, value == 0};
  };
  if (header == kZero) return special(0);
  if (header == kNan) return special(std::numeric_limits<double>::quiet_NaN());
  if (header == kNegInf) return special(-std::numeric_limits<double>::infinity());
  if (header == kPosInf) return special(std::numeric_limits<double>::infinity());
  const bool negative = header <= kNegSmall;
  std::size_t position = 1;
  std::int64_t exponent = 0;
  if (header >= kNegMedMin && header <= kNegMedMax) {
    exponent = kNegMedMax - header;
  } else if (header >= kPosMedMin && header <= kPosMedMax) {
    exponent = header - kPosMedMin;
  } else {
    const bool small = header == kNegSmall || header == kPosSmall;
    const auto value = varuint(position, small != negative);
    if (!value || *value > kExponentMax) return refusal("numeric");
    exponent = small ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
  }
  std::string digits;
  for (bool last = false; !last; ++position) {
    if (position >= rest_.size()) return refusal("numeric: it has no end");
    const Byte byte = negative ? static_cast<Byte>(~at(position)) : at(position);
    last = (byte & 1) == 0;
    const int two = byte / 2;
    if (two > 99) return refusal("numeric");
    digits += static_cast<char>('0' + two / 10);
    digits += static_cast<char>('0' + two % 10);
  }
  rest_.remove_prefix(position);
  Digits number;
  const auto end = digits.find_last_not_of('0');
  const auto significant = static_cast<std::int64_t>(end == std::string::npos ? 0 : end + 1);
  number.integer = significant <= 2 * exponent;
  number.text = (negative ? "-0." : "0.") + digits + "e" + std::to_string(2 * exponent);
  return number;
}

Result<double> OrderedBytesReader::numeric_double() {
  auto number = digits();
  if (!number) return number.error();
  if (number->text.empty()) return number->special;
  double value = 0;
  const auto [end, error] = std::from_chars(number->text.data(), number->text.data() + number->text.size(), value);
  static_cast<void>(end);
  if (error == std::errc::result_out_of_range) {
    const bool small = number->text.find("e-") != std::string::npos;
    value = small ? 0 : std::numeric_limits<double>::infinity();
    if (number->text[0] == '-') value = -value;
  }
  return value;
}

Result<Decimal> OrderedBytesReader::numeric_decimal() {
  const std::string_view before = rest_;
  auto number = digits();
  if (!number) return number.error();
  if (number->integer && number->text.empty()) return Decimal();
  auto decimal = Decimal::parse(number->text);  // empty for what is no number
  if (!decimal) {
    rest_ = before;
    return refusal("decimal number");
  }
  // Two digits stand in a byte: one behind the point may be a zero too many.
  const std::string plain = decimal->to_string();
  const std::size_t point = plain.find('.'), last = plain.find_last_not_of('0');
  return decimal->with_scale(point == std::string::npos ? 0 : static_cast<int>(last - point));
}

Result<std::int64_t> OrderedBytesReader::numeric_int64() {
  const std::string_view before = rest_;
  auto number = digits();
  if (!number) return number.error();
  const auto no = [&] {
    rest_ = before;
    return refusal("integer of 64 bits");
  };
  if (!number->integer) return no();
  if (number->text.empty()) return 0;
  // "0.DIGITSeN": N digits, zeroes behind those that are there.
  const auto point = number->text.find('.'), e = number->text.find('e');
  std::string digits = number->text.substr(point + 1, e - point - 1);
  std::size_t length = 0;
  std::from_chars(number->text.data() + e + 1, number->text.data() + number->text.size(), length);
  if (length > 20) return no();
  digits.resize(length, '0');
  if (number->text[0] == '-') digits.insert(digits.begin(), '-');
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return no();
  return value;
}

Result<std::string> OrderedBytesReader::text() {
  if (kind() != Kind::text) return refusal("text");
  std::string value;
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    if (at(i) == kEnd) {
      rest_.remove_prefix(i + 1);
      return value;
    }
    value += static_cast<char>(at(i));
  }
  return refusal("text: it has no end");
}

Result<std::string> OrderedBytesReader::blob() {
  if (kind() != Kind::blob) return refusal("blob");
  std::string value;
  unsigned bits = 0, have = 0;
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    const Byte byte = at(i);
    bits = bits << 7 | (byte & 0x7fU);
    have += 7;
    if (have >= 8) {
      have -= 8;
      value += static_cast<char>(bits >> have & 0xff);
    }
    bits &= (1U << have) - 1;
    if ((byte & 0x80) == 0) {
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  return refusal("blob: it has no end");
}

Result<std::string> OrderedBytesReader::blob_copy() {
  if (kind() != Kind::blob_copy) return refusal("blob_copy");
  const bool reversed = descending();
  std::size_t length = rest_.size() - 1;
  if (reversed) {
    if (length == 0 || at(rest_.size() - 1) != kEnd) return refusal("blob_copy: it has no end");
    --length;
  }
  std::string value;
  for (std::size_t i = 1; i <= length; ++i) value += static_cast<char>(at(i));
  rest_ = {};
  return value;
}

}  // namespace hbmux
