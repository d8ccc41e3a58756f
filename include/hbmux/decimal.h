// Decimal numbers of any size.
#pragma once

#include <hbmux/error.h>

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace hbmux {

/// `unscaled` x 10^-scale, exactly; what Java's BigDecimal is in cells (Bytes.toBytes(BigDecimal)): the scale in four bytes, then the unscaled number in
/// two's complement. A value type. Numbers compare by value: 2.5 and 2.50 are equal (BigDecimal.compareTo). A scale is between -10,000 and
/// 10,000, so that no number makes a program compute without end.
class Decimal {
 public:
  static constexpr int kScaleMax = 10'000;

  Decimal() : Decimal(0) {}
  /// 1250 with the scale 2 is 12.50. Throws hbmux::Exception (Errc::invalid_argument) for a scale beyond the bound.
  explicit Decimal(std::int64_t unscaled, int scale = 0);
  /// "-12.50", "1.5e-7": digits with at most one point, and an exponent if need be. Errc::invalid_argument for anything else.
  static Result<Decimal> parse(std::string_view text);
  /// As they stand in a cell. Errc::invalid_argument for what is no number.
  static Result<Decimal> from_bytes(std::string_view bytes);
  std::string to_bytes() const;

  int scale() const noexcept { return scale_; }
  /// Big-endian, two's complement, as short as possible (BigInteger.toByteArray).
  const std::string& unscaled() const noexcept { return unscaled_; }
  /// -1, 0 or 1.
  int sign() const noexcept;
  /// The same number with so many digits behind the point; rounded, a half to the even neighbour (RoundingMode.HALF_EVEN).
  Decimal with_scale(int scale) const;
  /// The nearest one; infinity beyond its range.
  double to_double() const;
  /// Without an exponent (BigDecimal.toPlainString).
  std::string to_string() const;

  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  /// Its scale is the sum of theirs; where that is beyond the bound, the product is rounded to the bound.
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

 private:
  Decimal(std::string unscaled, int scale) : unscaled_(std::move(unscaled)), scale_(scale) {}
  friend struct DecimalParts;

  std::string unscaled_;
  int scale_;
};

std::ostream& operator<<(std::ostream& out, const Decimal& number);

}  // namespace hbmux
