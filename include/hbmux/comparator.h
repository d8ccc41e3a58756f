// What filters and conditions compare stored bytes with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux {

/// HBase's CompareOperator. Read it from left to right with the stored value first: `RowFilter(CompareOperator::less, ...)` keeps rows
/// that are less than the given one. (A CheckAndMutate reads the other way round, as in Java: see there.)
enum class CompareOperator : std::uint8_t { less, less_or_equal, equal, not_equal, greater_or_equal, greater, no_op };

/// A comparator, as the server will make it: the name of its Java class and its serialized form (HBase's ByteArrayComparable). The types
/// below are those that HBase has; `Comparator(class_name, bytes)` is one that was installed at the servers. A value type.
class Comparator {
 public:
  Comparator(std::string class_name, std::string serialized)
      : class_name_(std::move(class_name)), serialized_(std::move(serialized)) {}

  const std::string& class_name() const noexcept { return class_name_; }
  const std::string& serialized() const noexcept { return serialized_; }
  /// What is wrong with it; empty when nothing is.
  const std::string& problem() const noexcept { return problem_; }
  bool operator==(const Comparator&) const = default;

 protected:
  /// One of HBase's own, whose message has `value` inside its first field, or will be set.
  enum class Shape : std::uint8_t { wrapped, none };
  Comparator(std::string_view simple_name, Shape shape, std::string_view value);
  std::string& serialized() noexcept { return serialized_; }
  void set_problem(std::string problem) { problem_ = std::move(problem); }

 private:
  std::string class_name_;
  std::string serialized_;
  std::string problem_;
};

/// Byte by byte, unsigned; the shorter one of two with a common beginning is less.
class BinaryComparator : public Comparator {
 public:
  explicit BinaryComparator(std::string_view value) : Comparator("BinaryComparator", Shape::wrapped, value) {}
};

/// As BinaryComparator, but looks only at as many stored bytes as are given.
class BinaryPrefixComparator : public Comparator {
 public:
  explicit BinaryPrefixComparator(std::string_view prefix) : Comparator("BinaryPrefixComparator", Shape::wrapped, prefix) {}
};

/// Looks at as many stored bytes as are given, from `offset` on.
class BinaryComponentComparator : public Comparator {
 public:
  BinaryComponentComparator(std::string_view value, std::uint32_t offset);
};

/// Combines the stored bytes with the given ones bit by bit; equal when a bit of the outcome is set. Bytes of another length are not equal.
class BitComparator : public Comparator {
 public:
  enum class BitwiseOp : std::uint8_t { bit_and = 1, bit_or = 2, bit_xor = 3 };
  BitComparator(std::string_view value, BitwiseOp op);
};

/// Equal when there is nothing stored.
class NullComparator : public Comparator {
 public:
  NullComparator() : Comparator("NullComparator", Shape::none, {}) {}
};

/// Numbers of eight bytes, big-endian and signed, as `Bytes.toBytes(long)` writes them.
class LongComparator : public Comparator {
 public:
  explicit LongComparator(std::int64_t value);
};

/// Decimal numbers as `Bytes.toBytes(BigDecimal)` writes them: a scale of four bytes and a two's complement number. `decimal` is text such
/// as "-12.50"; its scale is the number of digits behind the point.
class BigDecimalComparator : public Comparator {
 public:
  explicit BigDecimalComparator(std::string_view decimal);
};

/// A regular expression that must be found somewhere in the stored bytes. Only with `equal` and `not_equal`.
class RegexStringComparator : public Comparator {
 public:
  /// JAVA is java.util.regex; JONI is Oniguruma's syntax, and works on bytes.
  enum class Engine : std::uint8_t { java, joni };
  /// The bits of java.util.regex.Pattern.
  static constexpr int kCaseInsensitive = 2;
  static constexpr int kMultiline = 8;
  static constexpr int kDotAll = 32;

  explicit RegexStringComparator(std::string_view pattern, int flags = kDotAll, Engine engine = Engine::java,
                                 std::string_view charset = "UTF-8");
};

/// A text that must be found somewhere in the stored bytes, upper and lower case alike. Only with `equal` and `not_equal`.
class SubstringComparator : public Comparator {
 public:
  explicit SubstringComparator(std::string_view text);
};

}  // namespace hbmux
