// Big-endian numbers in strings, as HBase writes them everywhere.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace hbmux::core {

template <class T>
T load_be(const char* at) noexcept {
  std::make_unsigned_t<T> value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2) value = __builtin_bswap16(value);
    if constexpr (sizeof(T) == 4) value = __builtin_bswap32(value);
    if constexpr (sizeof(T) == 8) value = __builtin_bswap64(value);
  }
  return static_cast<T>(value);
}

template <class T>
void store_be(char* at, T number) noexcept {
  auto value = static_cast<std::make_unsigned_t<T>>(number);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2) value = __builtin_bswap16(value);
    if constexpr (sizeof(T) == 4) value = __builtin_bswap32(value);
    if constexpr (sizeof(T) == 8) value = __builtin_bswap64(value);
  }
  std::memcpy(at, &value, sizeof value);
}

template <class T>
void append_be(std::string& out, T number) {
  char bytes[sizeof(T)];
  store_be(bytes, number);
  out.append(bytes, sizeof bytes);
}

/// The shortest row after `row`: `row` and a zero byte.
inline std::string row_after(std::string_view row) { return std::string(row) + '\0'; }

/// The first row behind all that begin with `prefix`; empty when there can be none (ClientUtil.calculateTheClosestNextRowKeyForPrefix).
std::string row_behind_prefix(std::string_view prefix);

/// For logs: printable bytes as they are, others as \xNN (Bytes.toStringBinary).
std::string to_string_binary(std::string_view bytes);
/// The reverse; a backslash that starts no \xNN stands for itself (Bytes.toBytesBinary).
std::string from_string_binary(std::string_view text);

}  // namespace hbmux::core
