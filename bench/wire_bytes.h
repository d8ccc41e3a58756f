// Just enough of protobuf's encoding for a client written by hand. It shares no code with hbmux on purpose: what it is compared
// with must not be able to agree with it by sharing a mistake.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::bench {

inline void put_u32(std::string& out, std::uint32_t v) {
  const char bytes[4] = {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
                         static_cast<char>(v)};
  out.append(bytes, 4);
}
inline void put_u64(std::string& out, std::uint64_t v) {
  put_u32(out, static_cast<std::uint32_t>(v >> 32));
  put_u32(out, static_cast<std::uint32_t>(v));
}
inline std::uint32_t get_u32(const char* at) noexcept {
  const auto byte = [at](int i) { return std::uint32_t{static_cast<unsigned char>(at[i])}; };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

inline void put_varint(std::string& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) out.push_back(static_cast<char>(v | 0x80));
  out.push_back(static_cast<char>(v));
}
inline void put_number(std::string& out, int field, std::uint64_t v) {
  put_varint(out, static_cast<std::uint64_t>(field) << 3);
  put_varint(out, v);
}
inline void put_bytes(std::string& out, int field, std::string_view v) {
  put_varint(out, static_cast<std::uint64_t>(field) << 3 | 2);
  put_varint(out, v.size());
  out.append(v);
}

/// Takes a varint off the front; false when it is cut off.
inline bool take_varint(std::string_view& rest, std::uint64_t& v) noexcept {
  v = 0;
  for (std::size_t i = 0; i < rest.size() && i < 10; ++i) {
    const auto b = static_cast<unsigned char>(rest[i]);
    v |= std::uint64_t{b & 0x7fu} << (7 * i);
    if (b < 0x80) {
      rest.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}
/// Takes `varint length | bytes` off the front.
inline bool take_delimited(std::string_view& rest, std::string_view& part) noexcept {
  std::uint64_t size = 0;
  if (!take_varint(rest, size) || size > rest.size()) return false;
  part = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

/// One field of a message, read in turn: `while (field.next(rest))`.
struct Field {
  int number = 0;
  std::uint64_t value = 0;  ///< Of a varint or fixed field.
  std::string_view bytes;   ///< Of a length-delimited field.

  bool next(std::string_view& rest) noexcept {
    std::uint64_t tag = 0;
    if (rest.empty() || !take_varint(rest, tag)) return false;
    number = static_cast<int>(tag >> 3);
    switch (tag & 7) {
      case 0: return take_varint(rest, value);
      case 2: return take_delimited(rest, bytes);
      case 1: return skip(rest, 8);
      case 5: return skip(rest, 4);
      default: return false;
    }
  }

 private:
  static bool skip(std::string_view& rest, std::size_t size) noexcept {
    if (rest.size() < size) return false;
    rest.remove_prefix(size);
    return true;
  }
};

/// The first field with this number, or empty.
inline std::string_view find_bytes(std::string_view message, int number) noexcept {
  for (Field f; f.next(message);) {
    if (f.number == number) return f.bytes;
  }
  return {};
}
inline std::uint64_t find_number(std::string_view message, int number) noexcept {
  for (Field f; f.next(message);) {
    if (f.number == number) return f.value;
  }
  return 0;
}

}  // namespace hbmux::bench
