// One cell, as a view into bytes that somebody else keeps alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <limits>
#include <string_view>

namespace hbmux {

/// HBase's KeyValue.Type, with its wire numbers.
enum class CellType : std::uint8_t {
  put = 4,
  delete_version = 8,          ///< Deletes one version (Java: Type.Delete).
  delete_family_version = 10,  ///< Deletes all columns of a family at one timestamp.
  delete_column = 12,          ///< Deletes all versions of a column up to a timestamp.
  delete_family = 14,          ///< Deletes a whole family up to a timestamp.
};

/// "Now, by the server's clock": HConstants.LATEST_TIMESTAMP.
inline constexpr std::int64_t kLatestTimestamp = std::numeric_limits<std::int64_t>::max();

/// A view of one cell in HBase's KeyValue layout (KeyValue.java):
///
///     int32 key length | int32 value length | int16 row length | row | int8 family length | family | qualifier
///     | int64 timestamp | int8 type | value [| uint16 tags length | tags]
///
/// A Cell is two words and does not own its bytes: those of a Row live as long as the Row (or a copy of it) does.
/// The bytes were checked when the Cell was made, so that no accessor can fail.
class Cell {
 public:
  Cell() = default;

  std::string_view row() const noexcept { return {data_ + 10, row_length()}; }
  std::string_view family() const noexcept {
    const char* at = data_ + 10 + row_length();
    return {at + 1, static_cast<std::uint8_t>(*at)};
  }
  std::string_view qualifier() const noexcept {
    const char* at = data_ + 10 + row_length();
    at += 1 + static_cast<std::uint8_t>(*at);
    return {at, static_cast<std::size_t>(data_ + 8 + key_length() - 9 - at)};
  }
  /// Milliseconds since 1970, as HBase keeps it.
  std::int64_t timestamp() const noexcept { return static_cast<std::int64_t>(read64(data_ + 8 + key_length() - 9)); }
  CellType type() const noexcept { return static_cast<CellType>(data_[8 + key_length() - 1]); }
  std::string_view value() const noexcept { return {data_ + 8 + key_length(), value_length()}; }
  /// The encoded tags, without their length; empty when there are none.
  std::string_view tags() const noexcept {
    const std::size_t end = 8 + std::size_t{key_length()} + value_length();
    return size_ > end + 2 ? std::string_view(data_ + end + 2, size_ - end - 2) : std::string_view();
  }
  /// The whole KeyValue.
  std::string_view encoded() const noexcept { return {data_, size_}; }

  /// A view of `bytes` as one KeyValue; false when they are not one. Nothing else makes a Cell.
  static bool from_bytes(std::string_view bytes, Cell& out) noexcept;

 private:
  static std::uint32_t read32(const char* p) noexcept {
    return std::uint32_t{static_cast<std::uint8_t>(p[0])} << 24 | std::uint32_t{static_cast<std::uint8_t>(p[1])} << 16 |
           std::uint32_t{static_cast<std::uint8_t>(p[2])} << 8 | std::uint32_t{static_cast<std::uint8_t>(p[3])};
  }
  static std::uint64_t read64(const char* p) noexcept { return std::uint64_t{read32(p)} << 32 | read32(p + 4); }
  std::uint32_t key_length() const noexcept { return read32(data_); }
  std::uint32_t value_length() const noexcept { return read32(data_ + 4); }
  std::uint16_t row_length() const noexcept {
    return static_cast<std::uint16_t>(static_cast<std::uint8_t>(data_[8]) << 8 | static_cast<std::uint8_t>(data_[9]));
  }

  const char* data_ = nullptr;
  std::uint32_t size_ = 0;
};

std::string_view to_string(CellType type) noexcept;  ///< "Put", "DeleteColumn" ..., as Java names them.
/// As Java prints it, without the value: "row/family:qualifier/timestamp/Put/vlen=3", bytes that are no text as "\\x00".
std::ostream& operator<<(std::ostream& out, const Cell& cell);

}  // namespace hbmux
