// Encodings of values, against what HBase 2.6.4 writes (ordered_bytes.txt, made by tests/peers/java/OrderedBytesCases.java).
#include <hbmux/bytes.h>
#include <hbmux/ordered_bytes.h>

#include "tests/support/result_assertions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>
#include <vector>

namespace hbmux {
namespace {

std::string from_hex(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; text != "-" && i + 1 < text.size(); i += 2) bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}
double number(const std::string& text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  return std::strtod(text.c_str(), nullptr);  // knows Infinity
}
float small_number(const std::string& text) { return text == "NaN" ? std::numeric_limits<float>::quiet_NaN() : std::strtof(text.c_str(), nullptr); }
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

struct Case {
  std::string kind, order, value, bytes;
};
std::vector<Case> cases() {
  std::ifstream in(HBMUX_SOURCE_DIR "/tests/unit/core/ordered_bytes.txt");
  std::vector<Case> all;
  for (Case c; in >> c.kind >> c.order >> c.value >> c.bytes;) all.push_back(c);
  return all;
}

TEST(OrderedBytes, AsHBaseWritesAndReadsThem) {
  std::size_t count = 0;
  for (const auto& [kind, order_name, value, hex] : cases()) {
    SCOPED_TRACE(kind + " " + order_name + " " + value);
    if (kind.starts_with("plain")) continue;
    ++count;
    const Order order = order_name == "ascending" ? Order::ascending : Order::descending;
    const std::string wanted = from_hex(hex);
    OrderedBytes out;
    OrderedBytesReader in(wanted);
    const long long integer = std::strtoll(value.c_str(), nullptr, 10);
    if (kind == "null") {
      out.null(order);
      EXPECT_TRUE(in.skip_null());
    } else if (kind == "int8") {
      out.int8(static_cast<std::int8_t>(integer), order);
      EXPECT_EQ(in.int8().value(), integer);
    } else if (kind == "int16") {
      out.int16(static_cast<std::int16_t>(integer), order);
      EXPECT_EQ(in.int16().value(), integer);
    } else if (kind == "int32") {
      out.int32(static_cast<std::int32_t>(integer), order);
      EXPECT_EQ(in.int32().value(), integer);
    } else if (kind == "int64") {
      out.int64(integer, order);
      EXPECT_EQ(in.int64().value(), integer);
    } else if (kind == "numeric_int64") {
      out.numeric(std::int64_t{integer}, order);
      EXPECT_EQ(in.numeric_int64().value(), integer);
    } else if (kind == "numeric_double") {
      out.numeric(number(value), order);
      EXPECT_TRUE(same(in.numeric_double().value(), number(value)));
    } else if (kind == "float32") {
      out.float32(small_number(value), order);
      EXPECT_TRUE(same(in.float32().value(), small_number(value)));
    } else if (kind == "float64") {
      out.float64(number(value), order);
      EXPECT_TRUE(same(in.float64().value(), number(value)));
    } else if (kind == "text") {
      out.text(from_hex(value), order);
      EXPECT_EQ(in.text().value(), from_hex(value));
    } else if (kind == "blob") {
      out.blob(from_hex(value), order);
      EXPECT_EQ(in.blob().value(), from_hex(value));
    } else if (kind == "blob_copy") {
      out.blob_copy(from_hex(value), order);
      EXPECT_EQ(in.blob_copy().value(), from_hex(value));
    } else {
      ADD_FAILURE() << "an unknown kind";
    }
    EXPECT_EQ(out.take().value(), wanted);
    EXPECT_TRUE(in.at_end());
  }
  EXPECT_GT(count, 400u);
}

TEST(Bytes, AsHBaseWritesAndReadsThem) {
  std::size_t count = 0;
  for (const auto& [kind, order, value, hex] : cases()) {
    SCOPED_TRACE(kind + " " + value);
    if (!kind.starts_with("plain")) continue;
    ++count;
    const std::string wanted = from_hex(hex);
    const long long integer = std::strtoll(value.c_str(), nullptr, 10);
    if (kind == "plain16") {
      EXPECT_EQ(bytes::of(static_cast<std::int16_t>(integer)), wanted);
      EXPECT_EQ(bytes::to<std::int16_t>(wanted), integer);
    } else if (kind == "plain32") {
      EXPECT_EQ(bytes::of(static_cast<std::int32_t>(integer)), wanted);
      EXPECT_EQ(bytes::to<std::int32_t>(wanted), integer);
    } else if (kind == "plain64") {
      EXPECT_EQ(bytes::of(std::int64_t{integer}), wanted);
      EXPECT_EQ(bytes::to<std::int64_t>(wanted), integer);
    } else if (kind == "plain_float") {
      EXPECT_TRUE(std::isnan(small_number(value)) || bytes::of(small_number(value)) == wanted);
      EXPECT_TRUE(same(*bytes::to<float>(wanted), small_number(value)));
    } else if (kind == "plain_double") {
      EXPECT_TRUE(std::isnan(number(value)) || bytes::of(number(value)) == wanted);
      EXPECT_TRUE(same(*bytes::to<double>(wanted), number(value)));
    } else if (kind == "plain_bool") {
      EXPECT_EQ(bytes::of(value == "true"), wanted);
      EXPECT_EQ(bytes::to<bool>(wanted), value == "true");
    } else {
      ADD_FAILURE() << "an unknown kind";
    }
  }
  EXPECT_GT(count, 100u);
  EXPECT_EQ(bytes::to<std::int64_t>("1234567"), std::nullopt);
  EXPECT_EQ(bytes::to<std::int32_t>(""), std::nullopt);
}

TEST(OrderedBytes, SortAsTheirValuesDo) {
  std::mt19937_64 random(7);
  std::vector<double> values{0, -0.0, 1e-300, -1e300, 1e22, 5};
  for (int i = 0; i < 2000; ++i) {
    const double mantissa = std::uniform_real_distribution<double>(-1, 1)(random);
    values.push_back(std::ldexp(mantissa, std::uniform_int_distribution<int>(-200, 200)(random)));
    values.push_back(static_cast<double>(std::uniform_int_distribution<int>(-2000, 2000)(random)));
  }
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    const double a = values[i], b = values[i + 1];
    const auto key = [](double value, Order order) { return OrderedBytes().numeric(value, order).float64(value, order).take().value(); };
    if (a == b) continue;
    EXPECT_EQ(key(a, Order::ascending) < key(b, Order::ascending), a < b) << a << ' ' << b;
    EXPECT_EQ(key(a, Order::descending) < key(b, Order::descending), a > b) << a << ' ' << b;
    const std::string bytes = OrderedBytes().numeric(a).take().value();
    EXPECT_EQ(OrderedBytesReader(bytes).numeric_double().value(), a);
  }
}

