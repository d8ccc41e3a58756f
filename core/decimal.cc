#include <hbmux/decimal.h>

#include "core/bytes.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <ostream>
#include <utility>
#include <vector>

namespace hbmux {

namespace {

using Integer = boost::multiprecision::cpp_int;

Integer power_of_ten(int exponent) { return boost::multiprecision::pow(Integer(10), static_cast<unsigned>(exponent)); }

std::string bytes_of(const Integer& number) {
  // Of -1 - n instead of n where it is negative: its bits are the complement's, which saves the carry.
  const bool negative = number < 0;
  const Integer magnitude = negative ? Integer(-1 - number) : number;
  std::string bytes;
  boost::multiprecision::export_bits(magnitude, std::back_inserter(bytes), 8);
  if ((bytes.front() & 0x80) != 0) bytes.insert(bytes.begin(), '\0');
  if (negative) std::ranges::transform(bytes, bytes.begin(), [](char byte) { return static_cast<char>(~byte); });
  return bytes;
}

Integer number_of(std::string_view bytes) {
  const bool negative = (bytes.front() & 0x80) != 0;
  std::vector<unsigned char> magnitude(bytes.begin(), bytes.end());
  if (negative) std::ranges::transform(magnitude, magnitude.begin(), [](unsigned char byte) { return static_cast<unsigned char>(~byte); });
  Integer number;
  boost::multiprecision::import_bits(number, magnitude.begin(), magnitude.end(), 8);
  return negative ? Integer(-1 - number) : number;
}

bool is_allowed(std::int64_t scale) { return scale >= -Decimal::kScaleMax && scale <= Decimal::kScaleMax; }

Error beyond(std::int64_t scale) {
  return Error(Errc::invalid_argument, "a decimal number has the scale " + std::to_string(scale) + "; between -" +
                                           std::to_string(Decimal::kScaleMax) + " and " + std::to_string(Decimal::kScaleMax) + " is possible");
}

}  // namespace

/// Numbers to compute with.
struct DecimalParts {
  Integer number;
  int scale;

  static DecimalParts of(const Decimal& decimal) { return {number_of(decimal.unscaled_), decimal.scale_}; }
  Decimal made() const { return Decimal(bytes_of(number), scale); }
  /// With more digits behind the point.
  void widen(int to) {
    if (to > scale) number *= power_of_ten(to - scale), scale = to;
  }
  void narrow(int to) {
    if (to >= scale) return;
    const Integer divisor = power_of_ten(scale - to);
    Integer quotient, rest;
    boost::multiprecision::divide_qr(number, divisor, quotient, rest);  // towards zero
    const int side = Integer(abs(rest) * 2).compare(divisor);
    if (side > 0 || (side == 0 && bit_test(Integer(abs(quotient)), 0))) quotient += number < 0 ? -1 : 1;
    number = std::move(quotient);
    scale = to;
  }
  static std::pair<DecimalParts, DecimalParts> alike(const Decimal& a, const Decimal& b) {
    std::pair both(of(a), of(b));
    const int scale = std::max(a.scale_, b.scale_);
    both.first.widen(scale);
    both.second.widen(scale);
    return both;
  }
};

Decimal::Decimal(std::int64_t unscaled, int scale) : unscaled_(bytes_of(Integer(unscaled))), scale_(scale) {
  if (!is_allowed(scale)) throw Exception(beyond(scale));
}

Result<Decimal> Decimal::parse(std::string_view text) {
  const auto wrong = [whole = text] {
    return Error(Errc::invalid_argument, "'" + core::to_string_binary(whole.substr(0, 100)) + "' is no decimal number");
  };
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t scale = 0;
  if (const std::size_t mark = text.find_first_of("eE"); mark != std::string_view::npos) {
    std::string_view exponent = text.substr(mark + 1);
    if (exponent.starts_with('+') && !exponent.starts_with("+-")) exponent.remove_prefix(1);
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
    if (error != std::errc() || end != exponent.data() + exponent.size()) return wrong();
    scale -= value;
    text = text.substr(0, mark);
  }
  std::string digits(text);
  if (const std::size_t point = digits.find('.'); point != std::string::npos) {
    digits.erase(point, 1);
    scale += static_cast<std::int64_t>(digits.size() - point);
  }
  if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return wrong();
  if (!is_allowed(scale)) return beyond(scale);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));  // a leading zero would mean octal
  Integer number(digits);
  return Decimal(bytes_of(negative ? Integer(-number) : number), static_cast<int>(scale));
}

Result<Decimal> Decimal::from_bytes(std::string_view bytes) {
  if (bytes.size() < 5) return Error(Errc::invalid_argument, "a decimal number has at least 5 bytes, not " + std::to_string(bytes.size()));
  const auto scale = core::load_be<std::int32_t>(bytes.data());
  if (!is_allowed(scale)) return beyond(scale);
  return Decimal(bytes_of(number_of(bytes.substr(4))), scale);
}

std::string Decimal::to_bytes() const {
  std::string bytes;
  core::append_be(bytes, static_cast<std::int32_t>(scale_));
  return bytes + unscaled_;
}

int Decimal::sign() const noexcept {
  if ((unscaled_.front() & 0x80) != 0) return -1;
  return unscaled_.size() == 1 && unscaled_.front() == 0 ? 0 : 1;
}

Decimal Decimal::with_scale(int scale) const {
  if (!is_allowed(scale)) throw Exception(beyond(scale));
  auto parts = DecimalParts::of(*this);
  parts.widen(scale);
  parts.narrow(scale);
  return parts.made();
}

double Decimal::to_double() const { return std::strtod((number_of(unscaled_).str() + "e" + std::to_string(-scale_)).c_str(), nullptr); }

std::string Decimal::to_string() const {
  std::string digits = Integer(abs(number_of(unscaled_))).str();
  if (scale_ < 0 && sign() != 0) digits.append(static_cast<std::size_t>(-scale_), '0');
  if (scale_ > 0) {
    const auto behind = static_cast<std::size_t>(scale_);
    if (digits.size() <= behind) digits.insert(0, behind + 1 - digits.size(), '0');
    digits.insert(digits.size() - behind, 1, '.');
  }
  return sign() < 0 ? "-" + digits : digits;
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  auto [sum, other] = DecimalParts::alike(a, b);
  sum.number += other.number;
  return sum.made();
}

Decimal operator-(const Decimal& a, const Decimal& b) {
  auto [difference, other] = DecimalParts::alike(a, b);
  difference.number -= other.number;
  return difference.made();
}

Decimal operator*(const Decimal& a, const Decimal& b) {
  DecimalParts product{number_of(a.unscaled_) * number_of(b.unscaled_), a.scale_ + b.scale_};
  product.narrow(Decimal::kScaleMax);
  product.widen(-Decimal::kScaleMax);
  return product.made();
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.sign() != b.sign()) return a.sign() <=> b.sign();
  const auto [first, second] = DecimalParts::alike(a, b);
  return first.number.compare(second.number) <=> 0;
}

std::ostream& operator<<(std::ostream& out, const Decimal& number) { return out << number.to_string(); }

}  // namespace hbmux
