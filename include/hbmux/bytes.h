// Numbers as bytes, in the form that HBase's own Bytes gives them.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace hbmux::bytes {

/// What Bytes.toBytes takes: integers of 16, 32 and 64 bits, float and double.
template <class T>
concept Number = (std::integral<T> && !std::same_as<T, bool> && sizeof(T) >= 2) || std::same_as<T, float> || std::same_as<T, double>;

template <Number T>
using BitsOf = std::conditional_t<sizeof(T) == 2, std::uint16_t, std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;

/// Big-endian, two's complement or IEEE 754: Bytes.toBytes. Counters (Increment) are std::int64_t. Negative numbers sort behind positive ones in
/// this form; for keys that sort see OrderedBytes.
template <Number T>
std::string of(T number) {
  const auto bits = std::bit_cast<BitsOf<T>>(number);
  std::string out(sizeof(T), '\0');
  for (std::size_t i = 0; i < sizeof(T); ++i) out[i] = static_cast<char>(bits >> (8 * (sizeof(T) - 1 - i)));
  return out;
}
/// Bytes.toBytes(boolean): one byte, 0 or -1.
inline std::string of(std::same_as<bool> auto yes) { return std::string(1, yes ? '\xff' : '\0'); }

/// The reverse; nothing when `bytes` are not just as many as a T has. `bytes::to<std::int64_t>(*row.value("f", "q"))`
template <class T>
  requires Number<T> || std::same_as<T, bool>
std::optional<T> to(std::string_view bytes) noexcept {
  if constexpr (std::same_as<T, bool>) {
    if (bytes.size() != 1) return std::nullopt;
    return bytes[0] != '\0';
  } else {
    if (bytes.size() != sizeof(T)) return std::nullopt;
    std::uint64_t bits = 0;
    for (const char byte : bytes) bits = bits << 8 | static_cast<unsigned char>(byte);
    return std::bit_cast<T>(static_cast<BitsOf<T>>(bits));
  }
}

}  // namespace hbmux::bytes