// As encodeNumeric and decodeNumericAsBigDecimal of HBase 2.6.4 have them.
TEST(OrderedBytes, Decimals) {
  struct Case {
    const char* number;
    const char* hex;
    const char* read;
  };
  for (const auto& [number, hex, read] : {
           Case{"0", "15", "0"},
           Case{"1", "1802", "1"},
           Case{"-1", "12fd", "-1"},
           Case{"10", "1814", "10"},
           Case{"0.1", "16ff14", "0.1"},
           Case{"12.50", "181964", "12.5"},
           Case{"-12.5", "12e69b", "-12.5"},
           Case{"123456789012345678901234567890.123456789", "220f1945719db51945719db51945719db514", "123456789012345678901234567890.1"},
           Case{"-0.00000000000000000000000123", "140bfcd1", "-0.00000000000000000000000123"},
           Case{"99999999999999999999999999999", "220f13c7c7c7c7c7c7c7c7c7c7c7c7c7c6", "99999999999999999999999999999"},
       }) {
    const Decimal value = Decimal::parse(number).value();
    for (const Order order : {Order::ascending, Order::descending}) {
      const std::string key = OrderedBytes().numeric(value, order).take().value();
      if (order == Order::ascending) {
        EXPECT_EQ(key, from_hex(hex)) << number;
      }
      OrderedBytesReader in(key);
      EXPECT_EQ(in.numeric_decimal().value().to_string(), read);
      EXPECT_TRUE(in.at_end());
    }
  }
  const std::string nan = OrderedBytes().numeric(std::nan("")).take().value();
  OrderedBytesReader in(nan);
  HBMUX_EXPECT_ERROR(in.numeric_decimal(), Errc::invalid_argument);
  EXPECT_TRUE(std::isnan(in.numeric_double().value())) << "it stayed where it was";
}

TEST(OrderedBytes, SeveralParts) {
  const std::string key = OrderedBytes().text("ada").int64(-7, Order::descending).numeric(2.5).null().blob(std::string_view("x\0y", 3)).take().value();
  OrderedBytesReader in(key);
  EXPECT_EQ(in.kind(), OrderedBytesReader::Kind::text);
  EXPECT_EQ(in.text().value(), "ada");
  EXPECT_FALSE(in.skip_null());
  HBMUX_EXPECT_ERROR(in.text(), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(in.int32(), Errc::invalid_argument);
  EXPECT_EQ(in.int64().value(), -7);
  HBMUX_EXPECT_ERROR(in.numeric_int64(), Errc::invalid_argument);
  EXPECT_EQ(in.numeric_double().value(), 2.5);
  EXPECT_TRUE(in.skip_null());
  EXPECT_EQ(in.blob().value(), std::string_view("x\0y", 3));
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(in.kind(), std::nullopt);
  HBMUX_EXPECT_ERROR(in.int8(), Errc::invalid_argument);
  EXPECT_LT(OrderedBytes().text("a").text("z").take().value(), OrderedBytes().text("ab").text("a").take().value());
}

TEST(OrderedBytes, WhatCannotBeWrittenIsSaid) {
  HBMUX_EXPECT_ERROR(OrderedBytes().text(std::string_view("a\0b", 3)).take(), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(OrderedBytes().blob_copy(std::string_view("\0", 1), Order::descending).take(), Errc::invalid_argument);
  HBMUX_EXPECT_OK(OrderedBytes().blob_copy(std::string_view("\0", 1)).take());
}

// Every prefix and every changed byte: an error, or another value, and no read beyond the end.
TEST(OrderedBytes, DamagedKeysDoNoHarm) {
  for (const auto& [kind, order, value, hex] : cases()) {
    if (kind.starts_with("plain")) continue;
    const std::string whole = from_hex(hex);
    const auto read_all = [](const std::string& bytes) {
      OrderedBytesReader in(bytes);
      in.skip_null();
      in.int8(), in.int16(), in.int32(), in.int64(), in.float32(), in.float64();
      in.numeric_int64(), in.numeric_double(), in.numeric_decimal(), in.text(), in.blob(), in.blob_copy();
    };
    for (std::size_t length = 0; length < whole.size(); ++length) read_all(whole.substr(0, length));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0xff);
      read_all(changed);
      changed[at] = '\0';
      read_all(changed);
    }
  }
}

}  // namespace
}  // namespace hbmux
