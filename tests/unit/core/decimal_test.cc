#include <hbmux/decimal.h>

#include <gtest/gtest.h>

#include <sstream>

namespace hbmux {
namespace {

Decimal decimal(std::string_view text) { return Decimal::parse(text).value(); }
std::string plain(std::string_view text) { return decimal(text).to_string(); }

TEST(DecimalTest, ReadsAndWritesText) {
  EXPECT_EQ(plain("0"), "0");
  EXPECT_EQ(plain("-0.00"), "0.00");
  EXPECT_EQ(plain("12.50"), "12.50");
  EXPECT_EQ(plain("+007"), "7");
  EXPECT_EQ(plain("-.5"), "-0.5");
  EXPECT_EQ(plain("5."), "5");
  EXPECT_EQ(plain("1.5e-7"), "0.00000015");
  EXPECT_EQ(plain("1.5E+3"), "1500");
  EXPECT_EQ(plain("0e3"), "0");
  EXPECT_EQ(plain("123456789012345678901234567890.123456789"), "123456789012345678901234567890.123456789");
  std::ostringstream out;
  out << Decimal(-1250, 2);
  EXPECT_EQ(out.str(), "-12.50");
  for (const char* wrong : {"", "-", ".", "1.2.3", "0x10", "1e", "1e+-3", "1e99999999999", "1e20000", "--1", " 1", "1 ", "e5", "nan"}) {
    EXPECT_EQ(Decimal::parse(wrong).error().code(), Errc::invalid_argument) << wrong;
  }
}

// Bytes as Bytes.toBytes(BigDecimal) of HBase 2.6.4 gives them.
TEST(DecimalTest, HasJavasBytes) {
  const auto bytes = [](std::string_view text) {
    std::string hex;
    for (const char byte : decimal(text).to_bytes()) {
      constexpr char kHex[] = "0123456789abcdef";
      hex += kHex[static_cast<unsigned char>(byte) >> 4];
      hex += kHex[static_cast<unsigned char>(byte) & 15];
    }
    return hex;
  };
  EXPECT_EQ(bytes("0"), "0000000000");
  EXPECT_EQ(bytes("12.50"), "0000000204e2");
  EXPECT_EQ(bytes("-1"), "00000000ff");
  EXPECT_EQ(bytes("127"), "000000007f");
  EXPECT_EQ(bytes("128"), "000000000080");
  EXPECT_EQ(bytes("-128"), "0000000080");
  EXPECT_EQ(bytes("-129"), "00000000ff7f");
  EXPECT_EQ(bytes("255"), "0000000000ff");
  EXPECT_EQ(bytes("-256"), "00000000ff00");
  EXPECT_EQ(bytes("1e3"), "fffffffd01");
  EXPECT_EQ(bytes("18446744073709551616"), "00000000010000000000000000");
  for (const char* text : {"0", "12.50", "-1", "128", "-128", "-129", "1e3", "-18446744073709551616.25"}) {
    const Decimal read = Decimal::from_bytes(decimal(text).to_bytes()).value();
    EXPECT_EQ(read, decimal(text));
    EXPECT_EQ(read.scale(), decimal(text).scale());
  }
  EXPECT_EQ(Decimal::from_bytes(std::string("\0\0\0\2\0\0\4\xe2", 8)).value().to_bytes(), decimal("12.50").to_bytes()) << "made short";
  EXPECT_EQ(Decimal::from_bytes("1234").error().code(), Errc::invalid_argument);
  EXPECT_EQ(Decimal::from_bytes(std::string("\x7f\xff\xff\xff\1", 5)).error().code(), Errc::invalid_argument);
  EXPECT_THROW(Decimal(1, 10'001), Exception);
}

TEST(DecimalTest, ComparesByValue) {
  EXPECT_EQ(decimal("2.5"), decimal("2.50"));
  EXPECT_LT(decimal("-3"), decimal("2.99"));
  EXPECT_LT(decimal("-3"), decimal("-2.99"));
  EXPECT_GT(decimal("1e9999"), decimal("1e-9999"));
  EXPECT_EQ(decimal("0"), decimal("0e5"));
  EXPECT_EQ(decimal("-7").sign(), -1);
  EXPECT_EQ(decimal("0.0").sign(), 0);
}

TEST(DecimalTest, Computes) {
  EXPECT_EQ((decimal("0.1") + decimal("0.2")).to_string(), "0.3");
  EXPECT_EQ((decimal("1") - decimal("1.001")).to_string(), "-0.001");
  EXPECT_EQ((decimal("-1.5") * decimal("0.20")).to_string(), "-0.300");
  EXPECT_EQ((Decimal(INT64_MAX) + Decimal(1)).to_string(), "9223372036854775808");
  EXPECT_EQ((Decimal(INT64_MIN) * Decimal(-1)).to_string(), "9223372036854775808");
  EXPECT_EQ((decimal("1e-9999") * decimal("1e-9999")).sign(), 0) << "rounded to what can be";
  EXPECT_DOUBLE_EQ(decimal("-12.5").to_double(), -12.5);
  EXPECT_EQ(decimal("1e9999").to_double(), std::numeric_limits<double>::infinity());
}

TEST(DecimalTest, RoundsHalvesToEven) {
  const auto rounded = [](std::string_view text, int scale = 0) { return decimal(text).with_scale(scale).to_string(); };
  EXPECT_EQ(rounded("0.5"), "0");
  EXPECT_EQ(rounded("1.5"), "2");
  EXPECT_EQ(rounded("2.5"), "2");
  EXPECT_EQ(rounded("-0.5"), "0");
  EXPECT_EQ(rounded("-1.5"), "-2");
  EXPECT_EQ(rounded("-2.51"), "-3");
  EXPECT_EQ(rounded("1.005", 2), "1.00");
  EXPECT_EQ(rounded("1.015", 2), "1.02");
  EXPECT_EQ(rounded("7", 2), "7.00");
  EXPECT_EQ(rounded("1250", -2), "1200");
}

}  // namespace
}  // namespace hbmux
