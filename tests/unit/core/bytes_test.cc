#include "core/bytes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace hbmux::core {
namespace {

TEST(Bytes, BigEndianThereAndBack) {
  std::string out;
  append_be<std::int16_t>(out, 0x0102);
  append_be<std::int32_t>(out, -2);
  append_be<std::int64_t>(out, 0x0102030405060708);
  append_be<std::uint8_t>(out, 0xff);
  EXPECT_EQ(out, std::string("\x01\x02\xff\xff\xff\xfe\x01\x02\x03\x04\x05\x06\x07\x08\xff", 15));
  EXPECT_EQ(load_be<std::int16_t>(out.data()), 0x0102);
  EXPECT_EQ(load_be<std::int32_t>(out.data() + 2), -2);
  EXPECT_EQ(load_be<std::uint32_t>(out.data() + 2), 0xfffffffeu);
  EXPECT_EQ(load_be<std::int64_t>(out.data() + 6), 0x0102030405060708);
}

// Numbers inside frames stand at any address.
TEST(Bytes, NeedNoAlignment) {
  alignas(8) char bytes[16] = {};
  for (int offset = 0; offset < 8; ++offset) {
    store_be<std::int64_t>(bytes + offset, INT64_MIN + offset);
    EXPECT_EQ(load_be<std::int64_t>(bytes + offset), INT64_MIN + offset);
  }
}

TEST(Bytes, TheRowAfterARow) {
  EXPECT_EQ(row_after("a"), std::string("a\0", 2));
  EXPECT_EQ(row_after(""), std::string(1, '\0'));
  EXPECT_LT(std::string("a"), row_after("a"));
  EXPECT_LT(row_after("a"), std::string("a\1"));
}

TEST(Bytes, TextForLogs) {
  EXPECT_EQ(to_string_binary(std::string("a\0\xff~ \\\n", 7)), "a\\x00\\xFF~ \\x5C\\x0A");
  EXPECT_EQ(to_string_binary(""), "");
}

TEST(Bytes, TextFromLogs) {
  EXPECT_EQ(from_string_binary("a\\x00\\xfF\\X41"), std::string("a\0\xff"
                                                                "A",
                                                                4));
  // A backslash that begins no hexadecimal byte stands for itself.
  for (std::string text : {"\\", "\\x", "\\x4", "\\xg0", "\\x4g", "\\n", "a\\"}) {
    EXPECT_EQ(from_string_binary(text), text);
  }
}

TEST(Bytes, EveryByteSurvivesTheRoundTrip) {
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  all += "\\x41\\\\x";
  EXPECT_EQ(from_string_binary(to_string_binary(all)), all);
}

}  // namespace
}  // namespace hbmux::core
