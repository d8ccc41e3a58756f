// Comparators as HBase serializes them.
#include "core/bytes.h"
#include "core/java_names.h"

#include <hbmux/comparator.h>
#include <hbmux/pb/Comparator.pb.h>

#include <algorithm>

namespace hbmux {
namespace {

std::string serialize(std::string_view value) {
  pb::BinaryComparator message;  // of the same form: BinaryPrefix, Long, BigDecimal
  message.mutable_comparable()->set_value(value.data(), value.size());
  return message.SerializeAsString();
}

std::string big_endian(std::int64_t value) {
  std::string bytes;
  core::append_be(bytes, value);
  return bytes;
}

// ---------------------------------------------------------------- decimal numbers

/// Adds `digit` behind a magnitude of base 256, most significant byte first.
void append_digit(std::string& magnitude, unsigned digit) {
  unsigned carry = digit;
  for (auto byte = magnitude.rbegin(); byte != magnitude.rend(); ++byte) {
    carry += static_cast<unsigned char>(*byte) * 10U;
    *byte = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  if (carry != 0) magnitude.insert(magnitude.begin(), static_cast<char>(carry));
}

/// The shortest two's complement form, as BigInteger.toByteArray has it.
std::string twos_complement(std::string magnitude, bool negative) {
  if (magnitude.empty()) return std::string(1, '\0');
  magnitude.insert(magnitude.begin(), '\0');
  if (negative) {
    bool carry = true;
    for (auto byte = magnitude.rbegin(); byte != magnitude.rend(); ++byte) {
      *byte = static_cast<char>(~static_cast<unsigned char>(*byte) + (carry ? 1 : 0));
      carry = carry && *byte == 0;
    }
  }
  while (magnitude.size() > 1 && (magnitude[0] == '\0' || magnitude[0] == '\xff') && ((magnitude[0] ^ magnitude[1]) & 0x80) == 0) {
    magnitude.erase(magnitude.begin());
  }
  return magnitude;
}

/// Bytes.toBytes(new BigDecimal(text)); empty when the text is no number.
std::string decimal_bytes(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string magnitude;
  std::int32_t scale = 0;
  bool point = false, digits = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return {};
    digits = true;
    append_digit(magnitude, static_cast<unsigned>(c - '0'));
    if (point) ++scale;
  }
  if (!digits) return {};
  std::string bytes;
  core::append_be(bytes, scale);
  return bytes + twos_complement(std::move(magnitude), negative);
}

}  // namespace

Comparator::Comparator(std::string_view simple_name, Shape shape, std::string_view value)
    : class_name_(std::string(core::kFilterPackage) + std::string(simple_name)) {
  if (shape == Shape::wrapped) serialized_ = serialize(value);
}

BinaryComponentComparator::BinaryComponentComparator(std::string_view value, std::uint32_t offset)
    : Comparator("BinaryComponentComparator", Shape::none, {}) {
  pb::BinaryComponentComparator message;
  message.set_value(value.data(), value.size());
  message.set_offset(offset);
  serialized() = message.SerializeAsString();
}

BitComparator::BitComparator(std::string_view value, BitwiseOp op) : Comparator("BitComparator", Shape::none, {}) {
  pb::BitComparator message;
  message.mutable_comparable()->set_value(value.data(), value.size());
  message.set_bitwise_op(static_cast<pb::BitComparator::BitwiseOp>(op));
  serialized() = message.SerializeAsString();
}

LongComparator::LongComparator(std::int64_t value) : Comparator("LongComparator", Shape::wrapped, big_endian(value)) {}

BigDecimalComparator::BigDecimalComparator(std::string_view decimal)
    : Comparator("BigDecimalComparator", Shape::wrapped, decimal_bytes(decimal)) {
  if (decimal_bytes(decimal).empty()) set_problem("'" + std::string(decimal) + "' is not a decimal number");
}

RegexStringComparator::RegexStringComparator(std::string_view pattern, int flags, Engine engine, std::string_view charset)
    : Comparator("RegexStringComparator", Shape::none, {}) {
  pb::RegexStringComparator message;
  message.set_pattern(std::string(pattern));
  message.set_pattern_flags(flags);
  message.set_charset(std::string(charset));
  message.set_engine(engine == Engine::java ? "JAVA" : "JONI");
  serialized() = message.SerializeAsString();
}

SubstringComparator::SubstringComparator(std::string_view text) : Comparator("SubstringComparator", Shape::none, {}) {
  pb::SubstringComparator message;
  std::string lower(text);
  // Letters beyond ASCII the server makes lower-case itself.
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  message.set_substr(std::move(lower));
  serialized() = message.SerializeAsString();
}

}  // namespace hbmux
